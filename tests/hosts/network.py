"""Network namespaces, joined to the machine by a bridge of our own or by a pair of interfaces.

Nothing of it leaves the machine: namespaces have no default route, and forward nothing.
"""
import contextlib
import subprocess
from pathlib import Path

from hosts import processes
from hosts.keys import call

NAMESPACES = Path("/run/netns")


def ip(*arguments, inside=None):
    """Runs `ip`, in a namespace if one is named."""
    return call("ip", *(["-n", inside] if inside else []), *arguments)


def gone(*arguments):
    """Removes with `ip` what may not be there."""
    subprocess.run(["ip", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)


def bridge(name, address):
    """A bridge with an address on this machine's side."""
    ip("link", "add", name, "type", "bridge")
    ip("addr", "add", address, "dev", name)
    ip("link", "set", name, "up")


def namespace(name):
    """An empty namespace, with its loopback up."""
    ip("netns", "add", name)
    ip("link", "set", "lo", "up", inside=name)


def pair(near, far, inside, mac=None):
    """A pair of interfaces: `near` stays here, `far` lies in a namespace."""
    ip("link", "add", near, "type", "veth", "peer", "name", far, *(["address", mac] if mac else []), "netns", inside)


def address(device, value, inside=None):
    ip("addr", "add", value, "dev", device, inside=inside)
    ip("link", "set", device, "up", inside=inside)


def named(prefix):
    """The namespaces and the interfaces of this machine whose names start so."""
    spaces = [path.name for path in NAMESPACES.glob(f"{prefix}*")] if NAMESPACES.is_dir() else []
    links = [path.name for path in Path("/sys/class/net").glob(f"{prefix}*")]
    return spaces, links


def remove(prefix):
    """Removes namespaces with all processes in them, and interfaces, whose names start so."""
    spaces, links = named(prefix)
    for space in spaces:
        with contextlib.suppress(RuntimeError):
            processes.end(int(pid) for pid in ip("netns", "pids", space).split())
        gone("netns", "del", space)
    for link in links:
        gone("link", "del", link)
