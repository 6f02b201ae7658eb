//! Which guests a job saves.

use formats::property;
use model::{
    Params, Stop, Tx, kind,
    params::{split_list, text_of},
    permission,
};
use serde_json::{Map, Value, json};

use super::{job, verify::Job};
use crate::pools::Pool;

/// Whether a job saves a guest.
fn saves(tx: &mut Tx<'_>, job: &Job, vmid: &str, guest: &Value) -> Result<bool, Stop> {
    let text = |name: &str| job.get(name).and_then(text_of).unwrap_or_default();
    let node = text("node");
    if !node.is_empty() && guest["node"] != *node {
        return Ok(false);
    }
    if split_list(&text("exclude"))
        .iter()
        .any(|excluded| excluded == vmid)
    {
        return Ok(false);
    }
    if text("all") == "1" {
        return Ok(true);
    }
    let pool = text("pool");
    if !pool.is_empty() {
        let members = tx.get::<Pool>(kind::POOL, &pool)?.unwrap_or_default();
        return Ok(members.vms.iter().any(|member| member == vmid));
    }
    Ok(split_list(&text("vmid"))
        .iter()
        .any(|listed| listed == vmid))
}

pub(super) fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(crate::index("subdir", &["not-backed-up"]))
}

fn kind_of(guest: &Value) -> &str {
    guest["type"].as_str().unwrap_or("qemu")
}

pub(super) fn left_out(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let jobs = tx.scan::<Job>(kind::BACKUP)?;
    let mut rows = Vec::new();
    for (vmid, guest) in tx.scan::<Value>(kind::GUEST)? {
        let mut is_saved = false;
        for (_, job) in &jobs {
            is_saved = is_saved || saves(tx, job, &vmid, &guest)?;
        }
        if !is_saved && permission::has_any(tx, &format!("/vms/{vmid}"), &["VM.Audit"])? {
            rows.push(entry(&vmid, &guest, "vmid"));
        }
    }
    Ok(Value::Array(rows.into_iter().map(Value::Object).collect()))
}

fn entry(vmid: &str, guest: &Value, key: &str) -> Map<String, Value> {
    let number = vmid.parse::<u64>().unwrap_or_default();
    let mut row = Map::new();
    row.insert(key.to_owned(), number.into());
    row.insert("type".to_owned(), kind_of(guest).into());
    if let Some(name) = guest["config"]["name"].as_str() {
        row.insert("name".to_owned(), name.into());
    }
    row
}

/// The names of options that are a guest's disks.
fn is_disk(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(
        stem,
        "ide" | "sata" | "scsi" | "virtio" | "efidisk" | "tpmstate"
    ) && stem != name
}

/// A disk of a guest, with whether it's saved and why.
fn disk(name: &str, value: &str) -> Option<Value> {
    let volume = property::parts(value).find(|part| part.key.is_none_or(|key| key == "file"));
    let volume = volume.map_or("", |part| part.value);
    if value.contains("media=cdrom") || volume == "none" || volume.ends_with(":cloudinit") {
        return None;
    }
    let mut parts = property::parts(value);
    let is_left_out = parts
        .any(|part| part.key == Some("backup") && property::boolean(part.value) == Some(false));
    let reason = if is_left_out {
        "manually disabled in guest config"
    } else {
        "enabled"
    };
    Some(json!({
        "id": name, "name": volume, "included": u8::from(!is_left_out), "reason": reason, "leaf": 1,
    }))
}

pub(super) fn included(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let job = job::known(tx, &params.required("id"))?;
    let mut children = Vec::new();
    for (vmid, guest) in tx.scan::<Value>(kind::GUEST)? {
        let is_seen = permission::has_any(tx, &format!("/vms/{vmid}"), &["VM.Audit"])?;
        if !is_seen || !saves(tx, &job, &vmid, &guest)? {
            continue;
        }
        let mut row = entry(&vmid, &guest, "id");
        let options = guest["config"].as_object().into_iter().flatten();
        let disks: Vec<Value> = options
            .filter(|(name, _)| is_disk(name))
            .filter_map(|(name, value)| disk(name, value.as_str()?))
            .collect();
        row.insert("children".to_owned(), disks.into());
        row.insert("leaf".to_owned(), 0.into());
        children.push(Value::Object(row));
    }
    Ok(json!({ "leaf": 0, "children": children }))
}
