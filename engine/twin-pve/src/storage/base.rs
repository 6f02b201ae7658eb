//! What making a storage does beside its entry: an LVM on an iSCSI base gets its volume group.

use model::{
    Stop, Tx,
    node::{
        activate::activate,
        appliances, groups,
        storages::{self, Storage, property},
    },
};
use serde_json::Value;

/// Does what the type does when a storage is made.
///
/// # Errors
/// 500 in the API's words, or the rows' fault.
pub(super) fn on_add(tx: &mut Tx<'_>, storage: &mut Storage) -> Result<(), Stop> {
    match property(storage, "type").as_str() {
        "lvm" => match property(storage, "base") {
            base if base.is_empty() => Ok(()),
            base => volume_group(tx, &base, &property(storage, "vgname")),
        },
        "zfspool" => mount_point(tx, storage),
        _ => Ok(()),
    }
}

/// A pool that is there says where it's mounted.
fn mount_point(tx: &mut Tx<'_>, storage: &mut Storage) -> Result<(), Stop> {
    let dataset = property(storage, "pool");
    let pool = dataset.split('/').next().unwrap_or_default();
    if !storage.contains_key("mountpoint") && groups::zpool(tx, pool)?.is_some() {
        storage.insert("mountpoint".to_owned(), format!("/{dataset}").into());
    }
    Ok(())
}

fn volume_group(tx: &mut Tx<'_>, base: &str, name: &str) -> Result<(), Stop> {
    let (id, volume) = base.split_once(':').unwrap_or((base, ""));
    let Some(iscsi) = storages::find(tx, id)? else {
        return Err(Stop::fail(format!("base storage ID '{id}' does not exist")));
    };
    let kind = property(&iscsi, "type");
    if kind != "iscsi" {
        return Err(Stop::fail(format!("unsupported base type '{kind}'")));
    }
    let Some(device) = volume.splitn(4, '.').nth(3) else {
        return Err(Stop::fail(format!(
            "unable to parse iscsi volume name '{volume}'"
        )));
    };
    activate(tx, id, &iscsi)?;
    let (portal, target) = (property(&iscsi, "portal"), property(&iscsi, "target"));
    let luns = appliances::luns(tx, &portal, &target)?;
    let path = format!("/dev/disk/by-id/{device}");
    let Some(lun) = luns.iter().find(|lun| lun.device == device) else {
        return Err(Stop::fail(format!(
            "pvcreate '{path}' error:   No device found for {path}."
        )));
    };
    let used = groups::on_device(tx, &path)?;
    match used.and_then(|row| row["name"].as_str().map(str::to_owned)) {
        Some(there) if there == name => Ok(()),
        Some(there) => Err(Stop::fail(format!(
            "device '{path}' is already used by volume group '{there}'"
        ))),
        None => {
            if groups::volume_group(tx, name)?.is_some() {
                return Err(Stop::fail(format!(
                    "vgcreate {name} {path} error:   A volume group called {name} already exists."
                )));
            }
            let row: Value = groups::group_row(name, &path, lun.size);
            groups::put(tx, "lvm", name, &row)
        }
    }
}
