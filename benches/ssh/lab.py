"""The hosts of the benchmark: booted Debian systems with a systemd, a package manager and users of their own."""
import contextlib
import dataclasses
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))

from hosts import apt_repository, booted, debian, keys, packages  # noqa: E402

import delay  # noqa: E402
import work  # noqa: E402

# What Ansible's modules need on a host.
PYTHON = ("python3", "python3-apt")
ADMIN, UID = "admin", 900


class Hosts(list):
    """Booted hosts; `user` is who the tools log in as, `near` how they are reached: directly, or through proxies."""

    def __init__(self, hosts):
        super().__init__(hosts)
        self.user, self.near, self.proxies = ADMIN, list(hosts), []

    def cpu(self):
        """Seconds of processor that the hosts have used."""
        used = 0
        for host in self:
            stat = (host.group.folder / "cpu.stat").read_text()
            used += int(next(line.split()[1] for line in stat.splitlines() if line.startswith("usage_usec")))
        return used / 1e6

    def links(self):
        """What went over the link to a host since this was asked last, where there are proxies that count."""
        if not self.proxies:
            return {}
        taken = [one.taken() for one in self.proxies]
        whole = {"connections": sum(map(len, taken)), "trips": sum(len(one.trips) for links in taken for one in links),
                 "login": sum(login_trips(host, links) for host, links in zip(self, taken)),
                 "bytes": sum(one.bytes for links in taken for one in links)}
        return {name: round(value / len(self), 1) for name, value in whole.items()}

    def each(self, script):
        """What a script prints on each host, run from this machine without SSH."""
        printed = []
        for host in self:
            done = host.execute("sh", "-c", script, timeout=300)
            printed.append(done.stdout + done.stderr)
        return printed

    def slow_rc(self, seconds):
        """Gives root a start file that takes its time, or takes it away."""
        self.each(f"echo 'sleep {seconds}' >/root/.bashrc" if seconds else "rm -f /root/.bashrc")

    @contextlib.contextmanager
    def behind(self, milliseconds):
        """Puts a proxy before each host that adds so much to a round trip, half of it each way."""
        self.proxies = [delay.Delay(host.address, host.port, milliseconds / 2000) for host in self]
        before, self.near = self.near, [dataclasses.replace(host, address=one.address, port=one.port)
                                       for host, one in zip(self, self.proxies)]
        try:
            yield self.proxies
        finally:
            self.near = before
            for one in self.proxies:
                one.close()
            self.proxies = []


ACCEPTED = re.compile(r"^([\d.]+) .* Accepted publickey for \S+ from \S+ port (\d+) ")


def login_trips(host, connections):
    """How many trips had reached a host when it let the client in, by the time in its own log."""
    if not connections:
        return 0
    log = host.execute("sh", "-c", "journalctl --sync; journalctl -q -o short-unix -t sshd -t sshd-session").stdout
    accepted = {int(found[2]): float(found[1]) for found in map(ACCEPTED.match, log.splitlines()) if found}
    return sum(sum(at <= accepted[one.port] for at in one.trips) for one in connections)


@contextlib.contextmanager
def hosts(count):
    """So many hosts on which none of the tasks is done."""
    names = [f"b{n}" for n in range(1, count + 1)]
    with booted.hosts(names, start=False, more=PYTHON) as made:
        for host in made:
            furnish(host)
        content = [packages.Package(name, "1.0", files={f"usr/share/{name}": f"{name}\n"}) for name in work.PACKAGES]
        address = made[0].address.rpartition(".")[0] + ".1"
        with apt_repository.served(address, content) as repository:
            for host in made:
                upper = host.work / "upper"
                debian.write(upper, "etc/apt/keyrings/homelab.asc", repository.key)
                debian.write(upper, "etc/apt/sources.list.d/bench.sources", repository.source())
                host.start()
            for host in made:
                booted.wait(host)
            all_hosts = Hosts(made)
            said = all_hosts.each("rm -f /etc/apt/sources.list /etc/apt/sources.list.d/[!b]*; apt-get -q update && "
                                  "mkdir -p /var/lib/apt/periodic && touch /var/lib/apt/periodic/update-success-stamp; "
                                  "systemctl daemon-reload")
            if not all("Fetched" in text or "Hit" in text for text in said):
                raise RuntimeError("\n".join(said))
            yield all_hosts


def furnish(host):
    """The administrator, the folder and the units that are there before the tasks."""
    upper = host.work / "upper"
    debian.write(upper, "etc/bench/README", "Files of the benchmark\n")
    for unit in work.UNITS:
        debian.write(upper, f"etc/systemd/system/{unit}", work.UNIT)
    debian.write(upper, "etc/sudoers.d/admin", f"{ADMIN} ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    base = host.base
    for file, line in (("passwd", f"{ADMIN}:x:{UID}:{UID}::/home/{ADMIN}:/bin/bash"), ("group", f"{ADMIN}:x:{UID}:"),
                       ("shadow", f"{ADMIN}:*:20000:0:99999:7:::")):
        text = (base / "etc" / file).read_text()
        debian.write(upper, f"etc/{file}", f"{text}{line}\n", 0o600 if file == "shadow" else 0o644)
    debian.write(upper, f"home/{ADMIN}/.ssh/authorized_keys", keys.public(Path(host.identity)) + "\n", 0o644)
    for folder, mode in (("home", 0o755), (f"home/{ADMIN}", 0o755), (f"home/{ADMIN}/.ssh", 0o755), ("etc/sudoers.d", 0o755),
                         ("etc/bench", 0o755), ("etc/apt", 0o755), ("etc/apt/keyrings", 0o755), ("etc/apt/sources.list.d", 0o755)):
        (upper / folder).mkdir(exist_ok=True, parents=True)
        (upper / folder).chmod(mode)
    for path in (f"home/{ADMIN}", f"home/{ADMIN}/.ssh", f"home/{ADMIN}/.ssh/authorized_keys"):
        os.chown(upper / path, UID, UID)
