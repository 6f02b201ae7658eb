"""Builds Debian root file systems with mmdebstrap, from the mirror that the machine's own apt uses."""
import os
import re
import shlex
import subprocess
from pathlib import Path

SUITE = "trixie"
APT = Path("/etc/apt")
# Documents and translations are half of a small system, and no test reads them.
OPTIONS = [
    "--mode=root", "--quiet", "--components=main",
    "--aptopt=Acquire::Languages \"none\"", "--aptopt=APT::Install-Recommends \"false\"",
    "--dpkgopt=force-unsafe-io",
    *(f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in ("doc", "man", "info", "locale", "lintian")),
]
# The build dies with whoever started it, and its mounts with it: pid 1 of its process namespace is killed.
TIED = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def mirror():
    """The address of Debian's archive in the machine's apt configuration."""
    files = [*sorted((APT / "sources.list.d").glob("*.sources")), *sorted((APT / "sources.list.d").glob("*.list")), APT / "sources.list"]
    text = "\n".join(file.read_text() for file in files if file.is_file())
    found = re.findall(r"^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(https?://\S+/debian)/?(?:\s|$)", text, re.MULTILINE)
    if not found:
        raise RuntimeError("the machine's apt configuration names no Debian mirror")
    return found[0]


def install(root, packages, early=None, without=()):
    """Installs Debian with these packages into the folder `root`.

    Files of the folder `early` are there before the packages; files `without` (patterns) are left out of them.
    """
    hook = [f"--essential-hook=cp -r {shlex.quote(str(early))}/. \"$1\""] if early else []
    command = [*TIED, "mmdebstrap", *OPTIONS, "--variant=minbase", *hook, *(f"--dpkgopt=path-exclude={path}" for path in without),
               f"--include={','.join(packages)}", SUITE, str(root), mirror()]
    done = subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"mmdebstrap failed with {done.returncode}:\n{done.stderr[-4000:]}")


def inside(root, *command):
    """Runs a program of the root in it, with /proc there."""
    script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
    done = subprocess.run([*TIED, "sh", "-c", script, str(root), *command], env=environment(), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed with {done.returncode}:\n{done.stdout}{done.stderr}")


def environment():
    """What tests pass down, such as certificates and proxies of the language tools, is not for a package's scripts."""
    plain = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    return plain | {name: value for name, value in os.environ.items() if name.lower() in ("http_proxy", "https_proxy", "no_proxy", "tmpdir")}


def write(root, path, text, mode=0o644):
    """Writes a file below `root`, and the folders above it."""
    file = Path(root) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)


def mask(root, *units):
    """Masks units: systemd never starts them."""
    for unit in units:
        link(root, f"etc/systemd/system/{unit}", "/dev/null")


def link(root, path, target):
    """Makes a symbolic link below `root`, in place of what is there."""
    file = Path(root) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.symlink_to(target)


def neutral(root):
    """Takes out what names a machine: its id, its name, its host keys, and where packages come from."""
    write(root, "etc/machine-id", "")
    sources = Path(root, "etc/apt/sources.list.d")
    gone = [Path(root, "etc/hostname"), Path(root, "etc/apt/sources.list"), *sources.glob("*"), *Path(root, "etc/ssh").glob("ssh_host_*")]
    for file in [*gone, *Path(root, "var/lib/apt/lists").glob("*_*")]:
        file.unlink(missing_ok=True)
