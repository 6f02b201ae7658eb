//! How much room a storage has on the asked node.

use model::{
    Fault, Stop, Tx, fault,
    node::{
        activate::activate,
        appliances, groups, initiator,
        storages::{Storage, property},
    },
};
use serde_json::Value;

use super::content;

/// The room on a storage, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Space {
    pub(super) total: u64,
    pub(super) used: u64,
}

/// What is taken as the size of a share that docs give no size.
const SHARE: u64 = 8 << 40;

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
    for row in content::rows(tx, id, storage)? {
        space.used += row["size"].as_u64().unwrap_or_default();
    }
    if fault::is_full(tx.rows, id)? {
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
            let targets =
                appliances::targets(tx, &property(storage, "portal"))?.unwrap_or_default();
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
    if appliances::chap(tx, &portal, &target)?.is_none() {
        return Ok(true);
    }
    let node = tx.node.clone();
    match initiator::has_session(tx, &node, &target, &portal) {
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
