"""Runs a tool once and says what it took."""
import os
import resource
import statistics
import subprocess
import time
from dataclasses import dataclass, field


@dataclass
class Took:
    """Seconds of the clock, of this machine's processors for the tool, and of the hosts'; the tool's peak of memory."""

    wall: float
    cpu: float
    hosts: float
    memory: float  # MiB
    # What went over the link to a host, where that was counted: connections, round trips, bytes.
    links: dict = field(default_factory=dict)


@dataclass
class Series:
    """What a tool took in all rounds."""

    all: list = field(default_factory=list)

    def least(self, what="wall"):
        return min(getattr(took, what) for took in self.all)

    def middle(self, what="wall"):
        return statistics.median(getattr(took, what) for took in self.all)


def once(tool, kind, hosts=None):
    """Runs a tool; a failure is shown whole."""
    command = tool.command(kind)
    log = tool.folder / f"{kind}.log"
    before = hosts.cpu() if hosts is not None else 0.0
    began = time.monotonic()
    with open(log, "wb") as file:
        child = subprocess.Popen(command, cwd=tool.folder, env=tool.environment(), stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        used = reap(child)
    wall = time.monotonic() - began
    if child.returncode:
        raise RuntimeError(f"{tool.name}, {kind}: ended with {child.returncode}\n{log.read_text(errors='replace')[-6000:]}")
    after = hosts.cpu() if hosts is not None else 0.0
    tool.check(kind)
    return Took(wall, used.ru_utime + used.ru_stime, after - before, used.ru_maxrss / 1024)


def reap(child):
    """Waits for a child; gives what it and all its own children used."""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert isinstance(used, resource.struct_rusage)
    return used


def rotated(tools, number):
    """The tools, with another one first in each round."""
    at = number % len(tools)
    return tools[at:] + tools[:at]
