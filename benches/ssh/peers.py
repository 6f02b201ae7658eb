"""The tools that homelab stands beside, in a Python environment of their own."""
import os
import subprocess
import sys
from pathlib import Path

# The newest versions that work together: Mitogen says which Ansible it takes.
VERSIONS = {"ansible-core": "2.19.14", "mitogen": "0.3.54", "pyinfra": "3.10.0"}


def folder():
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = "-".join(f"{tool}-{version}" for tool, version in VERSIONS.items())
    return home / "homelab" / "peers" / f"{name}-python{sys.version_info.major}.{sys.version_info.minor}"


def installed():
    """The environment's folder; installs what is missing."""
    place = folder()
    if not (place / "whole").exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        wanted = [f"{tool}=={version}" for tool, version in VERSIONS.items()]
        subprocess.run([place / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True,
                       stdin=subprocess.DEVNULL)
        (place / "whole").write_text("")
    return place


def mitogen_strategy():
    """The folder of Mitogen's strategies."""
    found = next(installed().glob("lib/python*/site-packages/ansible_mitogen/plugins/strategy"))
    return found
