"""The root file system of booted hosts: Debian with what a Proxmox VE host has and homelab touches."""
import inspect

from hosts import cache, debian

PACKAGES = """systemd systemd-sysv dbus libpam-systemd openssh-server sudo iproute2 procps kmod pciutils initramfs-tools grub-pc-bin
grub2-common ifupdown2 bridge-utils ethtool python3-minimal apt curl cron iputils-ping fio ca-certificates chrony busybox""".split()
# Logind stays: reboot needs it.
MASKED = """systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-networkd.service
systemd-networkd.socket systemd-resolved.service getty.target console-getty.service apt-daily.timer apt-daily-upgrade.timer
dpkg-db-backup.timer e2scrub_all.timer fstrim.timer systemd-networkd-wait-online.service""".split()
SSHD = "HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\nPermitRootLogin prohibit-password\n"


def root(more=()):
    """The folder of the root file system, with `more` packages, built if needed. Nobody may write into it."""
    recipe = "\n".join([*map(inspect.getsource, (debian, inspect.getmodule(root))), *more])
    return cache.entry("-".join(["booted", *more]), recipe, lambda folder: build(folder, more)) / "root"


def build(folder, more):
    target = folder / "root"
    debian.install(target, [*PACKAGES, *more])
    debian.neutral(target)
    debian.mask(target, *MASKED)
    debian.link(target, "etc/systemd/system/default.target", "/usr/lib/systemd/system/multi-user.target")
    debian.write(target, "etc/ssh/sshd_config.d/homelab.conf", SSHD)
    debian.write(target, "etc/fstab", "")
