"""Two plain hosts of which the second is reached only through the first: it lies in a network that only that one has."""
import contextlib
import os
import shutil

from hosts import network, plain, slots


def lacking():
    """Why these hosts can't be had here; nothing if they can."""
    if os.getuid():
        return "a jump host needs root"
    return "no ip" if not shutil.which("ip") else plain.lacking()


@contextlib.contextmanager
def hosts(jump_options=None, inner_options=None):
    """The jump host and the inner one, in a group. From this machine the inner one's network is unreachable at once."""
    with slots.taken("j", clean) as slot:
        outer, inner = f"10.78.{slot.number}", f"10.79.{slot.number}"
        connect(slot.name, outer, inner)
        with plain.group() as made:
            made.add(f"{outer}.2", jump_options, space=f"{slot.name}-jump").start()
            made.add(f"{inner}.2", inner_options, space=f"{slot.name}-inner").start()
            yield made


def connect(name, outer, inner):
    """Lays a pair of interfaces to the jump host's namespace, and one from there to the inner host's."""
    for space in ("jump", "inner"):
        network.namespace(f"{name}-{space}")
    network.pair(f"{name}v", "outer", f"{name}-jump")
    network.address(f"{name}v", f"{outer}.1/24")
    network.address("outer", f"{outer}.2/24", f"{name}-jump")
    network.ip("link", "add", "inner", "type", "veth", "peer", "name", "jump", "netns", f"{name}-inner", inside=f"{name}-jump")
    network.address("inner", f"{inner}.1/24", f"{name}-jump")
    network.address("jump", f"{inner}.2/24", f"{name}-inner")
    network.ip("route", "add", "unreachable", f"{inner}.0/24")


def clean(slot):
    """Removes namespaces, interfaces and the route of a slot."""
    network.remove(f"{slot.name}-")
    network.gone("link", "del", f"{slot.name}v")
    network.gone("route", "del", "unreachable", f"10.79.{slot.number}.0/24")
