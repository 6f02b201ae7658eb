//! The disks themselves: the list, their health, wiping them.

use model::{Effect, Key, Params, Stop, Tx, Work, kind, node::groups, node_domain};
use serde_json::{Value, json};

pub(super) fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = [
        "list",
        "initgpt",
        "smart",
        "lvm",
        "lvmthin",
        "directory",
        "wipedisk",
        "zfs",
    ];
    Ok(crate::index("name", &names))
}

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let domain = node_domain(&tx.node);
    let disks = tx.scan_in::<Value>(&domain, kind::DISK)?;
    let wanted = params.text("type");
    let mut rows = Vec::new();
    for (_, mut row) in disks {
        let partitions = row
            .as_object_mut()
            .and_then(|row| row.shift_remove("partitions"));
        let is_free = row["used"].as_str().is_none_or(str::is_empty);
        if wanted.is_some() && !is_free {
            continue;
        }
        if params.is_set("skipsmart") {
            row["health"] = "UNKNOWN".into();
            row["wearout"] = "N/A".into();
        }
        let devpath = row["devpath"].clone();
        rows.push(row);
        if params.is_set("include-partitions") {
            for mut part in partitions
                .as_ref()
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default()
            {
                part["parent"] = devpath.clone();
                rows.push(part);
            }
        }
    }
    Ok(Value::Array(rows))
}

/// A disk that a call names.
fn named(tx: &mut Tx<'_>, params: &Params) -> Result<(String, Value), Stop> {
    let device = params.required("disk");
    match groups::disk(tx, &device)? {
        Some(row) => Ok((device, row)),
        None => Err(Stop::fail(format!(
            "failed to get absolute path to {device}"
        ))),
    }
}

pub(super) fn smart(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (_, row) = named(tx, params)?;
    if params.is_set("healthonly") {
        return Ok(json!({ "health": row["health"] }));
    }
    Ok(json!({ "health": row["health"], "type": "text", "text": "" }))
}

/// The key of a disk's row.
pub(super) fn key(tx: &Tx<'_>, device: &str) -> Key {
    Key::new(node_domain(&tx.node), kind::DISK, device)
}

/// A disk's row once it's empty.
pub(super) fn emptied(mut row: Value) -> Value {
    if let Some(row) = row.as_object_mut() {
        row.shift_remove("used");
        row.shift_remove("mounted");
        row.shift_remove("partitions");
    }
    row["gpt"] = 0.into();
    row
}

pub(super) fn init_gpt(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (device, mut row) = named(tx, params)?;
    if row["used"].as_str().is_some_and(|used| !used.is_empty()) {
        return Err(Stop::fail(format!("disk {device} already in use")));
    }
    row["gpt"] = 1.into();
    let rows = vec![(key(tx, &device), Some(row))];
    let name = device.trim_start_matches("/dev/").to_owned();
    tx.start_task(Work::new("diskinit", &name).doing(Effect::Rows { rows }))
        .map(Value::from)
}

pub(super) fn wipe(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (device, row) = named(tx, params)?;
    if row["mounted"] == 1 || is_held(tx, &device)? {
        return Err(Stop::fail(format!(
            "disk/partition '{device}' is mounted or in use"
        )));
    }
    let rows = vec![(key(tx, &device), Some(emptied(row)))];
    let name = device.trim_start_matches("/dev/").to_owned();
    tx.start_task(Work::new("wipedisk", &name).doing(Effect::Rows { rows }))
        .map(Value::from)
}

/// Whether a disk is part of something made of disks.
fn is_held(tx: &mut Tx<'_>, device: &str) -> Result<bool, Stop> {
    if groups::on_device(tx, device)?.is_some() {
        return Ok(true);
    }
    let has = |row: &Value| {
        let mut devices = row["devices"].as_array().into_iter().flatten();
        row["device"] == *device || devices.any(|held| held == device)
    };
    Ok(groups::zpools(tx)?.iter().any(has) || groups::directories(tx)?.iter().any(has))
}
