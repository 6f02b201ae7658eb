"""A folder of cgroup v2, whose processes are ended all at once."""
import contextlib
import os
import time
from pathlib import Path


def mounted():
    """Where cgroup v2 is mounted; nothing if it isn't."""
    for line in Path("/proc/mounts").read_text().splitlines():
        fields = line.split()
        if fields[2] == "cgroup2" and "rw" in fields[3].split(","):
            return Path(fields[1])
    return None


class Group:
    """A folder below the mount, made by `open` and removed by `end`."""

    def __init__(self, name):
        self.folder = mounted() / name

    def open(self):
        self.folder.mkdir()

    def pids(self):
        """The processes of the folder and all below."""
        found = []
        # A folder may go meanwhile; `os.walk` goes on then.
        for folder, _, _ in os.walk(self.folder):
            with contextlib.suppress(OSError):
                found += [int(pid) for pid in Path(folder, "cgroup.procs").read_text().split()]
        return found

    def end(self, seconds=20):
        """Kills all processes and removes the folder. A folder that was killed isn't used again: in one, new services died at once."""
        deadline = time.monotonic() + seconds
        while self.folder.exists():
            with contextlib.suppress(OSError):
                (self.folder / "cgroup.kill").write_text("1")
            with contextlib.suppress(OSError):
                self.remove()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.folder} still has the processes {self.pids()}")
            time.sleep(0.01)

    def remove(self):
        folders = [path for path in self.folder.rglob("*") if path.is_dir()]
        for path in sorted(folders, key=lambda path: len(path.parts), reverse=True):
            path.rmdir()
        self.folder.rmdir()


def all_named(prefix):
    """The groups whose names start so."""
    top = mounted()
    return [Group(path.name) for path in top.glob(f"{prefix}*") if path.is_dir()] if top else []


def inside(group):
    """The group's processes that have a process namespace of their own: this machine's id, and the one in there."""
    found = {}
    for pid in group.pids():
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text()
            ids = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:"))
            if len(ids) > 1:
                found[pid] = int(ids[-1])
    return found


def init_of(group):
    """This machine's id of the process that is pid 1 in there; nothing if there's none."""
    return next((pid for pid, inner in inside(group).items() if inner == 1), None)
