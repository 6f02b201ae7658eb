//! What is made of disks: volume groups, thin pools, ZFS pools, mounted folders. Each is a row of its node's
//! domain in the shape in which the API lists it.

use serde_json::{Value, json};

use super::storages::is_logged_in;
use crate::{Key, Stop, Tx, kind, node_domain};

/// The row of something made of disks on the asked node.
fn get(tx: &mut Tx<'_>, what: &str, name: &str) -> Result<Option<Value>, Stop> {
    let key = Key::new(
        node_domain(&tx.node),
        kind::VOLUME_GROUP,
        format!("{what}/{name}"),
    );
    tx.read(&key)
}

/// Writes the row of something made of disks on the asked node.
///
/// # Errors
/// The rows' fault.
pub fn put(tx: &mut Tx<'_>, what: &str, name: &str, row: &Value) -> Result<(), Stop> {
    let key = Key::new(
        node_domain(&tx.node),
        kind::VOLUME_GROUP,
        format!("{what}/{name}"),
    );
    tx.write(&key, row)
}

/// All of a kind on a node.
fn all(tx: &mut Tx<'_>, node: &str, what: &str) -> Result<Vec<Value>, Stop> {
    let prefix = format!("{what}/");
    let rows = tx.scan_in::<Value>(&node_domain(node), kind::VOLUME_GROUP)?;
    Ok(rows
        .into_iter()
        .filter(|(id, _)| id.starts_with(&prefix))
        .map(|(_, row)| row)
        .collect())
}

/// The volume groups that the asked node sees: its own, and those on units of iSCSI targets that it's logged in to.
///
/// # Errors
/// The rows' fault.
pub fn volume_groups(tx: &mut Tx<'_>) -> Result<Vec<Value>, Stop> {
    let own = tx.node.clone();
    let mut found = all(tx, &own, "lvm")?;
    for member in tx.members()? {
        if member == own {
            continue;
        }
        for row in all(tx, &member, "lvm")? {
            let device = device_of(&row);
            let is_new = !found.iter().any(|other| other["name"] == row["name"]);
            if is_new && is_logged_in(tx, &device)? {
                found.push(row);
            }
        }
    }
    Ok(found)
}

/// The first device of a volume group.
fn device_of(row: &Value) -> String {
    let name = row["children"][0]["name"].as_str();
    name.unwrap_or_default().to_owned()
}

/// The volume group of that name, if the asked node sees it.
///
/// # Errors
/// The rows' fault.
pub fn volume_group(tx: &mut Tx<'_>, name: &str) -> Result<Option<Value>, Stop> {
    Ok(volume_groups(tx)?
        .into_iter()
        .find(|row| row["name"] == *name))
}

/// The volume group on a device, if the asked node sees it.
///
/// # Errors
/// The rows' fault.
pub fn on_device(tx: &mut Tx<'_>, device: &str) -> Result<Option<Value>, Stop> {
    Ok(volume_groups(tx)?
        .into_iter()
        .find(|row| device_of(row) == device))
}

/// A thin pool of the asked node.
///
/// # Errors
/// The rows' fault.
pub fn thin_pool(tx: &mut Tx<'_>, group: &str, pool: &str) -> Result<Option<Value>, Stop> {
    get(tx, "lvmthin", &format!("{group}/{pool}"))
}

/// The thin pools of the asked node.
///
/// # Errors
/// The rows' fault.
pub fn thin_pools(tx: &mut Tx<'_>) -> Result<Vec<Value>, Stop> {
    let node = tx.node.clone();
    all(tx, &node, "lvmthin")
}

/// A ZFS pool of the asked node.
///
/// # Errors
/// The rows' fault.
pub fn zpool(tx: &mut Tx<'_>, name: &str) -> Result<Option<Value>, Stop> {
    get(tx, "zfs", name)
}

/// The ZFS pools of the asked node.
///
/// # Errors
/// The rows' fault.
pub fn zpools(tx: &mut Tx<'_>) -> Result<Vec<Value>, Stop> {
    let node = tx.node.clone();
    all(tx, &node, "zfs")
}

/// The folders on disks of their own that the asked node has mounted.
///
/// # Errors
/// The rows' fault.
pub fn directories(tx: &mut Tx<'_>) -> Result<Vec<Value>, Stop> {
    let node = tx.node.clone();
    all(tx, &node, "directory")
}

/// A disk of the asked node.
///
/// # Errors
/// The rows' fault.
pub fn disk(tx: &mut Tx<'_>, device: &str) -> Result<Option<Value>, Stop> {
    let key = Key::new(node_domain(&tx.node), kind::DISK, device);
    tx.read(&key)
}

/// The size of a disk of the asked node, found by its path or by its name below `/dev/disk/by-uuid`.
///
/// # Errors
/// The rows' fault.
pub fn device_size(tx: &mut Tx<'_>, device: &str) -> Result<u64, Stop> {
    let domain = node_domain(&tx.node);
    let disks = tx.scan_in::<Value>(&domain, kind::DISK)?;
    let found = disks
        .iter()
        .find(|(path, row)| path == device || row["by_id_link"] == *device);
    Ok(found.map_or(0, |(_, row)| row["size"].as_u64().unwrap_or_default()))
}

/// A volume group on one device.
#[must_use]
pub fn group_row(name: &str, device: &str, size: u64) -> Value {
    // LVM keeps a MiB for itself and gives out extents of four.
    let size = (size.saturating_sub(1 << 20)) >> 22 << 22;
    json!({
        "name": name, "size": size, "free": size, "lvcount": 0, "leaf": 0,
        "children": [{ "name": device, "size": size, "free": size, "leaf": 1 }],
    })
}

/// A thin pool over a whole volume group, and the group with it.
#[must_use]
pub fn thin_pool_rows(name: &str, device: &str, size: u64) -> (Value, Value) {
    let mut group = group_row(name, device, size);
    let room = group["size"]
        .as_u64()
        .unwrap_or_default()
        .saturating_sub(128 << 20);
    let metadata = (room / 100).clamp(1 << 30, 16 << 30);
    let data = room.saturating_sub(2 * metadata);
    let free = group["size"]
        .as_u64()
        .unwrap_or_default()
        .saturating_sub(data + 2 * metadata);
    group["free"] = free.into();
    group["lvcount"] = 1.into();
    group["children"][0]["free"] = free.into();
    let pool = json!({
        "lv": name, "vg": name, "lv_size": data, "used": 0, "metadata_size": metadata,
        "metadata_used": metadata / 100,
    });
    (group, pool)
}

/// A ZFS pool on devices whose room is `size` together.
#[must_use]
pub fn zpool_row(name: &str, size: u64, devices: &[String], level: &str) -> Value {
    let size = size / 1000 * 995;
    let alloc = 1 << 20;
    json!({
        "name": name, "size": size, "alloc": alloc, "free": size.saturating_sub(alloc), "frag": 0,
        "dedup": 1.0, "health": "ONLINE", "devices": devices, "raidlevel": level, "datasets": [],
    })
}
