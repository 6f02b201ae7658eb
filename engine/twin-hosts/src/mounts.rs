//! What is mounted where, and mounting by fstab.

use formats::fstab;
use model::{
    Fault, Key, Passing, Rows, Stop, domain_of, kind,
    node::{appliances, kept},
    stop::known,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use world::host::{
    Reply, Verb,
    verb::{self, MountAction, MountDo, Mounts, OrAbsent},
};

use super::{
    Filling, Handler, Host,
    entry::Entry,
    typed::{Said, answers, fails, filling},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Mounts => |host, Mounts { path }| Ok(OrAbsent(host.mount_at(&path)?.map(|row| row.is))),
    MountDo => act,
};

pub(super) const FILLINGS: &[Filling] =
    &[filling!(kind::MOUNT, |path| Mounts::new(path), |told| told
        .0
        .map(Mount::from))];

/// What is mounted at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mount {
    #[serde(flatten)]
    is: verb::Mount,
    /// When it was mounted by a call: microseconds since 1970.
    #[serde(default)]
    at: u64,
}

impl From<verb::Mount> for Mount {
    fn from(is: verb::Mount) -> Self {
        Self { is, at: 0 }
    }
}

impl Mount {
    fn new(source: &str, fstype: &str, options: &str) -> Self {
        Self::from(verb::Mount {
            source: source.to_owned(),
            fstype: fstype.to_owned(),
            options: options.to_owned(),
        })
    }
}

/// The line of fstab that mounts at a path: the last one wins.
fn line_of(fstab: &str, path: &str) -> Option<fstab::Entry> {
    fstab::entries(fstab, path).pop()
}

/// What findmnt shows once a line is mounted.
fn mounted(line: &fstab::Entry) -> Mount {
    let fstype = if line.fstype == "nfs" {
        "nfs4"
    } else {
        &line.fstype
    };
    let mut options = vec![if line.has("ro") { "ro" } else { "rw" }];
    for flag in ["nosuid", "nodev", "noexec"] {
        if line.has(flag) {
            options.push(flag);
        }
    }
    options.push(if line.has("noatime") {
        "noatime"
    } else {
        "relatime"
    });
    if fstype == "nfs4" {
        options.push("vers=4.2");
    }
    let source = match line.source.strip_prefix('/') {
        Some(_) if line.has("bind") => format!("/dev/mapper/pve-root[{}]", line.source),
        _ => line.source.clone(),
    };
    Mount::new(
        &source,
        if line.has("bind") { "ext4" } else { fstype },
        &options.join(","),
    )
}

