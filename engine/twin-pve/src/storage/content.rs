//! What lies on a storage: the list, a volume's attributes, new and removed volumes.

use model::{
    Effect, Key, Params, Stop, Tx, Work, kind,
    node::{
        activate::activate,
        appliances,
        plugin::Plugin,
        storages::{self, Storage, property},
    },
    permission,
};
use serde_json::{Value, json};

use super::volume::{self, Volume};

/// The rows of what lies on a storage, on the asked node where it isn't shared.
pub(super) fn rows(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<Vec<Value>, Stop> {
    let domain = storages::content_domain(tx, storage)?;
    let prefix = format!("{id}:");
    let all = tx.scan_in::<Value>(&domain, kind::CONTENT)?;
    let own = all
        .into_iter()
        .filter(|(volid, _)| volid.starts_with(&prefix));
    Ok(own.map(|(_, row)| row).collect())
}

/// The units of an iSCSI target, as volumes.
fn units(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<Vec<Value>, Stop> {
    let (portal, target) = (property(storage, "portal"), property(storage, "target"));
    let luns = appliances::luns(tx, &portal, &target)?;
    Ok(luns
        .into_iter()
        .map(|lun| {
            let (number, device) = (lun.number, lun.device);
            json!({
                "volid": format!("{id}:0.0.{number}.{device}"), "format": "raw", "size": lun.size,
                "vmid": 0, "channel": 0, "id": 0, "lun": number, "content": "images",
            })
        })
        .collect())
}

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let id = params.required("storage");
    let storage = storages::known(tx, &id)?;
    activate(tx, &id, &storage)?;
    let (wanted, vmid) = (params.text("content"), params.integer("vmid"));
    let is_iscsi = property(&storage, "type") == "iscsi";
    let found = if is_iscsi && vmid.is_none() {
        units(tx, &id, &storage)?
    } else {
        rows(tx, &id, &storage)?
    };
    let mut shown = Vec::new();
    for row in found {
        let held = row["content"].as_str().unwrap_or_default().to_owned();
        let is_wanted = is_iscsi
            || (storages::holds(&storage, &held)
                && wanted.as_ref().is_none_or(|wanted| *wanted == held));
        let is_owned = vmid.is_none_or(|vmid| row["vmid"].as_i64() == Some(vmid));
        let volid = row["volid"].as_str().unwrap_or_default().to_owned();
        if is_wanted && is_owned && may_see(tx, &id, &storage, &volid)? {
            shown.push(first_line(row));
        }
    }
    shown.sort_by_key(|row| {
        row["volid"]
            .as_str()
            .unwrap_or_default()
            .to_ascii_lowercase()
    });
    Ok(Value::Array(shown))
}

/// Lists show only the first line of notes.
fn first_line(mut row: Value) -> Value {
    if let Some(notes) = row["notes"].as_str() {
        row["notes"] = notes.lines().next().unwrap_or_default().to_owned().into();
    }
    if let Some(object) = row.as_object_mut() {
        object.shift_remove("sums");
    }
    row
}

fn may_see(tx: &mut Tx<'_>, id: &str, storage: &Storage, volid: &str) -> Result<bool, Stop> {
    match check_access(tx, id, storage, volid) {
        Ok(_) => Ok(true),
        Err(Stop::Api(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

fn name_of(volid: &str) -> &str {
    volid.split_once(':').map_or(volid, |(_, name)| name)
}

/// Needs the right to read a volume.
///
/// # Errors
/// 403 or 500 in the API's words, or the rows' fault.
fn check_access(tx: &mut Tx<'_>, id: &str, storage: &Storage, volid: &str) -> Result<Volume, Stop> {
    let found = volume::parse(storage, name_of(volid))?;
    let path = format!("/storage/{id}");
    if permission::has_any(tx, &path, &["Datastore.Allocate"])? {
        return Ok(found);
    }
    match (found.kind, found.owner) {
        ("iso" | "vztmpl" | "import", _) => {
            permission::require_any(tx, &path, &["Datastore.AllocateSpace", "Datastore.Audit"])?;
        }
        ("backup", Some(owner)) => {
            permission::require(tx, &path, &["Datastore.AllocateSpace"])?;
            permission::require(tx, &format!("/vms/{owner}"), &["VM.Backup"])?;
        }
        ("images" | "rootdir", Some(owner)) => {
            permission::require(tx, &path, &["Datastore.Audit"])?;
            permission::require(tx, &format!("/vms/{owner}"), &["VM.Config.Disk"])?;
        }
        _ => return Err(Stop::fail(format!("missing privileges to access {volid}"))),
    }
    Ok(found)
}

/// The key of a volume's row.
///
/// # Errors
/// The rows' fault.
pub(super) fn key(tx: &mut Tx<'_>, storage: &Storage, volid: &str) -> Result<Key, Stop> {
    Ok(Key::new(
        storages::content_domain(tx, storage)?,
        kind::CONTENT,
        volid,
    ))
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (id, volid) = volume::of_call(params)?;
    let storage = storages::known(tx, &id)?;
    let found = check_access(tx, &id, &storage, &volid)?;
    let key = key(tx, &storage, &volid)?;
    let row = match tx.read::<Value>(&key)? {
        None if property(&storage, "type") == "iscsi" => {
            let units = units(tx, &id, &storage)?;
            units.into_iter().find(|unit| unit["volid"] == *volid)
        }
        found => found,
    };
    let Some(row) = row else {
        return Err(Stop::fail(format!(
            "volume_size_info on '{volid}' failed - no format"
        )));
    };
    let size = row["size"].as_u64().unwrap_or_default();
    let is_image = matches!(found.format.as_str(), "qcow2" | "vmdk" | "subvol");
    let mut answer = json!({
        "path": volume::path(&storage, &found, name_of(&volid)),
        // What isn't an image of its own is a raw one, in whole sectors.
        "format": if is_image { found.format.as_str() } else { "raw" },
        "size": if is_image { size } else { size.next_multiple_of(512) },
        "used": size.next_multiple_of(4096),
    });
    if found.kind == "backup" {
        answer["notes"] = row["notes"].as_str().unwrap_or_default().into();
        answer["protected"] = u8::from(row["protected"] == 1).into();
    }
    Ok(answer)
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (id, volid) = volume::of_call(params)?;
    let storage = storages::known(tx, &id)?;
    let found = check_access(tx, &id, &storage, &volid)?;
    let key = key(tx, &storage, &volid)?;
    for (attribute, words) in [
        ("notes", "only backups can have notes"),
        ("protected", "only backups can be protected"),
    ] {
        if !params.has(attribute) {
            continue;
        }
        if found.kind != "backup" {
            return Err(Stop::fail(words));
        }
        let Some(mut row) = tx.read::<Value>(&key)? else {
            let path = volume::path(&storage, &found, name_of(&volid));
            return Err(Stop::fail(format!("archive '{path}' does not exist")));
        };
        row[attribute] = match attribute {
            "protected" => u8::from(params.is_set("protected")).into(),
            _ => params.required("notes").into(),
        };
        tx.write(&key, &row)?;
    }
    Ok(Value::Null)
}

pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (id, volid) = volume::of_call(params)?;
    let storage = storages::known(tx, &id)?;
    let found = volume::parse(&storage, name_of(&volid))?;
    let path = format!("/storage/{id}");
    match (found.kind, found.owner) {
        ("backup", Some(owner)) => {
            permission::require(tx, &path, &["Datastore.AllocateSpace"])?;
            permission::require(tx, &format!("/vms/{owner}"), &["VM.Backup"])?;
        }
        _ => permission::require(tx, &path, &["Datastore.Allocate"])?,
    }
    let worker = match found.owner {
        Some(owner) => format!("{owner}@{id}"),
        None => id.clone(),
    };
    let key = key(tx, &storage, &volid)?;
    let row = tx.read::<Value>(&key)?;
    let work = Work::new("imgdel", &worker).logging([format!("Removed volume '{volid}'")]);
    let work = if row.is_some_and(|row| row["protected"] == 1) {
        work.failing(format!(
            "cannot remove protected volume '{}' on '{id}'",
            name_of(&volid)
        ))
    } else if property(&storage, "type") == "iscsi" {
        work.failing("can't free space in iscsi storage")
    } else {
        work.doing(Effect::Rows {
            rows: vec![(key, None)],
        })
    };
    let upid = tx.start_task(work)?;
    finish_early(tx, params, upid)
}

/// A caller who waits gets no task where it ends in time.
fn finish_early(tx: &mut Tx<'_>, params: &Params, upid: String) -> Result<Value, Stop> {
    if !params.has("delay") {
        return Ok(upid.into());
    }
    tx.end_task(&upid, None)?;
    let task = tx.read::<model::Task>(&model::Task::key(&upid))?;
    match task.and_then(|task| task.exitstatus) {
        Some(status) if !model::Task::is_ok(&status) => Err(Stop::fail(status)),
        _ => Ok(Value::Null),
    }
}

pub(super) fn allocate(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (id, mut name) = (params.required("storage"), params.required("filename"));
    let size = kibibytes(&params.required("size"));
    let vmid = params.required("vmid");
    let of_name = ["raw", "qcow2", "vmdk"]
        .into_iter()
        .find(|format| name.ends_with(&format!(".{format}")));
    let wanted = params.text("format");
    if let (Some(of_name), Some(wanted)) = (of_name, &wanted)
        && of_name != wanted
    {
        let words = format!("different storage formats ({wanted} != {of_name})");
        return Err(Stop::invalid_one("format", words));
    }
    let storage = storages::known(tx, &id)?;
    activate(tx, &id, &storage)?;
    let formats = storages::plugin_of(&storage).map_or(&[][..], |plugin| plugin.formats);
    let format = of_name
        .map(str::to_owned)
        .or(wanted)
        .unwrap_or_else(|| "raw".to_owned());
    if property(&storage, "type") == "iscsi" {
        return Err(Stop::fail("can't allocate space in iscsi storage"));
    }
    if !formats.contains(&format.as_str()) {
        return Err(Stop::fail(format!("unsupported format '{format}'")));
    }
    if !name.starts_with(&format!("vm-{vmid}-")) {
        return Err(Stop::fail(format!(
            "illegal name '{name}' - should be 'vm-{vmid}-*'"
        )));
    }
    let has_path = storages::plugin_of(&storage).is_some_and(Plugin::has_path);
    if has_path {
        name = format!("{vmid}/{name}");
    }
    let volid = format!("{id}:{name}");
    let found = volume::parse(&storage, &name)?;
    let key = key(tx, &storage, &volid)?;
    if tx.read::<Value>(&key)?.is_some() {
        let path = volume::path(&storage, &found, &name);
        return Err(Stop::fail(format!("disk image '{path}' already exists")));
    }
    let row = json!({
        "volid": volid, "content": "images", "format": format, "size": size * 1024,
        "vmid": vmid.parse::<u64>().unwrap_or_default(), "ctime": tx.now.seconds(), "parent": null,
    });
    tx.write(&key, &row)?;
    Ok(volid.into())
}

/// A size in KiB, MiB or GiB as KiB.
fn kibibytes(text: &str) -> u64 {
    let (digits, unit) = match text.strip_suffix('G') {
        Some(digits) => (digits, 1 << 20),
        None => match text.strip_suffix('M') {
            Some(digits) => (digits, 1 << 10),
            None => (text, 1),
        },
    };
    digits
        .parse::<u64>()
        .unwrap_or_default()
        .saturating_mul(unit)
}
