"""A host that answers to SSH, and OpenSSH's own client to talk to it."""
import contextlib
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hosts import processes

QUIET = ["-oLogLevel=ERROR", "-oBatchMode=yes", "-oIdentitiesOnly=yes", "-oConnectTimeout=10"]


@dataclass
class Host:
    """Where a host is and how to log in; `identity` is a private key's file, `host_key` its public host key."""

    name: str
    address: str
    port: int
    user: str
    identity: str
    host_key: str
    fingerprint: str

    FIELDS = ("name", "address", "port", "user", "identity", "host_key", "fingerprint")

    def as_dict(self):
        """The fields that the command line prints."""
        return {field: getattr(self, field) for field in self.FIELDS}

    def known_hosts(self):
        """The line that belongs into a known_hosts file."""
        return f"[{self.address}]:{self.port} {self.host_key}" if self.port != 22 else f"{self.address} {self.host_key}"

    def ssh(self, *options, identity=None, user=None):
        """The arguments of OpenSSH's client up to the command: it accepts no other host key than ours."""
        known = Path(self.identity).with_name(f"{self.name}.known_hosts")
        line = self.known_hosts() + "\n"
        # Not written anew without need: another thread's client may be reading it.
        if not known.exists() or known.read_text() != line:
            known.write_text(line)
        return ["ssh", "-F", "none", *QUIET, f"-oUserKnownHostsFile={known}", "-oStrictHostKeyChecking=yes", *options,
                "-i", str(identity or self.identity), "-p", str(self.port), f"{user or self.user}@{self.address}"]

    def run(self, command, *options, timeout=60, **login):
        """Runs a command over SSH; gives `returncode`, `stdout` and `stderr` as text."""
        return subprocess.run([*self.ssh(*options, **login), command], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=timeout, check=False)

    def output(self, command, **more):
        """What a command that must succeed printed."""
        done = self.run(command, **more)
        if done.returncode:
            raise RuntimeError(f"{self.name}: {command} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def boot_id(self):
        """The id of the running boot as SSH gives it; empty while the host doesn't answer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.run("cat /proc/sys/kernel/random/boot_id", "-oConnectTimeout=5", timeout=20).stdout.strip()
        return ""

    def answers(self):
        """Whether a server says "SSH-" on the port."""
        try:
            with socket.create_connection((self.address, self.port), timeout=2) as link:
                link.settimeout(5)
                return link.recv(4) == b"SSH-"
        except OSError:
            return False

    def wait(self, seconds=60):
        """Waits until SSH answers."""
        processes.wait_until(self.answers, seconds, f"{self.name} to answer on {self.address}:{self.port}", pause=0.05)