impl Host<'_, '_> {
    /// Where a share of a server comes from that is mounted at a path; none if there is none.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn mounted_share(&mut self, path: &str) -> Result<Option<String>, Stop> {
        let mount = self.mount_at(path)?;
        let shared = mount.filter(|mount| mount.is.fstype.starts_with("nfs"));
        Ok(shared.map(|mount| mount.is.source))
    }

    /// What is mounted at a path: by fstab, by a call, or by Proxmox for a storage.
    fn mount_at(&mut self, path: &str) -> Result<Option<Mount>, Stop> {
        if let Some(own) = self.own_mount_at(path)? {
            return Ok(Some(own));
        }
        let share = kept::share_at(self.tx, path)?;
        Ok(share.map(|share| Mount::new(&share, "nfs4", "rw,relatime,vers=4.2")))
    }

    fn own_mount_at(&mut self, path: &str) -> Result<Option<Mount>, Stop> {
        let row = self.get::<Mount>(kind::MOUNT, path)?;
        let booted = self.booted()?;
        if booted == 0 || row.as_ref().is_some_and(|row| row.at >= booted) {
            return Ok(row);
        }
        let fstab = self.text("/etc/fstab")?.unwrap_or_default();
        Ok(match line_of(&fstab, path) {
            Some(line) if !line.has("noauto") => match self.refusal(&line, path)? {
                None => Some(
                    row.filter(|row| row.at == 0)
                        .unwrap_or_else(|| mounted(&line)),
                ),
                Some(_) => None,
            },
            // What neither fstab nor a call mounted, something else mounts again.
            _ => row.filter(|row| row.at == 0),
        })
    }

    /// Why a line can't be mounted; none if it can. A plan takes what docs don't know for right.
    fn refusal(&mut self, line: &fstab::Entry, path: &str) -> Result<Option<Reply>, Stop> {
        let failed = |text: String| Ok(Some(Reply::failed(32, text)));
        match (line.fstype.as_str(), line.source.split_once(':')) {
            ("nfs" | "nfs4", Some((server, folder))) => {
                self.refusal_of_server(&line.source, server, folder)
            }
            ("tmpfs", _) => Ok(None),
            _ if line.has("bind") => match self.entry(&line.source)? {
                Some(_) => Ok(None),
                None => failed(format!(
                    "mount: {path}: special device {} does not exist.",
                    line.source
                )),
            },
            _ if known(self.tx.undocumented(&*line.source))?.is_none() => Ok(None),
            ("cifs", _) => Ok(Some(Reply::failed(
                127,
                "mount_do: mounts of cifs are not modelled",
            ))),
            _ if self.has_file_system(&line.source)? => Ok(None),
            _ => failed(format!("mount: {path}: can't find {}.", line.source)),
        }
    }

    fn refusal_of_server(
        &mut self,
        source: &str,
        server: &str,
        folder: &str,
    ) -> Result<Option<Reply>, Stop> {
        let exports = match known(appliances::exports(self.tx, server))? {
            Some(Some(exports)) => exports,
            Some(None) if known(self.tx.undocumented(server))?.is_some() => {
                return Ok(Some(Reply::failed(124, "")));
            }
            _ => return Ok(None),
        };
        let is_within = |export: &String| {
            let rest = folder.strip_prefix(export.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let refused = format!("mount.nfs: access denied by server while mounting {source}");
        Ok((!exports.iter().any(is_within)).then(|| Reply::failed(32, refused)))
    }

    /// Whether a device has a file system that can be mounted.
    fn has_file_system(&mut self, source: &str) -> Result<bool, Stop> {
        let row = self.get::<serde_json::Value>(kind::DISK, source)?;
        let used = row.as_ref().and_then(|row| row["used"].as_str());
        Ok(matches!(used, Some("ext4" | "xfs" | "btrfs")))
    }
}

fn act(host: &mut Host<'_, '_>, ask: MountDo) -> Said<()> {
    let MountDo {
        action,
        path,
        seconds,
    } = ask;
    let path = path.as_str();
    let is_mounted = host.mount_at(path)?.is_some();
    if action == MountAction::Unmount {
        if !is_mounted {
            return fails(32, format!("umount: {path}: not mounted."));
        }
        host.delete(kind::MOUNT, path)?;
        return Ok(());
    }
    let fstab = host.text("/etc/fstab")?.unwrap_or_default();
    let Some(line) = line_of(&fstab, path) else {
        let text = format!("mount: {path}: can't find in /etc/fstab.");
        return fails(1, text);
    };
    if host.entry(path)?.is_none() {
        let text = format!("mount: {path}: mount point does not exist.");
        return fails(32, text);
    }
    if let Some(refused) = host.refusal(&line, path)? {
        if refused.status != 124 {
            return Err(refused.into());
        }
        if host.tx.config.passing == Passing::Jumping {
            host.tx.now = host.tx.now.after(Duration::from_secs(seconds));
        }
        let text = format!("{} {path}: given up after {seconds} s", action.name());
        return fails(124, text);
    }
    let at = host.stamp()?;
    let row = Mount {
        at,
        ..mounted(&line)
    };
    Ok(host.put(kind::MOUNT, path, &row)?)
}

/// Writes what an installed node mounts.
///
/// # Errors
/// The rows' fault.
pub(super) fn plant(rows: &mut dyn Rows, node: &str, installed: u64) -> Result<(), Fault> {
    let root = rows
        .get(&Key::new("", kind::NODE, node))?
        .unwrap_or_default();
    let domain = domain_of(node);
    let own = root["root"].as_str().unwrap_or_default().to_owned();
    let line = match own.as_str() {
        "zfs" => String::new(),
        "btrfs" => "UUID=7a0c4a1e / btrfs defaults 0 1\n".to_owned(),
        other => format!(
            "/dev/pve/root / {other} errors=remount-ro 0 1\nUUID=5E2A-9C11 /boot/efi vfat defaults 0 1\n/dev/pve/swap none swap sw 0 0\n"
        ),
    };
    let text = format!(
        "# <file system> <mount point> <type> <options> <dump> <pass>\n{line}proc /proc proc defaults 0 0\n"
    );
    let mut fstab = Entry::file("644", text.as_bytes());
    fstab.changed = installed;
    rows.put(&Key::new(&*domain, kind::FILE, "/etc/fstab"), json!(fstab))?;
    let root = match own.as_str() {
        "zfs" => Mount::new(
            "rpool/ROOT/pve-1",
            "zfs",
            "rw,relatime,xattr,posixacl,casesensitive",
        ),
        other => Mount::new(
            "/dev/mapper/pve-root",
            other,
            "rw,relatime,errors=remount-ro",
        ),
    };
    let proc = Mount::new("proc", "proc", "rw,relatime");
    for (path, row) in [("/", root), ("/proc", proc)] {
        rows.put(&Key::new(&*domain, kind::MOUNT, path), json!(row))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_line_of_a_path() {
        let fstab =
            "# a /mnt nfs\n/dev/a / ext4 defaults 0 1\n10.0.0.1:/a /mnt/a nfs _netdev,ro 0 0\n";
        let line = line_of(fstab, "/mnt/a").unwrap();
        assert!(line.has("ro") && mounted(&line).is.options.starts_with("ro,"));
        assert_eq!(line_of(fstab, "/mnt"), None);
    }
}
