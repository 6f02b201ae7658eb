//! What a freshly installed node has: folders, files, units.

use model::{Fault, Key, Rows, domain_of, kind};
use serde_json::json;

use super::{
    accounts, boot, checked,
    entry::Entry,
    login, mounts, packages, pci,
    units::{self, Unit},
};

/// The folders of an installed Debian.
pub(super) const FOLDERS: &[&str] = &[
    "/",
    "/boot",
    "/boot/efi",
    "/boot/grub",
    "/dev",
    "/etc",
    "/etc/apt",
    "/etc/apt/apt.conf.d",
    "/etc/apt/keyrings",
    "/etc/apt/preferences.d",
    "/etc/apt/sources.list.d",
    "/etc/cron.d",
    "/etc/default",
    "/etc/default/grub.d",
    "/etc/initramfs-tools",
    "/etc/initramfs-tools/scripts",
    "/etc/initramfs-tools/hooks",
    "/etc/initramfs-tools/conf.d",
    "/etc/kernel",
    "/etc/modprobe.d",
    "/etc/modules-load.d",
    "/etc/network",
    "/etc/network/interfaces.d",
    "/etc/ssh",
    "/etc/ssh/sshd_config.d",
    "/etc/sudoers.d",
    "/etc/sysctl.d",
    "/etc/systemd",
    "/etc/systemd/system",
    "/etc/udev",
    "/etc/udev/rules.d",
    "/home",
    "/media",
    "/mnt",
    "/mnt/pve",
    "/opt",
    "/root",
    "/run",
    "/run/systemd",
    "/run/systemd/system",
    "/srv",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib/systemd",
    "/usr/lib/systemd/system",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/local/share",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/lib/vz",
    "/var/log",
    "/var/spool",
    "/var/tmp",
];

/// The units that run on an installed node, all of them enabled.
const UNITS: &[&str] = &[
    "chrony.service",
    "cron.service",
    "ssh.service",
    "pve-cluster.service",
    "pvedaemon.service",
    "pveproxy.service",
    "pvestatd.service",
    "systemd-journald.service",
];

/// How long before its start at the latest a node was installed, in microseconds.
pub(super) const INSTALLED: u64 = 120_000_000;

/// Writes the rows of a node as a host.
///
/// # Errors
/// The rows' fault.
pub fn plant(rows: &mut dyn Rows, node: &str, now: u64) -> Result<(), Fault> {
    let domain = domain_of(node);
    let booted = now * 1_000_000;
    let installed = booted.saturating_sub(INSTALLED);
    let mut put = |kind: &str, id: &str, row| rows.put(&Key::new(&*domain, kind, id), row);
    let mut entry = |path: &str, mut entry: Entry| {
        entry.changed = installed;
        put(kind::FILE, path, json!(entry))
    };
    for folder in FOLDERS {
        entry(folder, Entry::directory("755"))?;
    }
    entry("/root", Entry::directory("700"))?;
    entry("/tmp", Entry::directory("1777"))?;
    entry("/var/tmp", Entry::directory("1777"))?;
    for name in UNITS {
        let mut unit: Unit = units::loaded(name, "enabled");
        // All of them run already: what changes from now on is newer.
        units::start(&mut unit, booted.saturating_sub(1_000_000));
        put(kind::UNIT, name, json!(unit))?;
    }
    accounts::plant(rows, &domain)?;
    checked::plant(rows, &domain, booted)?;
    login::plant(rows, &domain, &checked::planted())?;
    packages::plant(rows, &domain, booted)?;
    boot::plant(rows, node, installed)?;
    mounts::plant(rows, node, installed)?;
    pci::plant(rows, node)
}
