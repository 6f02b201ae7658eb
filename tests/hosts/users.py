"""Login users of this machine for plain hosts, made for a test and removed again. Their names start with `hlt-`."""
import contextlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hosts import keys, processes

SUDOERS = Path("/etc/sudoers.d")
# Shells of users who may not or cannot run commands as a shell of POSIX does.
NOLOGIN = "/usr/sbin/nologin"
FISH = """#!/bin/sh
# Stands in for fish: what fish doesn't have, it refuses as fish does.
case "$2" in
    *'$('*'='* | *'export '*=* | [A-Za-z_]*=*[!\\ ]) echo "fish: Unsupported use of '='. In fish, please use 'set NAME VALUE'." >&2; exit 127 ;;
    *'<<'*) echo "fish: Expected a string, but found a redirection" >&2; exit 127 ;;
esac
exec /bin/sh "$@"
"""


@dataclass
class User:
    """A user: name, private key's file, password (empty: none), home folder."""

    name: str
    identity: Path
    password: str
    home: Path

    def rc(self, text):
        """Gives the user a .bashrc, which bash reads for commands over SSH too."""
        write(self, ".bashrc", text)

    def ssh_rc(self, text):
        """Gives the user a ~/.ssh/rc, which sshd runs before each command."""
        write(self, ".ssh/rc", text)

    def profile(self, text):
        """Gives the user a .profile, which login shells read."""
        write(self, ".profile", text)


def write(user, path, text):
    file = user.home / path
    file.parent.mkdir(exist_ok=True, mode=0o700)
    file.write_text(text)
    entry = pwd.getpwnam(user.name)
    for made in (file.parent, file):
        os.chown(made, entry.pw_uid, entry.pw_gid)


@contextlib.contextmanager
def user(group, kind, password="", sudo=None, shell="/bin/bash"):
    """A user who may log in on all hosts of a group, by key and, with a password, by password.

    `sudo` is "free" (NOPASSWD), "password" (sudo asks for it), "terminal" (it wants one) or None. `shell` may be "nologin" or "fish", a stand-in.
    """
    made = create(group, kind, password, shell)
    try:
        group.authorize(made.name, made.identity)
        if sudo:
            allow_sudo(made.name, sudo)
        yield made
    finally:
        remove(made.name)


def prefix(slot):
    """What the names of a slot's users start with."""
    return f"hlt-{slot.number}-"


def create(group, kind, password, shell):
    name = f"{prefix(group.slot)}{kind}"
    home = group.slot.folder / "home" / name
    home.parent.mkdir(exist_ok=True, mode=0o755)
    remove(name)
    keys.call("useradd", "--create-home", "--home-dir", home, "--shell", path_of(group, shell), "--skel", "/dev/null", name)
    secret = hashed(password) if password else "*"
    keys.call("usermod", "--password", secret, name)
    home.mkdir(exist_ok=True)
    entry = pwd.getpwnam(name)
    os.chown(home, entry.pw_uid, entry.pw_gid)
    return User(name, keys.make(group.slot.folder / f"id_{name}"), password, home)


def path_of(group, shell):
    if shell == "nologin":
        return NOLOGIN
    if shell != "fish":
        return shell
    file = group.slot.folder / "fish"
    file.write_text(FISH)
    file.chmod(0o755)
    return str(file)


def hashed(password):
    done = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password + "\n", capture_output=True, text=True, check=True)
    return done.stdout.strip()


def allow_sudo(name, sudo):
    file = SUDOERS / name
    wish = f"Defaults:{name} requiretty\n" if sudo == "terminal" else ""
    file.write_text(f"{wish}{name} ALL=(ALL:ALL) {'' if sudo == 'password' else 'NOPASSWD: '}ALL\n")
    file.chmod(0o440)


def remove(name):
    """Ends a user's processes and takes the user out of this machine; does nothing if there's none."""
    (SUDOERS / name).unlink(missing_ok=True)
    try:
        uid = pwd.getpwnam(name).pw_uid
    except KeyError:
        return
    processes.end(pid for pid in processes.every() if owner(pid) == uid)
    keys.call("userdel", "--force", name)


def owner(pid):
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return None


def clean(slot):
    """Removes all users of a slot."""
    for entry in pwd.getpwall():
        if entry.pw_name.startswith(prefix(slot)):
            remove(entry.pw_name)
