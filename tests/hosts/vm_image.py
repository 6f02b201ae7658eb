"""The disk of the virtual machine: Debian with its own kernel, started by GRUB. Made without loop devices or mounts."""
import inspect
import struct
import subprocess
import uuid
from pathlib import Path

from hosts import cache, debian, keys

PACKAGES = """systemd systemd-sysv dbus libpam-systemd udev linux-image-amd64 grub-pc grub2-common initramfs-tools openssh-server
sudo iproute2 iputils-ping procps e2fsprogs kmod pciutils lvm2 open-iscsi tgt nfs-kernel-server nfs-common ifupdown2 python3-minimal curl
ca-certificates zstd""".split()
MASKED = """apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
getty.target man-db.timer systemd-pstore.service systemd-networkd.service systemd-networkd.socket systemd-resolved.service
systemd-timesyncd.service systemd-binfmt.service logrotate.timer ldconfig.service
systemd-journal-catalog-update.service systemd-hwdb-update.service""".split()
# A boot takes a minute as it is: a test starts of these what it needs.
NOT_AT_BOOT = """networking.service tgt.service nfs-server.service nfs-kernel-server.service nfs-client.target nfs-blkmap.service
nfs-common.service rpcbind.service rpcbind.socket rpc-statd.service open-iscsi.service iscsid.service remote-fs.target
grub-common.service""".split()
# Drivers of what the emulated board has and nobody uses.
UNUSED = "ahci ata_piix iTCO_wdt i2c_i801 lpc_ich psmouse pcspkr joydev evdev intel_agp mousedev button vga16fb serio_raw".split()
SIZE = 3 << 30
PARTITION_START = 1 << 20
ROOT_UUID = str(uuid.UUID(int=0x686f6d656c6162))
# A name by driver: by slot it would hang on what the emulated firmware says.
LINK = "[Match]\nDriver=virtio_net\n\n[Link]\nName=lan0\n"
# Only what this machine boots from: with all modules update-initramfs takes minutes under emulation.
EARLY = {
    "etc/initramfs-tools/conf.d/homelab": "MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\nFSTYPE=ext4\nBUSYBOX=n\n",
    "usr/share/initramfs-tools/modules.d/homelab": "virtio_pci\nvirtio_blk\nvirtio_net\next4\n",
    "etc/systemd/network/10-lan0.link": LINK,
}
# Drivers that no test asks for, and hooks that would make update-initramfs take three times as long.
WITHOUT = [*(f"/usr/lib/modules/*/kernel/{what}/*" for what in (
    "sound", "drivers/media", "drivers/gpu/drm", "drivers/net/wireless", "drivers/net/ethernet/[!i]*", "drivers/bluetooth", "drivers/iio",
    "drivers/infiniband", "drivers/usb", "net/bluetooth", "net/wireless", "drivers/staging")),
    *(f"/usr/share/initramfs-tools/hooks/{hook}" for hook in (
        "iscsi", "lvm2", "dmsetup", "thermal", "keymap", "resume", "fsck", "zz-busybox"))]
# What is for the emulation stands in GRUB_CMDLINE_LINUX, so that tests may have GRUB_CMDLINE_LINUX_DEFAULT.
KERNEL = "console=ttyS0 mitigations=off random.trust_cpu=on apparmor=0 selinux=0 audit=0 nowatchdog"
GRUB_DEFAULT = f"""GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_RECORDFAIL_TIMEOUT=0
GRUB_DISABLE_OS_PROBER=true
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="{KERNEL}"
GRUB_TERMINAL=console
"""
GRUB_FIRST = f"""search --no-floppy --fs-uuid --set=root {ROOT_UUID}
linux /vmlinuz root=UUID={ROOT_UUID} ro quiet {KERNEL}
initrd /initrd.img
boot
"""
INTERFACES = """auto lo
iface lo inet loopback

auto lan0
iface lan0 inet static
    address 10.0.2.15/24
"""
# In place of ifupdown2, which works but needs 20 s for it here.
LAN = """[Unit]
Description=The address that SSH comes to
DefaultDependencies=no
After=systemd-udevd.service local-fs.target
Before=network.target

[Service]
Type=oneshot
ExecStart=ip address replace 10.0.2.15/24 dev lan0
ExecStart=ip link set lan0 up
RemainAfterExit=yes

[Install]
WantedBy=sysinit.target
"""
SSHD = "HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\n"


