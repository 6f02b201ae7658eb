//! Making something of empty disks.

use model::{
    Effect, Key, Params, Stop, Tx, Work, kind, node::groups, node_domain, params::split_list,
    permission,
};
use serde_json::{Map, Value, json};

use super::list;

/// A storage that is added with what is made, as its configuration has it.
type Storage = Map<String, Value>;

/// The property that has to be the same where the storage is there already.
const SAME: &[&str] = &["type", "vgname", "thinpool", "pool", "path"];

/// The disk of a call, which has to be empty.
fn empty(tx: &mut Tx<'_>, device: &str) -> Result<Value, Stop> {
    let Some(row) = groups::disk(tx, device)? else {
        let words = if device.starts_with("/dev/") {
            format!("failed to get absolute path to {device}")
        } else {
            format!("got unusual device path '{device}'")
        };
        return Err(Stop::fail(words));
    };
    if row["used"].as_str().is_some_and(|used| !used.is_empty()) {
        return Err(Stop::fail(format!("device '{device}' is already in use")));
    }
    Ok(row)
}

/// The rows that add a storage, or the node to a storage that is there already.
fn with_storage(
    tx: &mut Tx<'_>,
    params: &Params,
    name: &str,
    storage: Value,
) -> Result<Vec<(Key, Option<Value>)>, Stop> {
    if !params.is_set("add_storage") {
        return Ok(Vec::new());
    }
    permission::require(tx, "/storage", &["Datastore.Allocate"])?;
    let key = Key::new(tx.cluster()?, kind::STORAGE, name);
    let node = tx.node.clone();
    let Some(mut there) = tx.read::<Storage>(&key)? else {
        let mut storage = storage;
        storage["nodes"] = node.into();
        return Ok(vec![(key, Some(storage))]);
    };
    let mut nodes = split_list(
        there
            .get("nodes")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    );
    if nodes.is_empty() || nodes.contains(&node) {
        return Err(Stop::fail(format!(
            "Storage ID '{name}' already exists on node {node}"
        )));
    }
    for property in SAME
        .iter()
        .filter(|property| storage.get(**property).is_some())
    {
        let wanted = storage[*property].as_str().unwrap_or_default();
        match there.get(*property).and_then(Value::as_str) {
            Some(is) if is == wanted => {}
            Some(is) => {
                return Err(Stop::fail(format!(
                    "Option '{property}' ({wanted}) does not match existing storage configuration '{is}'"
                )));
            }
            None => {
                return Err(Stop::fail(format!(
                    "Option '{property}' is not configured for storage '{name}', expected it to be '{wanted}'"
                )));
            }
        }
    }
    nodes.push(node);
    nodes.sort();
    there.insert("nodes".to_owned(), nodes.join(",").into());
    Ok(vec![(key, Some(Value::Object(there)))])
}

/// The key of something made of disks.
fn group_key(tx: &Tx<'_>, what: &str, name: &str) -> Key {
    Key::new(
        node_domain(&tx.node),
        kind::VOLUME_GROUP,
        format!("{what}/{name}"),
    )
}

/// A disk's row once it's used.
fn used(mut row: Value, how: &str, gpt: bool) -> Value {
    row["used"] = how.into();
    row["gpt"] = u8::from(gpt).into();
    row
}

fn size_of(row: &Value) -> u64 {
    row["size"].as_u64().unwrap_or_default()
}

pub(super) fn lvm(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (name, device) = (params.required("name"), params.required("device"));
    let disk = empty(tx, &device)?;
    let storage =
        json!({ "type": "lvm", "vgname": name, "content": "rootdir,images", "shared": 0 });
    let mut rows = with_storage(tx, params, &name, storage)?;
    let exists = groups::volume_group(tx, &name)?.is_some();
    let group = groups::group_row(&name, &device, size_of(&disk));
    rows.push((group_key(tx, "lvm", &name), Some(group)));
    rows.push((list::key(tx, &device), Some(used(disk, "LVM", false))));
    start(tx, "lvmcreate", &name, rows, exists)
}

pub(super) fn lvmthin(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (name, device) = (params.required("name"), params.required("device"));
    let disk = empty(tx, &device)?;
    let storage =
        json!({ "type": "lvmthin", "vgname": name, "thinpool": name, "content": "rootdir,images" });
    let mut rows = with_storage(tx, params, &name, storage)?;
    let exists = groups::volume_group(tx, &name)?.is_some();
    let (group, pool) = groups::thin_pool_rows(&name, &device, size_of(&disk));
    rows.push((group_key(tx, "lvm", &name), Some(group)));
    rows.push((
        group_key(tx, "lvmthin", &format!("{name}/{name}")),
        Some(pool),
    ));
    rows.push((list::key(tx, &device), Some(used(disk, "LVM", false))));
    start(tx, "lvmthincreate", &name, rows, exists)
}

