"""Reads /proc: who runs, with which arguments, and who holds a folder's files. Ends processes by their id."""
import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process as /proc shows it; `argv` and `environment` are lists of strings."""

    pid: int
    argv: list
    environment: list


def every():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def read(pid, what):
    """The NUL separated strings of /proc/PID/WHAT; none if the process is gone."""
    try:
        data = Path(f"/proc/{pid}/{what}").read_bytes()
    except OSError:
        return []
    return [part.decode(errors="replace") for part in data.rstrip(b"\0").split(b"\0")] if data else []


def process(pid):
    return Process(pid, read(pid, "cmdline"), read(pid, "environ"))


def parent(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def descendants(pid):
    """The processes below `pid`, parents first."""
    children = {}
    for one in every():
        children.setdefault(parent(one), []).append(one)
    found, todo = [], [pid]
    while todo:
        new = children.get(todo.pop(0), [])
        found += new
        todo += new
    return found


def using(folder):
    """The processes that name a folder in their arguments or environment, work in it, or hold a file of it open."""
    return [pid for pid in every() if pid != os.getpid() and uses(pid, str(folder))]


def uses(pid, folder):
    if any(folder in text for what in ("cmdline", "environ") for text in read(pid, what)):
        return True
    links = [f"/proc/{pid}/cwd"]
    with contextlib.suppress(OSError):
        links += [entry.path for entry in os.scandir(f"/proc/{pid}/fd")]
    return any(target(link).startswith(folder + "/") or target(link) == folder for link in links)


def target(link):
    try:
        return os.readlink(link)
    except OSError:
        return ""


def send(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def alive(pid):
    """Whether a process runs; one that only waits for its parent doesn't."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def end(pids, seconds=10):
    """Kills processes and waits until they are gone."""
    pids = list(pids)
    send(pids, signal.SIGKILL)
    wait_until(lambda: not any(map(alive, pids)), seconds, f"the end of processes {pids}")


def wait_until(true, seconds, what, pause=0.02):
    """Waits until `true()`; its value, or an error that names what was waited for."""
    end_time = time.monotonic() + seconds
    while not (value := true()):
        if time.monotonic() > end_time:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(pause)
    return value
