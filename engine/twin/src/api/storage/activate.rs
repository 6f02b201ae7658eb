//! Whether a storage can be used on the asked node, and how much room it has.

use serde_json::Value;

use super::{
    config::{self, Storage, property},
    remote,
};
use crate::{
    api::disks::groups,
    fault,
    hosts::Host,
    model::{Fault, Stop, Tx, node_domain},
};

/// The room on a storage, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Space {
    pub(super) total: u64,
    pub(super) used: u64,
}

/// What is taken as the size of a share that docs give no size.
const SHARE: u64 = 8 << 40;

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

/// Needs a storage to be meant for the asked node.
///
/// # Errors
/// 500 in the API's words.
pub(super) fn check_enabled(tx: &Tx<'_>, id: &str, storage: &Storage) -> Result<(), Stop> {
    if config::flag(storage, "disable") == Some(true) {
        return Err(Stop::fail(format!("storage '{id}' is disabled")));
    }
    if !config::is_on(storage, &tx.node) {
        return Err(Stop::fail(format!(
            "storage '{id}' is not available on node '{}'",
            tx.node
        )));
    }
    Ok(())
}

/// Activates a storage on the asked node.
///
/// # Errors
/// What Proxmox says of a storage that can't be activated, or the rows' fault.
pub(super) fn activate(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<(), Stop> {
    check_enabled(tx, id, storage)?;
    match property(storage, "type").as_str() {
        "dir" => directory(tx, id, storage),
        "btrfs" => btrfs(tx, storage),
        "nfs" => nfs(tx, id, storage),
        "cifs" | "esxi" => Err(not_online(id)),
        "cephfs" => Err(Stop::fail("mount error: exit code 32")),
        "iscsi" => match remote::targets(tx, &property(storage, "portal"))? {
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
    let makes = config::flag(storage, "create-base-path")
        .or_else(|| config::flag(storage, "mkdir"))
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
    let exports = remote::exports(tx, &server)?.ok_or_else(|| not_online(id))?;
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

/// The room on a storage of the asked node; none if it isn't active there.
///
/// # Errors
/// The rows' fault.
pub(super) fn space(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<Option<Space>, Stop> {
    match activate(tx, id, storage) {
        Ok(()) => {}
        Err(Stop::Api(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    }
    let Some(mut space) = room(tx, storage)? else {
        return Ok(None);
    };
    for row in super::content::rows(tx, id, storage)? {
        space.used += row["size"].as_u64().unwrap_or_default();
    }
    if fault::is_full(tx, id)? {
        space.used = space.total;
    }
    space.used = space.used.min(space.total);
    Ok(Some(space))
}

/// The room without what lies on the storage; none if what it's made of isn't there.
fn room(tx: &mut Tx<'_>, storage: &Storage) -> Result<Option<Space>, Stop> {
    let number = |row: &Value, field: &str| row[field].as_u64().unwrap_or_default();
    Ok(match property(storage, "type").as_str() {
        "dir" | "btrfs" => Some(folder(tx, &property(storage, "path"))?),
        "nfs" => Some(Space {
            total: SHARE,
            used: 0,
        }),
        "iscsi" => {
            let targets = remote::targets(tx, &property(storage, "portal"))?.unwrap_or_default();
            let target = property(storage, "target");
            let has_session = targets.contains(&target) && has_session(tx, storage)?;
            has_session.then(Space::default)
        }
        "lvm" => groups::volume_group(tx, &property(storage, "vgname"))?.map(|row| Space {
            total: number(&row, "size"),
            used: number(&row, "size").saturating_sub(number(&row, "free")),
        }),
        "lvmthin" => {
            let (group, pool) = (property(storage, "vgname"), property(storage, "thinpool"));
            groups::thin_pool(tx, &group, &pool)?.map(|row| Space {
                total: number(&row, "lv_size"),
                used: number(&row, "used"),
            })
        }
        "zfspool" => {
            let dataset = property(storage, "pool");
            let pool = dataset.split('/').next().unwrap_or_default();
            groups::zpool(tx, pool)?.map(|row| Space {
                total: number(&row, "size"),
                used: number(&row, "alloc"),
            })
        }
        "iscsidirect" | "zfs" | "rbd" => None,
        _ => Some(Space::default()),
    })
}

/// Whether the asked node gets a session to a target: Proxmox logs in by itself, unless the target wants CHAP, for
/// which the node's own initiator has to have logged in.
fn has_session(tx: &mut Tx<'_>, storage: &Storage) -> Result<bool, Stop> {
    let (portal, target) = (property(storage, "portal"), property(storage, "target"));
    if remote::chap(tx, &portal, &target)?.is_none() {
        return Ok(true);
    }
    let node = tx.node.clone();
    match Host::new(tx, &node).has_own_session(&target, &portal) {
        // Where nobody can look, the node is taken for set up.
        Err(Stop::Fault(Fault::Unknown(_))) => Ok(true),
        is_there => is_there,
    }
}

/// The room of the file system under a path: that of a mounted disk, else the root's.
fn folder(tx: &mut Tx<'_>, path: &str) -> Result<Space, Stop> {
    let mounted = groups::directories(tx)?.into_iter().find(|row| {
        row["path"]
            .as_str()
            .is_some_and(|mount| path.starts_with(mount))
    });
    if let Some(row) = mounted {
        let device = row["device"].as_str().unwrap_or_default().to_owned();
        let size = groups::device_size(tx, &device)?;
        return Ok(Space {
            total: size / 100 * 98,
            used: size / 1000,
        });
    }
    let node = tx.node.clone();
    let row = tx.node_row(&node)?.unwrap_or_default();
    Ok(Space {
        total: row["root_size"].as_u64().unwrap_or_default(),
        used: row["root_used"].as_u64().unwrap_or_default(),
    })
}

/// The domain in which the contents of a storage are kept.
pub(super) fn content_domain(tx: &mut Tx<'_>, storage: &Storage) -> Result<String, Stop> {
    if config::flag(storage, "shared") == Some(true)
        || config::plugin_of(storage).is_some_and(|plugin| plugin.is_shared)
    {
        tx.cluster()
    } else {
        Ok(node_domain(&tx.node))
    }
}
