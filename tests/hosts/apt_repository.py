"""A small signed apt repository, served over http to the hosts of a test."""
import contextlib
import email.utils
import functools
import gzip
import hashlib
import http.server
import os
import subprocess
import tempfile
import threading
from pathlib import Path

from hosts import packages
from hosts.keys import call

SUITE = "homelab"
TOOLS = ["dpkg-deb", "gpg", "gpgconf"]


class Repository:
    """A repository: `url`, `key` (ASCII armoured) and `folder`; `requests` has the paths that were asked for."""

    def __init__(self, folder):
        self.folder, self.requests, self.url = Path(folder) / "www", [], None
        self.gpg = os.environ | {"GNUPGHOME": str(Path(folder) / "gpg")}
        Path(folder, "gpg").mkdir(mode=0o700)
        (self.folder / "pool").mkdir(parents=True)
        self.sign("--quick-generate-key", "Homelab tests <tests@homelab.invalid>", "ed25519", "sign", "1d")
        self.key = self.sign("--armor", "--export")

    def sign(self, *arguments):
        """Calls gpg with the repository's own key ring."""
        return call("gpg", "--batch", "--quiet", "--yes", "--passphrase", "", "--pinentry-mode", "loopback", *arguments, env=self.gpg)

    def close(self):
        subprocess.run(["gpgconf", "--kill", "all"], env=self.gpg, capture_output=True, check=False)

    def add(self, *new):
        """Builds packages into the repository and signs its index anew."""
        for package in new:
            package.build(self.folder / "pool")
        self.publish()

    def publish(self):
        """Writes and signs the index of what lies in the pool."""
        suite = self.folder / "dists" / SUITE
        place = suite / "main" / f"binary-{architecture()}"
        place.mkdir(parents=True, exist_ok=True)
        index = "\n".join(self.paragraph(file) for file in sorted((self.folder / "pool").glob("*.deb"))).encode()
        (place / "Packages").write_bytes(index)
        (place / "Packages.gz").write_bytes(gzip.compress(index))
        (suite / "Release").write_text(self.release(suite, [place / "Packages", place / "Packages.gz"]))
        self.sign("--clearsign", "--output", suite / "InRelease", suite / "Release")
        self.sign("--armor", "--detach-sign", "--output", suite / "Release.gpg", suite / "Release")

    def paragraph(self, file):
        return (call("dpkg-deb", "--field", file).strip() + f"\nFilename: pool/{file.name}\nSize: {file.stat().st_size}\n"
                f"SHA256: {digest(file)}\n")

    def release(self, suite, files):
        lines = [f" {digest(file)} {file.stat().st_size} {file.relative_to(suite)}" for file in files]
        return (f"Origin: Homelab tests\nLabel: Homelab tests\nSuite: {SUITE}\nCodename: {SUITE}\nDate: {email.utils.formatdate(usegmt=True)}\n"
                f"Architectures: {architecture()}\nComponents: main\nSHA256:\n" + "\n".join(lines) + "\n")

    def source(self, keyring="/etc/apt/keyrings/homelab.asc"):
        """The text of a .sources file, for a host that has the key in this file."""
        return f"Types: deb\nURIs: {self.url}\nSuites: {SUITE}\nComponents: main\nSigned-By: {keyring}\n"

    def tamper_package(self, name):
        """Changes a package's files behind the index: their hashes are wrong now, their sizes aren't."""
        for file in (self.folder / "pool").glob(f"{name}_*.deb"):
            data = bytearray(file.read_bytes())
            data[-1] ^= 1
            file.write_bytes(data)

    def tamper_index(self):
        """Changes the signed index: its signature is wrong now."""
        for name in ("InRelease", "Release"):
            file = self.folder / "dists" / SUITE / name
            file.write_text(file.read_text().replace("Label: Homelab tests", "Label: Somebody else"))


def digest(file):
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


@functools.cache
def architecture():
    return call("dpkg", "--print-architecture").strip()


@contextlib.contextmanager
def served(address="127.0.0.1", content=None, port=0):
    """A repository of these packages, or of all that `packages` knows, served on a port, or one that the kernel gives."""
    with tempfile.TemporaryDirectory(prefix="hlrepository-") as folder:
        repository = Repository(folder)
        try:
            repository.add(*(packages.every() if content is None else content))
            with server(address, port, repository) as taken:
                repository.url = f"http://{address}:{taken}"
                yield repository
        finally:
            repository.close()


@contextlib.contextmanager
def server(address, port, repository):
    class Handler(http.server.SimpleHTTPRequestHandler):
        """Serves the folder and notes what was asked for."""

        def log_message(self, *_):
            repository.requests.append(self.path)

    one = http.server.ThreadingHTTPServer((address, port), functools.partial(Handler, directory=repository.folder))
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield one.server_address[1]
    finally:
        one.shutdown()
        one.server_close()
        thread.join()
