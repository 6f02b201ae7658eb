"""Numbers what runs at the same time, so that names and addresses of two starts never meet.

A slot is held by the lock of a file, which the kernel frees when its holder dies. A slot that nobody holds but that has
leftovers belonged to a start that was killed: whoever starts next cleans them.
"""
import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from hosts import processes

SLOTS = 16
# One place for all of this machine, whatever cache and temporary folder a start has: names and addresses are machine-wide.
LOCKS = next((path for path in ("/run/lock", "/var/lock") if os.access(path, os.W_OK)), "/tmp")


class Slot:
    """A number, the name that all of its things start with, and its temporary folder."""

    def __init__(self, kind, number):
        self.number, self.name = number, f"hl{kind}{number}"
        self.folder = None

    def open(self):
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        # Users that log in read their keys below it.
        self.folder.chmod(0o711)

    def clean(self):
        """Ends the processes that hold a file or folder of this slot, and removes its folders."""
        for folder in Path(tempfile.gettempdir()).glob(f"{self.name}-*"):
            if folder.stat().st_uid != os.getuid():
                continue
            processes.end(processes.using(folder))
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def taken(kind, clean=lambda slot: None):
    """Holds the lowest free slot of a kind; `clean(slot)` removes what else is named for a slot, before and after."""
    locks = {number: held for number in range(SLOTS) if (held := lock(kind, number))}
    if not locks:
        raise RuntimeError(f"all {SLOTS} starts of this kind are in use")
    slots = {number: Slot(kind, number) for number in locks}
    mine = min(slots)
    try:
        for number, slot in slots.items():
            sweep(slot, clean)
            if number != mine:
                locks.pop(number).close()
        slots[mine].open()
        yield slots[mine]
    finally:
        sweep(slots[mine], clean)
        for held in locks.values():
            held.close()


def sweep(slot, clean):
    clean(slot)
    slot.clean()


def lock(kind, number):
    """The locked file of a slot, or nothing if somebody has it."""
    path = f"{LOCKS}/homelab-hosts-{os.getuid()}-{kind}{number}"
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
