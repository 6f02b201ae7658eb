"""A virtual machine with its own kernel, GRUB, initramfs, PCI devices and IOMMU, by QEMU without KVM.

The first start makes a snapshot of the booted machine; later ones resume it. Two empty disks are at
/dev/disk/by-id/virtio-data1 and -data2, and a spare network card, the "card", is behind a port of its own. LVM, an
iSCSI target (tgt) and initiator and an NFS server are installed; the servers aren't started. ifupdown2 is there too, but
a unit of its own gives the address.

Measured on two cores that were busy with other work too, load 3 to 8: disk 70 to 130 s, first boot and snapshot 120 to
175 s, resume 9 to 21 s, cold boot 63 to 93 s, reboot 115 to 240 s, update-grub 20 to 35 s, update-initramfs 85 to 176 s
(with all of its hooks it started twice as many programs). On an idle machine nothing was measured.
"""
import contextlib
import inspect
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from hosts import cache, keys, processes, qemu, slots, vm_image
from hosts.host import Host

DISKS = {"data1": "1G", "data2": "1G"}
CARD = "8086:100e"
# Under emulation, on cores that others use too.
BOOT_SECONDS = 900
# For a client that would take a machine for dead that says nothing for some seconds.
PATIENT = "ServerAliveInterval 20"


@dataclass
class Vm(Host):
    """The virtual machine."""

    folder: Path = None
    machine: qemu.Qemu = field(default=None, repr=False)

    def start(self, snapshot=None):
        """Switches it on, or resumes a snapshot; `wait` waits until it answers."""
        disks = {serial: self.folder / f"{serial}.qcow2" for serial in DISKS}
        self.machine = qemu.Qemu(qemu.command(self.folder / "system.qcow2", disks, self.folder / "monitor", snapshot), self.folder)
        self.port = self.machine.port()

    def kill(self):
        """Switches it off at once, as if its power failed; `start` switches it on again."""
        self.machine.quit()

    def reboot(self, seconds=BOOT_SECONDS):
        """Reboots it and waits until it answers; gives the new boot's id."""
        before = self.boot_id()
        self.run("systemctl reboot")
        return processes.wait_until(lambda: (found := self.boot_id()) not in (before, "") and found, seconds, "the reboot", pause=1)

    def wait(self, seconds=BOOT_SECONDS):
        """Waits until a login works: just after a boot the first one takes some seconds."""
        processes.wait_until(lambda: self.answers() and self.boot_id(), seconds, "a login to the virtual machine", pause=1)

    def set_clock(self):
        """Gives it this machine's time, which a resumed snapshot doesn't have."""
        self.output(f"date --utc --set=@{time.time():.0f}")

    def console(self):
        file = self.folder / "console"
        return file.read_text(errors="replace") if file.exists() else ""


def lacking():
    """Why a virtual machine can't be had here; nothing if it can."""
    return "building its disk needs root" if os.getuid() else qemu.lacking()


@contextlib.contextmanager
def host():
    """The virtual machine, resumed from its snapshot; it answers when the block begins.

    Logins go without PAM: a session of systemd-logind would make each of them a third slower.
    """
    warm = snapshot()
    with slots.taken("v") as slot:
        for file in warm.glob("*.qcow2"):
            qemu.copy(file, slot.folder / file.name)
        with running(slot.folder, "warm") as vm:
            vm.set_clock()
            vm.output("echo UsePAM no > /etc/ssh/sshd_config.d/tests.conf; systemctl restart ssh")
            yield vm


@contextlib.contextmanager
def running(folder, snapshot_name=None):
    """The machine whose disks lie in a folder."""
    image = vm_image.folder()
    identity = shutil.copy(image / "identity", folder / "identity")
    vm = Vm("vm1", "127.0.0.1", 0, "root", str(identity), keys.public(image / "host_key"), keys.fingerprint(image / "host_key"), folder)
    vm.start(snapshot_name)
    try:
        vm.wait()
        yield vm
    except (TimeoutError, RuntimeError) as error:
        raise RuntimeError(f"{error}\n{vm.machine.state()}\n{vm.console()[-4000:]}") from error
    finally:
        vm.kill()


def snapshot():
    """The folder of the disks with the snapshot `warm`, made if needed."""
    image = vm_image.folder()
    # What decides whether a snapshot can be resumed; waits and texts don't.
    recipe = "\n".join([str(image), qemu.version(), f"{qemu.CPU} {qemu.MEMORY} {DISKS}",
                        *map(inspect.getsource, (qemu.command, qemu.drive, first_boot))])
    return cache.entry("vm-warm", recipe, lambda folder: first_boot(image, folder))


def first_boot(image, folder):
    """Boots the disk once, lets the machine write its own menu of GRUB, and keeps it as it runs."""
    with slots.taken("w") as slot:
        qemu.overlay(slot.folder / "system.qcow2", image / "disk")
        for serial, size in DISKS.items():
            qemu.overlay(slot.folder / f"{serial}.qcow2", size=size)
        with running(slot.folder) as vm:
            vm.output("systemctl is-system-running --wait || true; update-grub; sync", timeout=BOOT_SECONDS)
            vm.machine.save("warm")
        for file in slot.folder.glob("*.qcow2"):
            shutil.move(file, folder / file.name)
