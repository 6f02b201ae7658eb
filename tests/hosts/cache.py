"""Keeps what is slow to build, such as a root file system, in the user's cache folder.

An entry is named by a hash of its recipe, built in a folder with a temporary name under a lock, and renamed when it's
whole. A kill leaves only a folder that the next build of that name removes.
"""
import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from pathlib import Path

# Entries of older recipes that nobody used this long are removed by the next build.
UNUSED_SECONDS = 14 * 24 * 3600


def folder():
    """The folder of all entries, which only its owner can read: some entries have private keys."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = home / "homelab" / "hosts"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def locked(path):
    """Holds an exclusive lock on a file; a kill gives it back."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def entry(name, recipe, build):
    """The folder of an entry. If it isn't there, `build(folder)` fills it: `recipe` has all that the result depends on."""
    key = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    whole = folder() / f"{name}-{key}"
    if not whole.exists():
        with locked(folder() / f"{name}.lock"):
            if not whole.exists():
                sweep(name)
                fill(whole, build)
    os.utime(whole)
    return whole


def fill(whole, build):
    half = whole.with_name(whole.name + ".half")
    half.mkdir()
    try:
        build(half)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    half.rename(whole)


def sweep(name):
    """Removes broken builds and old recipes of a name."""
    for path in folder().glob(f"{name}-*"):
        if path.name.endswith(".half") or time.time() - path.stat().st_mtime > UNUSED_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