def folder():
    """The folder with `disk`, `identity` and `host_key`, built if needed. Nobody may write into it."""
    recipe = "\n".join(map(inspect.getsource, (debian, inspect.getmodule(folder))))
    return cache.entry("vm-image", recipe, build)


def build(target):
    root, early = target / "root", target / "early"
    for path, text in EARLY.items():
        debian.write(early, path, text)
    debian.install(root, PACKAGES, early, WITHOUT)
    keys.make(target / "identity")
    keys.make(target / "host_key")
    settle(root, target)
    # Without the names of all hardware: 13 MB that each update of the initramfs would pack.
    Path(root, "usr/lib/udev/hwdb.bin").unlink(missing_ok=True)
    debian.inside(root, "update-initramfs", "-u")
    boot_image = loader(root)
    make_disk(root, target / "disk", boot_image)
    keys.call("rm", "-rf", root, early)


def settle(root, target):
    """The files that make this root a machine."""
    debian.neutral(root)
    debian.mask(root, *MASKED)
    for wanted in Path(root, "etc/systemd/system").glob("*.wants/*"):
        if wanted.name in NOT_AT_BOOT:
            wanted.unlink()
    debian.link(root, "etc/systemd/system-generators/systemd-ssh-generator", "/dev/null")
    debian.link(root, "etc/systemd/system/default.target", "/usr/lib/systemd/system/multi-user.target")
    debian.link(root, "etc/systemd/system/sysinit.target.wants/lan.service", "/etc/systemd/system/lan.service")
    files = {
        "etc/hostname": "vm1\n", "etc/hosts": "127.0.0.1 localhost\n10.0.2.15 vm1\n", "etc/default/grub": GRUB_DEFAULT,
        "etc/fstab": f"UUID={ROOT_UUID} / ext4 noatime 0 0\n", "etc/network/interfaces": INTERFACES,
        "etc/systemd/system/lan.service": LAN, "etc/modprobe.d/emulation.conf": "".join(f"blacklist {name}\n" for name in UNUSED),
        "etc/ssh/sshd_config.d/homelab.conf": SSHD, "etc/ssh/ssh_host_ed25519_key.pub": keys.public(target / "host_key") + "\n",
    }
    for path, text in files.items():
        debian.write(root, path, text)
    debian.write(root, "etc/ssh/ssh_host_ed25519_key", (target / "host_key").read_text(), 0o600)
    debian.write(root, "root/.ssh/authorized_keys", keys.public(target / "identity") + "\n", 0o600)
    Path(root, "root/.ssh").chmod(0o700)


def loader(root):
    """GRUB's core image, made by the root's own GRUB; its modules and a first menu are put into the root."""
    modules = Path(root, "boot/grub/i386-pc")
    modules.parent.mkdir(exist_ok=True)
    keys.call("cp", "-r", Path(root, "usr/lib/grub/i386-pc"), modules)
    keys.call("chroot", root, "grub-mkimage", "-O", "i386-pc", "-p", "(hd0,msdos1)/boot/grub", "-o", "/boot/grub/i386-pc/core.img",
              "biosdisk", "part_msdos", "ext2", "normal", "linux", "search", "configfile")
    debian.write(root, "boot/grub/grub.cfg", GRUB_FIRST)
    return (modules / "boot.img").read_bytes(), (modules / "core.img").read_bytes()


def make_disk(root, disk, boot_image):
    """Writes boot sector, core image and one partition with the root into a file."""
    first, core = boot_image
    start = PARTITION_START // 512
    entry = struct.pack("<B3sB3sII", 0x80, b"\xfe\xff\xff", 0x83, b"\xfe\xff\xff", start, SIZE // 512 - start)
    with open(disk, "wb") as file:
        file.truncate(SIZE)
        file.write(first[:440].ljust(446, b"\0") + entry + bytes(48) + b"\x55\xaa")
        file.write(core)
    blocks = (SIZE - PARTITION_START) // 4096
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-F", "-b", "4096", "-U", ROOT_UUID, "-d", str(root),
                    "-E", f"offset={PARTITION_START},lazy_itable_init=0", str(disk), str(blocks)], check=True, stdin=subprocess.DEVNULL)
