"""What the parts of the suite share: counted checks, labs in folders of their own, served twins."""
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# So that a part finds the package `hosts`.
sys.path.append(str(ROOT / "tests"))
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HOMELAB = Path(os.environ.get("HOMELAB", TARGET / "release/homelab")).absolute()
# Values like those of a real lab; twins that are compared with each other need the same ones.
VALUES = {"CLUSTER_NAME": "homelab", "PROXMOX_PASSWORD": "rehearsal-password"}
PHASE1 = "runbooks/phase1.rhai"


class Part:
    """Counts the checks of a part and prints its closing line."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def check(self, what, ok, detail=""):
        """Counts one check; a failed one is printed with its detail."""
        if ok:
            self.passed += 1
            print(f"ok      {what}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {what}" + (f"\n{indent(detail)}" if detail else ""), flush=True)
        return ok

    def leave_out(self, why):
        """Ends the part: it can't run here."""
        print(f"{self.name}: left out: {why}")
        sys.exit(0)

    def finish(self):
        """Prints the counts and ends the part."""
        print(f"{self.name}: {self.passed} passed, {self.failed} failed")
        sys.exit(0 if self.failed == 0 and self.passed else 1)


def indent(text, limit=4000):
    text = str(text)
    text = text if len(text) <= limit else text[: limit // 2] + "\n[…]\n" + text[-limit // 2:]
    return "\n".join("        " + line for line in text.splitlines())


def free_address():
    """An address on loopback whose port was free a moment ago: where bare machines ask for their answer files."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


class Answer:
    """What a command answered."""

    def __init__(self, done):
        self.code = done.returncode
        self.stdout, self.stderr = done.stdout.decode(), done.stderr.decode()

    @classmethod
    def of(cls, child, timeout=300):
        """What a child answers that was started before."""
        stdout, stderr = child.communicate(timeout=timeout)
        return cls(subprocess.CompletedProcess(child.args, child.returncode, stdout, stderr))

    def events(self):
        return [json.loads(line) for line in self.stdout.splitlines()]

    def last(self):
        lines = self.stdout.splitlines()
        return json.loads(lines[-1]) if lines else {}

    def __str__(self):
        return f"exit code {self.code}\n{self.stdout}\n{self.stderr}"


class Lab:
    """A lab in a folder of its own, gone at the end of a with block."""

    def __init__(self, source=ROOT, scripts=True, values=None, installed=False):
        self.folder = Path(tempfile.mkdtemp(prefix="homelab-"))
        shutil.copytree(source / "docs", self.folder / "docs")
        if (source / "twin.rhai").exists():
            shutil.copy(source / "twin.rhai", self.folder)
        if scripts:
            shutil.copytree(ROOT / "runbooks", self.folder / "runbooks")
        if installed:
            (self.folder / "twin.rhai").write_text("#{ installed: true }\n")
        self.values = dict(VALUES if values is None else values)
        self.listen = free_address()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return self.folder / name

    def environment(self, **more):
        """Nothing of the environment that the suite itself runs in, except where programs are found."""
        found = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOMELAB_LISTEN": self.listen}
        return {**found, **self.values, **more}

    def start(self, *arguments, **more):
        return subprocess.Popen(
            [HOMELAB, *arguments], cwd=self.folder, env=self.environment(**more),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *arguments, timeout=300, **more):
        return Answer(subprocess.run(
            [HOMELAB, *arguments], cwd=self.folder, env=self.environment(**more), timeout=timeout,
            stdin=subprocess.DEVNULL, capture_output=True, check=False))

    @contextlib.contextmanager
    def serve(self, *arguments):
        """Serves the lab's twin; gives its first line, which is kept in serve.json."""
        with open(self.path("serve.err"), "wb") as errors:
            child = subprocess.Popen(
                [HOMELAB, "twin", "serve", "--json", "--answers", f"http://{self.listen}/", *arguments],
                cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        try:
            line = child.stdout.readline().decode()
            if not line:
                raise RuntimeError("the twin isn't served: " + self.path("serve.err").read_text())
            self.path("serve.json").write_text(line)
            yield json.loads(line)
        finally:
            child.terminate()
            child.wait(timeout=30)
            child.stdout.close()
