"""Hosts with a booted systemd, by systemd-nspawn in network namespaces: three answer after some 2 s, one costs 12 MB.

Each has a root of its own over the shared base, and one interface, `host0`, which ifupdown2 manages by
/etc/network/interfaces. Kernel, clock, memory and PCI devices are the machine's: for those there's `vm`.
"""
import contextlib
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from hosts import base, cgroup, debian, keys, network, processes, slots
from hosts.host import Host

TOOLS = ["mmdebstrap", "systemd-nspawn", "ip", "unshare", "nsenter", "ssh", "ssh-keygen"]
# Runs until the host powers off: --keep-unit ends nspawn at a reboot, with 133. A boot finds its network as hardware
# leaves it: one interface, without an address. Without the tmpfs nspawn looks for a system bus of this machine.
RUN = """
echo $BASHPID > {group}/cgroup.procs
exec unshare --mount --propagation private sh -c '
mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd
mount -t overlay overlay -o lowerdir={base},upperdir={work}/upper,workdir={work}/overlay {work}/root
while :; do
    for link in $(ip -n {space} -brief link | cut -d" " -f1 | cut -d@ -f1); do
        case $link in
            lo) ;;
            host0) ip -n {space} link set host0 nomaster down; ip -n {space} addr flush dev host0 ;;
            *) ip -n {space} link del $link ;;
        esac
    done
    systemd-nspawn --quiet --directory={work}/root --machine={space} --hostname={name} --register=no --keep-unit --boot \\
        --network-namespace-path=/run/netns/{space} --capability=CAP_NET_ADMIN --console=pipe
    [ $? = 133 ] || break
done'
"""
# The two usual ways: the address is the interface's own, or that of a bridge as on a Proxmox VE host.
DIRECT = """auto lo
iface lo inet loopback

auto host0
iface host0 inet static
    address {address}/24
"""
BRIDGED = """auto lo
iface lo inet loopback

iface host0 inet manual

auto vmbr0
iface vmbr0 inet static
    address {address}/24
    bridge-ports host0
    bridge-stp off
    bridge-fd 0
"""


@dataclass
class Booted(Host):
    """A booted host; also its state on this machine."""

    space: str = ""
    base: Path = None
    work: Path = None
    link: str = ""
    group: cgroup.Group = None
    runner: subprocess.Popen = field(default=None, repr=False)

    def start(self):
        """Switches it on; `wait` waits until it answers."""
        self.group = cgroup.Group(self.space)
        self.group.open()
        script = RUN.format(group=self.group.folder, base=self.base, work=self.work, space=self.space, name=self.name)
        environment = os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"}
        with open(self.work / "console", "ab") as log:
            self.runner = subprocess.Popen(["bash", "-c", script], env=environment, start_new_session=True,
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self):
        """Switches it off at once, as if its power failed; `start` switches it on again."""
        self.group.end()
        self.runner.wait(timeout=10)

    def unplug(self):
        """Takes its cable out."""
        network.ip("link", "set", self.link, "down")

    def plug(self):
        """Puts its cable in again."""
        network.ip("link", "set", self.link, "up")

    def execute(self, *argv, timeout=60):
        """Runs a program inside from this machine, without SSH; gives `returncode`, `stdout` and `stderr` as text."""
        init = cgroup.init_of(self.group)
        if not init:
            raise RuntimeError(f"{self.name} isn't running")
        command = ["nsenter", "-t", str(init), "-m", "-u", "-i", "-n", "-p", "--", *argv]
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout, check=False)

    def processes(self):
        """Its processes as this machine sees them: `pid`, `argv`, `environment`."""
        return [processes.process(pid) for pid in cgroup.inside(self.group)]

    def file(self, path):
        """The file of this machine in which the host's file lies if the host wrote it since it was made."""
        return self.work / "upper" / path.lstrip("/")

    def console(self):
        return (self.work / "console").read_text(errors="replace")


def lacking():
    """Why booted hosts can't be had here; nothing if they can."""
    if os.getuid():
        return "booted hosts need root"
    lack = [tool for tool in TOOLS if not shutil.which(tool)]
    if lack:
        return f"no {lack[0]}"
    return None if cgroup.mounted() else "no cgroup v2 is mounted"


@contextlib.contextmanager
def hosts(names, interfaces=DIRECT, start=True, more=()):
    """Booted hosts of these names, with root's login by key; they answer when the block begins.

    `interfaces` is the text of /etc/network/interfaces; `more` names Debian packages that they have beside. Without `start` the hosts are off: call `start` and `wait`.
    """
    with slots.taken("b", clean) as slot:
        subnet = f"10.77.{slot.number}"
        network.bridge(slot.name, f"{subnet}.1/24")
        identity = keys.make(slot.folder / "id_root")
        root = base.root(more)
        made = [prepare(slot, identity, root, name, f"{subnet}.{11 + place}") for place, name in enumerate(names)]
        for host in made:
            debian.write(host.work / "upper", "etc/network/interfaces", interfaces.format(address=host.address))
        if start:
            for host in made:
                host.start()
            for host in made:
                wait(host)
        yield made


def wait(host, seconds=60):
    try:
        host.wait(seconds)
    except TimeoutError as error:
        raise RuntimeError(f"{error}\n{host.console()[-4000:]}") from error


def prepare(slot, identity, root, name, address):
    """All of a host but its power."""
    work, last = slot.folder / name, int(address.rpartition(".")[2])
    for folder in ("upper", "overlay", "root"):
        (work / folder).mkdir(parents=True)
    work.chmod(0o755)
    space, link = f"{slot.name}-{last}", f"{slot.name}v{last}"
    network.namespace(space)
    network.pair(link, "host0", space, mac=f"02:00:0a:4d:{slot.number:02x}:{last:02x}")
    network.ip("link", "set", link, "master", slot.name, "up")
    host_key = keys.make(work / "host_key")
    personal(work / "upper", name, address, identity, host_key)
    return Booted(name, address, 22, "root", str(identity), keys.public(host_key), keys.fingerprint(host_key),
                  space=space, base=root, work=work, link=link)


def personal(upper, name, address, identity, host_key):
    """The files that make a host this host."""
    upper.chmod(0o755)
    debian.write(upper, "root/.ssh/authorized_keys", keys.public(identity) + "\n", 0o600)
    debian.write(upper, "etc/ssh/ssh_host_ed25519_key", host_key.read_text(), 0o600)
    debian.write(upper, "etc/ssh/ssh_host_ed25519_key.pub", keys.public(host_key) + "\n")
    debian.write(upper, "etc/hosts", f"127.0.0.1 localhost\n{address} {name}\n")
    # ifupdown2 writes there, and Debian's iproute2 has the folder no more.
    (upper / "etc/iproute2/rt_tables.d").mkdir(parents=True, exist_ok=True)
    for folder, mode in (("root", 0o700), ("root/.ssh", 0o700), ("etc", 0o755), ("etc/ssh", 0o755)):
        (upper / folder).chmod(mode)


def clean(slot):
    """Ends the hosts of a slot and removes their network."""
    for group in cgroup.all_named(f"{slot.name}-"):
        group.end()
    network.remove(f"{slot.name}-")
    for link in network.named(f"{slot.name}v")[1] + [name for name in network.named(slot.name)[1] if name == slot.name]:
        network.gone("link", "del", link)
