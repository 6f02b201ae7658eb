//! Whether a storage can be used on the asked node.

use super::{
    appliances, groups,
    storages::{self, Storage, check_enabled, property},
};
use crate::{Stop, Tx};

/// Folders that an installed node has.
const FOLDERS: &[&str] = &[
    "/",
    "/home",
    "/mnt",
    "/mnt/pve",
    "/opt",
    "/root",
    "/srv",
    "/tmp",
    "/var",
    "/var/lib",
    "/var/lib/vz",
    "/var/tmp",
];

/// Activates a storage on the asked node.
///
/// # Errors
/// What Proxmox says of a storage that can't be activated, or the rows' fault.
pub fn activate(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<(), Stop> {
    check_enabled(tx, id, storage)?;
    match property(storage, "type").as_str() {
        "dir" => directory(tx, id, storage),
        "btrfs" => btrfs(tx, storage),
        "nfs" => nfs(tx, id, storage),
        "cifs" | "esxi" => Err(not_online(id)),
        "cephfs" => Err(Stop::fail("mount error: exit code 32")),
        "iscsi" => match appliances::targets(tx, &property(storage, "portal"))? {
            Some(_) => Ok(()),
            None => Err(not_online(id)),
        },
        "lvmthin" => lvmthin(tx, storage),
        "zfspool" => zfspool(tx, id, storage),
        "pbs" => {
            let (server, port) = (property(storage, "server"), property(storage, "port"));
            let port = if port.is_empty() { "8007" } else { &port };
            Err(Stop::fail(format!(
                "{id}: error fetching datastores - 500 Can't connect to {server}:{port} (No route to host)"
            )))
        }
        _ => Ok(()),
    }
}

fn not_online(id: &str) -> Stop {
    Stop::fail(format!("storage '{id}' is not online"))
}

fn directory(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<(), Stop> {
    let path = property(storage, "path");
    let mounted = groups::directories(tx)?
        .iter()
        .any(|row| row["path"] == *path.trim_end_matches('/'));
    let expected = property(storage, "is_mountpoint");
    let mount_point = if expected.starts_with('/') {
        expected.clone()
    } else {
        path.clone()
    };
    let wants_mount =
        !expected.is_empty() && !matches!(expected.as_str(), "no" | "0" | "false" | "off");
    if wants_mount && !mounted {
        return Err(Stop::fail(format!(
            "unable to activate storage '{id}' - directory is expected to be a mount point but is not mounted: '{mount_point}'"
        )));
    }
    let makes = storages::flag(storage, "create-base-path")
        .or_else(|| storages::flag(storage, "mkdir"))
        .unwrap_or(true);
    if makes || mounted || FOLDERS.contains(&path.as_str()) {
        return Ok(());
    }
    Err(Stop::fail(format!(
        "unable to activate storage '{id}' - directory '{path}' does not exist"
    )))
}

fn btrfs(tx: &mut Tx<'_>, storage: &Storage) -> Result<(), Stop> {
    let node = tx.node.clone();
    let row = tx.node_row(&node)?.unwrap_or_default();
    if row["root"] == "btrfs" {
        return Ok(());
    }
    let path = property(storage, "path");
    Err(Stop::fail(format!("'{path}' is not a btrfs file system")))
}

fn nfs(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<(), Stop> {
    let (server, export) = (property(storage, "server"), property(storage, "export"));
    let exports = appliances::exports(tx, &server)?.ok_or_else(|| not_online(id))?;
    let is_there = exports
        .iter()
        .any(|each| each.trim_end_matches('/') == export.trim_end_matches('/'));
    if is_there {
        return Ok(());
    }
    Err(Stop::fail(format!(
        "mount error: mount.nfs: access denied by server while mounting {server}:{export}"
    )))
}

fn lvmthin(tx: &mut Tx<'_>, storage: &Storage) -> Result<(), Stop> {
    let (group, pool) = (property(storage, "vgname"), property(storage, "thinpool"));
    match groups::thin_pool(tx, &group, &pool)? {
        Some(_) => Ok(()),
        None => Err(Stop::fail(format!("no such logical volume {group}/{pool}"))),
    }
}

fn zfspool(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<(), Stop> {
    let dataset = property(storage, "pool");
    let pool = dataset.split('/').next().unwrap_or_default();
    match groups::zpool(tx, pool)? {
        Some(_) => Ok(()),
        None => Err(Stop::fail(format!(
            "could not activate storage '{id}', zfs error: cannot import '{pool}': no such pool available"
        ))),
    }
}
