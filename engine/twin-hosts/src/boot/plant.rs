//! What an installed node is started from: with ZFS as its root, systemd-boot; else GRUB.

use model::{Fault, Key, Rows, domain_of, kind, node::KERNEL};
use serde_json::{Value, json};

use super::{CMDLINE, GRUB, GRUB_GENERATED, Loader, STAMP, generated};
use crate::{entry::Entry, modules};

const DEFAULT_GRUB: &str = r#"# If you change this file, run 'update-grub' afterwards to update
# /boot/grub/grub.cfg.
# For full documentation of the options in this file, see:
#   info -f grub -n 'Simple configuration'

GRUB_DEFAULT=0
GRUB_TIMEOUT=5
GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} ) 2>/dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX=""
"#;

const BLACKLIST: &str = "# This file contains a list of modules which are not supported by Proxmox VE \n\n\
    # nvidiafb see bugreport https://bugzilla.proxmox.com/show_bug.cgi?id=701\nblacklist nvidiafb\n";

const EARLY: &str = "# List of modules that you want to include in your initramfs.\n";

const MODULES: &str = "# /etc/modules: kernel modules to load at boot time.\n";

/// How much later than what it's made of something generated is, in microseconds.
const LATER: u64 = 1_000_000;

/// Writes the rows of what a node is started from.
///
/// # Errors
/// The rows' fault.
pub(crate) fn plant(rows: &mut dyn Rows, node: &str, installed: u64) -> Result<(), Fault> {
    let root = rows
        .get(&Key::new("", kind::NODE, node))?
        .unwrap_or_default();
    let is_zfs = root["root"] == "zfs";
    let line = cmdline(is_zfs);
    let loader = if is_zfs {
        Loader::new("systemd-boot", "proxmox-boot-tool", CMDLINE, STAMP)
    } else {
        Loader::new("grub", "update-grub", GRUB, GRUB_GENERATED)
    };
    let kernel: [(&str, Value); 5] = [
        ("cmdline", json!(line)),
        ("next", json!(line)),
        ("loader", json!(loader)),
        ("kernels", json!([KERNEL.0])),
        ("modules", json!(modules::LOADED)),
    ];
    let domain = domain_of(node);
    for (id, row) in kernel {
        rows.put(&Key::new(&*domain, kind::KERNEL, id), row)?;
    }
    for (path, mut entry) in files(is_zfs, &line) {
        entry.changed += installed;
        rows.put(&Key::new(&*domain, kind::FILE, path), json!(entry))?;
    }
    Ok(())
}

fn cmdline(is_zfs: bool) -> String {
    if is_zfs {
        let image = format!("initrd=\\EFI\\proxmox\\{0}\\initrd.img-{0}", KERNEL.0);
        format!("{image} root=ZFS=rpool/ROOT/pve-1 boot=zfs")
    } else {
        let image = format!("BOOT_IMAGE=/boot/vmlinuz-{}", KERNEL.0);
        format!("{image} root=/dev/mapper/pve-root ro quiet")
    }
}

/// The files, changed as long after the installation as they say.
fn files(is_zfs: bool, line: &str) -> Vec<(String, Entry)> {
    let plain = |path: &str, text: &str| (path.to_owned(), Entry::file("644", text.as_bytes()));
    let later = |path: String, mode: &str, text: &str| {
        let mut entry = Entry::file(mode, text.as_bytes());
        entry.changed = LATER;
        (path, entry)
    };
    let mut files = vec![
        plain("/etc/modprobe.d/pve-blacklist.conf", BLACKLIST),
        plain("/etc/initramfs-tools/modules", EARLY),
        plain("/etc/modules", MODULES),
        plain(&format!("/boot/vmlinuz-{}", KERNEL.0), ""),
        later(format!("/boot/initrd.img-{}", KERNEL.0), "644", ""),
    ];
    if is_zfs {
        files.push(plain(CMDLINE, "root=ZFS=rpool/ROOT/pve-1 boot=zfs\n"));
    } else {
        files.push(plain(GRUB, DEFAULT_GRUB));
        files.push(later(GRUB_GENERATED.to_owned(), "600", &generated(line)));
    }
    files
}