/// Starts the task; a volume group of the name ends it with an error.
fn start(
    tx: &mut Tx<'_>,
    what: &str,
    name: &str,
    rows: Vec<(Key, Option<Value>)>,
    exists: bool,
) -> Result<Value, Stop> {
    let work = Work::new(what, name);
    let work = if exists {
        let node = tx.node.clone();
        work.failing(format!(
            "volume group with name '{name}' already exists on node '{node}'"
        ))
    } else {
        work.doing(Effect::Rows { rows })
    };
    tx.start_task(work).map(Value::from)
}

pub(super) fn directory(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (name, device) = (params.required("name"), params.required("device"));
    let system = params
        .text("filesystem")
        .unwrap_or_else(|| "ext4".to_owned());
    let disk = empty(tx, &device)?;
    let path = format!("/mnt/pve/{name}");
    let storage = json!({
        "type": "dir", "path": path, "is_mountpoint": "1", "content": "rootdir,images,iso,backup,vztmpl,snippets",
    });
    let mut rows = with_storage(tx, params, &name, storage)?;
    if groups::directories(tx)?
        .iter()
        .any(|row| row["path"] == *path)
    {
        return Err(Stop::fail(format!(
            "a systemd mount unit for '{path}' already exists"
        )));
    }
    let uuid = tx.uuid(&format!("file system/{}/{device}", tx.node));
    let unit = format!(
        "/etc/systemd/system/mnt-pve-{}.mount",
        name.replace('-', "\\x2d")
    );
    let row = json!({
        "path": path, "device": device, "type": system, "options": "defaults", "unitfile": unit, "uuid": uuid,
    });
    rows.push((group_key(tx, "directory", &name), Some(row)));
    let mut disk = used(disk, &system, true);
    disk["mounted"] = 1.into();
    rows.push((list::key(tx, &device), Some(disk)));
    start(tx, "dircreate", &name, rows, false)
}

/// How many disks a level needs at least.
const LEAST: &[(&str, usize)] = &[
    ("single", 1),
    ("mirror", 2),
    ("raid10", 4),
    ("raidz", 3),
    ("raidz2", 4),
    ("raidz3", 5),
    ("draid", 3),
    ("draid2", 4),
    ("draid3", 5),
];

/// What is wrong with a level for a number of disks.
fn check_level(level: &str, count: usize) -> Result<(), Stop> {
    if level == "raid10" && !count.is_multiple_of(2) {
        return Err(Stop::fail("raid10 needs an even number of disks"));
    }
    if level == "single" && count > 1 {
        return Err(Stop::fail("please give only one disk for single disk mode"));
    }
    match LEAST.iter().find(|(name, _)| *name == level) {
        Some((_, least)) if count < *least => {
            Err(Stop::fail(format!("{level} needs at least {least} disks")))
        }
        _ => Ok(()),
    }
}

/// The room of a pool: what isn't spent on copies and parity.
fn room(level: &str, sizes: &[u64]) -> u64 {
    let least = sizes.iter().min().copied().unwrap_or_default();
    let count = u64::try_from(sizes.len()).unwrap_or(u64::MAX);
    match level {
        "mirror" => least,
        "raid10" => sizes.chunks(2).filter_map(|pair| pair.iter().min()).sum(),
        _ => least.saturating_mul(count),
    }
}

pub(super) fn zfs(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (name, level) = (params.required("name"), params.required("raidlevel"));
    let devices = params.list("devices");
    let mut disks = Vec::new();
    for device in &devices {
        disks.push(empty(tx, device)?);
    }
    let storage = json!({ "type": "zfspool", "pool": name, "content": "rootdir,images" });
    let mut rows = with_storage(tx, params, &name, storage)?;
    if groups::zpool(tx, &name)?.is_some() {
        return Err(Stop::fail(format!(
            "pool '{name}' already exists on node '{}'",
            tx.node
        )));
    }
    check_level(&level, devices.len())?;
    let sizes: Vec<u64> = disks.iter().map(size_of).collect();
    let pool = groups::zpool_row(&name, room(&level, &sizes), &devices, &level);
    rows.push((group_key(tx, "zfs", &name), Some(pool)));
    for (device, disk) in devices.iter().zip(disks) {
        rows.push((list::key(tx, device), Some(used(disk, "ZFS", true))));
    }
    for (_, row) in &mut rows {
        if let Some(row) = row
            && row["type"] == "zfspool"
        {
            row["mountpoint"] = format!("/{name}").into();
        }
    }
    start(tx, "zfscreate", &name, rows, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_levels() {
        for (level, count, fits) in [
            ("single", 1, true),
            ("single", 2, false),
            ("mirror", 1, false),
            ("raid10", 4, true),
            ("raid10", 5, false),
            ("raidz2", 3, false),
            ("draid", 3, true),
        ] {
            assert_eq!(check_level(level, count).is_ok(), fits, "{level} {count}");
        }
        assert_eq!(room("raid10", &[2, 1, 4, 3]), 4);
        assert_eq!(room("mirror", &[2, 1]), 1);
    }
}
