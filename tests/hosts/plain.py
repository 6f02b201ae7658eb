"""Plain sshd on loopback addresses: ten answer after some 0.3 s, one costs 5 MB. No namespaces, no privileges needed.

Commands run on this machine, as whoever logs in: as root there may be users of their own (`users`), else only yourself.
"""
import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from hosts import keys, processes, slots, users
from hosts.host import Host

SSHD = "/usr/sbin/sshd"
DEFAULTS = {
    "AuthenticationMethods": "any", "KbdInteractiveAuthentication": "no", "PasswordAuthentication": "no", "PermitRootLogin": "yes",
    "PermitUserRC": "yes", "PrintMotd": "no", "StrictModes": "no", "Subsystem": "sftp internal-sftp", "UseDNS": "no", "UsePAM": "no",
}


@dataclass
class Plain(Host):
    """An sshd of its own; `options` are directives of sshd_config."""

    folder: Path = None
    options: dict = field(default_factory=dict)
    space: str = ""
    pid: int = 0

    def start(self):
        """Starts the listener. A port that somebody else took meanwhile is replaced if the host never ran."""
        for _ in range(20):
            self.configure()
            inside = ["ip", "netns", "exec", self.space] if self.space else []
            done = subprocess.run([*inside, SSHD, "-f", self.folder / "conf", "-E", self.folder / "log"],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            if done.returncode == 0 and self.listening():
                return
            if "Address already in use" not in self.log() or self.space:
                break
            self.port = free_port(self.address)
            (self.folder / "log").unlink()
        raise RuntimeError(f"sshd doesn't start: {done.stderr}{self.log()}")

    def listening(self):
        """Whether the listener wrote its id; it does so only after it has the port."""
        file = self.folder / "pid"
        with contextlib.suppress(TimeoutError):
            processes.wait_until(lambda: (file.exists() and file.read_text().strip()) or "Cannot bind" in self.log(), 5, "sshd's id")
        text = file.read_text().strip() if file.exists() else ""
        self.pid = int(text) if text else 0
        return bool(self.pid)

    def configure(self):
        """Writes sshd_config. A `Banner` is the text itself."""
        (self.folder / "pid").unlink(missing_ok=True)
        options = DEFAULTS | self.options
        if "Banner" in options and options["Banner"] != "none":
            (self.folder / "banner").write_text(options["Banner"])
            options["Banner"] = self.folder / "banner"
        lines = [f"ListenAddress {self.address}:{self.port}", f"HostKey {self.folder}/host_key", f"PidFile {self.folder}/pid",
                 f"AuthorizedKeysFile {self.folder.parent}/authorized/%u", f"SetEnv HOMELAB_HOST={self.folder}"]
        (self.folder / "conf").write_text("\n".join([*lines, *(f"{name} {value}" for name, value in options.items())]) + "\n")

    def set(self, **options):
        """Changes directives for connections from now on; running sessions stay."""
        self.options |= options
        self.stop_listener()
        self.start()

    def log(self):
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def sessions(self):
        """The processes `sshd: USER@…` that carry the connections."""
        titles = {pid: " ".join(processes.read(pid, "cmdline")) for pid in processes.using(self.folder)}
        return [pid for pid, title in titles.items() if title.startswith("sshd") and "@" in title and "[priv]" not in title]

    def kill_sessions(self):
        """Kills the sessions in the middle: the client is cut off, what runs on the host lives on."""
        processes.end(self.sessions())

    def freeze_sessions(self):
        """Stops the sessions: connections stay and nothing answers."""
        processes.send(self.sessions(), signal.SIGSTOP)

    def thaw_sessions(self):
        """Lets frozen sessions go on."""
        processes.send(self.sessions(), signal.SIGCONT)

    def stop_listener(self):
        """Ends the listener alone: new connections are refused, sessions stay. `start` starts it again."""
        if self.pid:
            processes.end([self.pid])
        self.pid = 0

    def stop(self):
        """Ends listener, sessions and what they run."""
        self.stop_listener()
        processes.end(processes.using(self.folder))

    def change_host_key(self):
        """Gives it another host key, as a host has that was installed anew; the host knows it from now on."""
        self.stop_listener()
        own_key(self)
        self.start()

    def left_behind(self):
        """The processes that commands started on it, with their arguments."""
        marked = [processes.process(pid) for pid in processes.every()]
        return [one for one in marked if f"HOMELAB_HOST={self.folder}" in one.environment]


class Group(list):
    """Plain hosts that share their users."""

    def __init__(self, slot):
        super().__init__()
        self.slot = slot
        self.identity = keys.make(slot.folder / "id_default")
        (slot.folder / "authorized").mkdir(mode=0o755)
        self.authorize(getpass.getuser(), self.identity)

    def authorize(self, user, identity):
        """Lets a user log in with a key, beside those that the user has."""
        with open(self.slot.folder / "authorized" / user, "a") as file:
            file.write(keys.public(identity) + "\n")

    def revoke(self, user):
        """Takes all keys from a user."""
        (self.slot.folder / "authorized" / user).write_text("")

    def authority(self):
        """A certificate authority whose users all hosts let in; gives its private key. Sign with `keys.sign`."""
        file = self.slot.folder / "authority"
        if not file.exists():
            keys.make(file)
            for host in self:
                host.set(TrustedUserCAKeys=keys.public_file(file))
        return file

    def user(self, kind, **more):
        """A login user for the length of a with block, see `users.user`."""
        return users.user(self, kind, **more)

    def add(self, address, options=None, space=""):
        """Prepares one more host, which isn't started."""
        name = f"plain{len(self) + 1}"
        folder = self.slot.folder / name
        folder.mkdir(mode=0o755)
        port = 22 if space else free_port(address)
        host = Plain(name, address, port, getpass.getuser(), str(self.identity), "", "", folder, dict(options or {}), space)
        own_key(host)
        self.append(host)
        return host


def own_key(host):
    file = keys.make(host.folder / "host_key")
    host.host_key, host.fingerprint = keys.public(file), keys.fingerprint(file)


def free_port(address):
    """A port that the kernel gives; somebody may take it before sshd does."""
    with socket.socket() as one:
        one.bind((address, 0))
        return one.getsockname()[1]


def lacking():
    """Why plain hosts can't be had here; nothing if they can."""
    return next((f"no {tool}" for tool in (SSHD, "ssh", "ssh-keygen", "ssh-agent") if not shutil.which(tool)), None)


@contextlib.contextmanager
def group():
    """An empty group, whose hosts and users are gone at the end of the block."""
    with slots.taken("p", clean) as slot:
        if not os.getuid():
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        yield Group(slot)


@contextlib.contextmanager
def hosts(wanted=1):
    """So many hosts, or one for each dict of sshd_config directives in a list; they answer when the block begins."""
    options = [{}] * wanted if isinstance(wanted, int) else wanted
    with group() as made:
        for place, directives in enumerate(options):
            made.add(f"127.0.1.{place + 1}", directives).start()
        yield made


def clean(slot):
    """Removes the users of a slot; its processes go with its folder."""
    if not os.getuid():
        users.clean(slot)
