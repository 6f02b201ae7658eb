//! A node's view of the storages: the list, their state, their figures.

use model::{
    Params, Stop, Tx,
    node::{
        activate::activate,
        storages::{self, Storage, property},
    },
    params::split_list,
    permission,
};
use serde_json::{Map, Value, json};

use super::space::space;

const SEE: &[&str] = &["Datastore.Audit", "Datastore.AllocateSpace"];

/// A storage as the asked node sees it.
///
/// # Errors
/// The rows' fault.
pub(crate) fn info(
    tx: &mut Tx<'_>,
    id: &str,
    storage: &Storage,
) -> Result<Map<String, Value>, Stop> {
    let enabled = storages::check_enabled(tx, id, storage).is_ok();
    let space = if enabled {
        space(tx, id, storage)?
    } else {
        None
    };
    let room = space.unwrap_or_default();
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
    put("type", property(storage, "type").into());
    put("content", property(storage, "content").into());
    put(
        "shared",
        u8::from(storages::flag(storage, "shared") == Some(true)).into(),
    );
    put("enabled", u8::from(enabled).into());
    put("active", u8::from(space.is_some()).into());
    put("total", room.total.into());
    put("used", room.used.into());
    put("avail", room.total.saturating_sub(room.used).into());
    Ok(row)
}

/// The formats of images that a storage takes, the default one by name.
fn formats(storage: &Storage) -> Option<(Value, Value)> {
    let known = storages::plugin_of(storage)?.formats;
    let wanted = property(storage, "format");
    let default = if known.contains(&wanted.as_str()) {
        wanted
    } else {
        (*known.first()?).to_owned()
    };
    let supported: Map<String, Value> = known
        .iter()
        .map(|name| ((*name).to_owned(), json!(1)))
        .collect();
    let old = json!([supported, default]);
    let mut known = known.to_vec();
    known.sort_unstable();
    Some((old, json!({ "supported": known, "default": default })))
}

/// A storage as the asked node sees it, with its id and its configuration.
type Listed = (String, Storage, Map<String, Value>);

/// Every storage that the filters of a list leave, as the asked node sees it.
fn listed(tx: &mut Tx<'_>, params: &Params) -> Result<Vec<Listed>, Stop> {
    let wanted = params.text("content").map(|text| split_list(&text));
    let mut found = Vec::new();
    for (id, storage) in storages::all(tx)? {
        if let Some(kinds) = &wanted {
            let fits = kinds.iter().any(|kind| storages::holds(&storage, kind));
            if !fits || storages::check_enabled(tx, &id, &storage).is_err() {
                continue;
            }
        }
        let mut row = info(tx, &id, &storage)?;
        if params.is_set("format") && row["enabled"] == 1 {
            if let Some((old, new)) = formats(&storage) {
                row.insert("format".to_owned(), old);
                row.insert("formats".to_owned(), new);
            }
            if matches!(property(&storage, "type").as_str(), "iscsi" | "iscsidirect") {
                row.insert("select_existing".to_owned(), json!(1));
            }
        }
        found.push((id, storage, row));
    }
    Ok(found)
}

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let all = listed(tx, params)?;
    let wanted = params.text("storage");
    if let Some(wanted) = &wanted
        && !all.iter().any(|(id, ..)| id == wanted)
    {
        return Err(no_storage());
    }
    let target = params
        .text("target")
        .filter(|target| *target != tx.node && target != "localhost");
    let mut rows = Vec::new();
    for (id, storage, mut row) in all {
        let is_left = wanted.as_ref().is_none_or(|wanted| *wanted == id)
            && !(params.is_set("enabled") && storages::flag(&storage, "disable") == Some(true))
            && target.as_ref().is_none_or(|target| {
                row["shared"] == 1
                    && storages::is_on(&storage, &tx.node)
                    && storages::is_on(&storage, target)
            });
        if !is_left || !permission::has_any(tx, &format!("/storage/{id}"), SEE)? {
            continue;
        }
        let (total, used) = (
            row["total"].as_f64().unwrap_or_default(),
            row["used"].as_f64().unwrap_or_default(),
        );
        if total > 0.0 {
            row.insert("used_fraction".to_owned(), json!(used / total));
        }
        row.insert("storage".to_owned(), id.into());
        rows.push(Value::Object(row));
    }
    Ok(Value::Array(rows))
}

fn no_storage() -> Stop {
    Stop::invalid_one("storage", "No such storage.")
}

pub(super) fn status(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let id = params.required("storage");
    match storages::find(tx, &id)? {
        Some(storage) => info(tx, &id, &storage).map(Value::Object),
        None => Err(no_storage()),
    }
}

pub(super) fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = [
        "content",
        "download-url",
        "file-restore",
        "import-metadata",
        "identity",
        "oci-registry-pull",
        "prunebackups",
        "rrd",
        "rrddata",
        "status",
        "upload",
    ];
    Ok(crate::index("subdir", &names))
}

/// The seconds between two points of a time frame, and how many points it has.
const FRAMES: &[(&str, u64, u64)] = &[
    ("hour", 60, 60),
    ("day", 60, 1440),
    ("week", 1800, 336),
    ("month", 1800, 1440),
    ("year", 21_600, 1460),
];

/// Figures over time: at no time was anything measured yet.
pub(super) fn figures(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let frame = params.required("timeframe");
    let known = FRAMES.iter().find(|(name, ..)| *name == frame);
    let (_, step, count) = known.copied().unwrap_or(FRAMES[0]);
    let last = tx.now.seconds() / step * step;
    Ok((0..count)
        .rev()
        .map(|back| json!({ "time": last.saturating_sub(back * step) }))
        .collect())
}

pub(super) fn restore_list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let id = params.required("storage");
    let storage = storages::known(tx, &id)?;
    if property(&storage, "type") != "pbs" {
        let words = "Only PBS storages supported for file-restore.";
        return Err(Stop::invalid_one("storage", words));
    }
    activate(tx, &id, &storage)?;
    Err(Stop::fail(format!(
        "no such volume '{}'",
        params.required("volume")
    )))
}

/// The figures of every storage on a node, for the list of resources.
///
/// # Errors
/// The rows' fault.
pub(crate) fn resources(tx: &mut Tx<'_>, node: &str) -> Result<Vec<Value>, Stop> {
    let asked = std::mem::replace(&mut tx.node, node.to_owned());
    let found = storages::all(tx).and_then(|all| {
        let mut rows = Vec::new();
        for (id, storage) in all {
            if storages::is_on(&storage, node) && storages::flag(&storage, "disable") != Some(true)
            {
                rows.push(resource(tx, node, &id, &storage)?);
            }
        }
        Ok(rows)
    });
    tx.node = asked;
    found
}

fn resource(tx: &mut Tx<'_>, node: &str, id: &str, storage: &Storage) -> Result<Value, Stop> {
    let row = info(tx, id, storage)?;
    let status = if row["active"] == 1 {
        "available"
    } else {
        "unknown"
    };
    Ok(json!({
        "id": format!("storage/{node}/{id}"), "type": "storage", "storage": id, "node": node,
        "plugintype": row["type"], "content": row["content"], "shared": row["shared"], "status": status,
        "disk": row["used"], "maxdisk": row["total"],
    }))
}
