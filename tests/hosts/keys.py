"""Makes keys, certificates and agents with OpenSSH's own tools."""
import contextlib
import os
import subprocess
from pathlib import Path


def call(*arguments, **more):
    """Runs a tool that must succeed; gives what it printed."""
    done = subprocess.run([str(a) for a in arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def make(file, passphrase="", kind="ed25519"):
    """A new private key in a file, with its public half beside it; gives the file."""
    file = Path(file)
    for old in (file, public_file(file)):
        old.unlink(missing_ok=True)
    call("ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", file.name, "-f", file)
    return file


def public_file(file):
    return Path(f"{file}.pub")


def public(file):
    """The public half: kind and key, without the comment."""
    return " ".join(public_file(file).read_text().split()[:2])


def fingerprint(file):
    """The fingerprint, `SHA256:…`."""
    return call("ssh-keygen", "-l", "-f", public_file(file)).split()[1]


def sign(authority, file, principal, lifetime="+1h"):
    """Signs a key's public half for a user; gives the certificate's file."""
    call("ssh-keygen", "-q", "-s", authority, "-I", principal, "-n", principal, "-V", lifetime, public_file(file))
    return Path(f"{file}-cert.pub")


@contextlib.contextmanager
def agent(*files, passphrase=None, folder):
    """An agent that holds these keys; gives the path of its socket, for SSH_AUTH_SOCK."""
    socket, ask = Path(folder) / "agent.sock", Path(folder) / "askpass"
    child = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            if child.poll() is not None:
                raise RuntimeError("ssh-agent ended at once")
        ask.write_text('#!/bin/sh\nprintf "%s\\n" "$HLT_PASSPHRASE"\n')
        ask.chmod(0o700)
        environment = os.environ | {"SSH_AUTH_SOCK": str(socket), "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force",
                                    "HLT_PASSPHRASE": passphrase or ""}
        for file in files:
            call("ssh-add", "-q", file, env=environment)
        yield str(socket)
    finally:
        child.kill()
        child.wait()
        socket.unlink(missing_ok=True)
        ask.unlink(missing_ok=True)
