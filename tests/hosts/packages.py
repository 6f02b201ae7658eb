"""The tiny Debian packages of the test repository."""
from dataclasses import dataclass, field
from pathlib import Path

from hosts import debian
from hosts.keys import call

UNIT = """[Unit]
Description=A service that only sleeps

[Service]
ExecStart=/bin/sleep infinity

[Install]
WantedBy=multi-user.target
"""
ENABLE = "#!/bin/sh\nset -e\n[ \"$1\" != configure ] || systemctl enable --now --quiet hl-service.service\n"
DISABLE = "#!/bin/sh\nset -e\n[ \"$1\" != remove ] || systemctl disable --now --quiet hl-service.service\n"


@dataclass
class Package:
    """A package: `files` has its files by path, `control` more of what belongs to dpkg: scripts and conffiles."""

    name: str
    version: str
    depends: str = ""
    files: dict = field(default_factory=dict)
    control: dict = field(default_factory=dict)

    def build(self, folder):
        """Makes the .deb in a folder; gives its file."""
        tree = Path(folder) / f"{self.name}_{self.version}"
        depends = f"Depends: {self.depends}\n" if self.depends else ""
        debian.write(tree, "DEBIAN/control", f"Package: {self.name}\nVersion: {self.version}\nArchitecture: all\n"
                     f"Maintainer: Tests <tests@homelab.invalid>\n{depends}Description: {self.name}, for tests\n")
        for path, text in self.control.items():
            debian.write(tree, f"DEBIAN/{path}", text, 0o644 if path == "conffiles" else 0o755)
        for path, text in self.files.items():
            debian.write(tree, path, text, 0o755 if "/bin/" in path else 0o644)
        file = Path(folder) / f"{self.name}_{self.version}_all.deb"
        call("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", tree, file)
        call("rm", "-r", tree)
        return file


def hello(version):
    return Package("hl-hello", version, files={"usr/bin/hl-hello": f"#!/bin/sh\necho hello {version}\n"})


def conf(version):
    return Package("hl-conf", version, files={"etc/hl-conf.conf": f"# {version}\nvalue = {version}\n"},
                   control={"conffiles": "/etc/hl-conf.conf\n"})


def every():
    """What the repository has; `hl-conf` 1.1 brings another conffile than 1.0."""
    return [
        hello("1.0"), hello("1.1"), conf("1.0"), conf("1.1"),
        Package("hl-world", "1.0", depends="hl-hello", files={"usr/bin/hl-world": "#!/bin/sh\nhl-hello\necho world\n"}),
        Package("hl-service", "1.0", files={"usr/lib/systemd/system/hl-service.service": UNIT},
                control={"postinst": ENABLE, "prerm": DISABLE}),
    ]
