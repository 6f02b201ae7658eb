//! Taking apart what is made of disks.

use model::{
    Effect, Key, Params, Stop, Tx, Work, kind, node::groups, node_domain, params::split_list,
    permission,
};
use serde_json::{Map, Value};

use super::list;

type Rows = Vec<(Key, Option<Value>)>;

/// The rows that take the node from storages, or remove those that are on no other node.
fn without_storage(
    tx: &mut Tx<'_>,
    params: &Params,
    fits: impl Fn(&Map<String, Value>) -> bool,
) -> Result<Rows, Stop> {
    if !params.is_set("cleanup-config") {
        return Ok(Vec::new());
    }
    permission::require(tx, "/storage", &["Datastore.Allocate"])?;
    let (domain, node, members) = (tx.cluster()?, tx.node.clone(), tx.members()?);
    let mut rows = Rows::new();
    for (id, mut storage) in tx.scan::<Map<String, Value>>(kind::STORAGE)? {
        if !fits(&storage) {
            continue;
        }
        let listed = split_list(
            storage
                .get("nodes")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        );
        let mut nodes = if listed.is_empty() {
            members.clone()
        } else {
            listed
        };
        if !nodes.contains(&node) {
            continue;
        }
        nodes.retain(|name| *name != node);
        let key = Key::new(&*domain, kind::STORAGE, id);
        if nodes.is_empty() {
            rows.push((key, None));
        } else {
            storage.insert("nodes".to_owned(), nodes.join(",").into());
            rows.push((key, Some(Value::Object(storage))));
        }
    }
    Ok(rows)
}

/// The rows of disks that are wiped, if they are to be.
fn wiped(tx: &mut Tx<'_>, params: &Params, devices: &[String]) -> Result<Rows, Stop> {
    let mut rows = Rows::new();
    if params.is_set("cleanup-disks") {
        for device in devices {
            if let Some(row) = groups::disk(tx, device)? {
                rows.push((list::key(tx, device), Some(list::emptied(row))));
            }
        }
    }
    Ok(rows)
}

fn has(storage: &Map<String, Value>, wanted: &[(&str, &str)]) -> bool {
    wanted
        .iter()
        .all(|(name, value)| storage.get(*name).is_some_and(|is| is == value))
}

fn names(list: &Value, field: Option<&str>) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| field.map_or(item, |field| &item[field]).as_str())
        .map(str::to_owned)
        .collect()
}

/// Starts the task that removes rows `TYPE/NAME` and changes others, or fails.
fn start(
    tx: &mut Tx<'_>,
    (what, id): (&str, &str),
    gone: &[String],
    mut rows: Rows,
    missing: Option<String>,
) -> Result<Value, Stop> {
    let domain = node_domain(&tx.node);
    rows.extend(
        gone.iter()
            .map(|id| (Key::new(&*domain, kind::VOLUME_GROUP, id), None)),
    );
    let work = Work::new(what, id);
    let work = match missing {
        Some(words) => work.failing(words),
        None => work.doing(Effect::Rows { rows }),
    };
    tx.start_task(work).map(Value::from)
}

pub(super) fn lvm(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("name");
    let row = groups::volume_group(tx, &name)?;
    let missing = match &row {
        None => Some(format!("no such volume group '{name}'")),
        Some(row) if row["lvcount"].as_u64().unwrap_or_default() > 0 => {
            Some(format!("volume group '{name}' still in use"))
        }
        Some(_) => None,
    };
    let devices = names(&row.unwrap_or_default()["children"], Some("name"));
    let mut rows = without_storage(tx, params, |storage| {
        has(storage, &[("type", "lvm"), ("vgname", &name)])
    })?;
    rows.extend(wiped(tx, params, &devices)?);
    start(
        tx,
        ("lvmremove", &name),
        &[format!("lvm/{name}")],
        rows,
        missing,
    )
}

pub(super) fn lvmthin(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (name, group) = (params.required("name"), params.required("volume-group"));
    let is_there = groups::thin_pool(tx, &group, &name)?.is_some();
    let missing = (!is_there).then(|| format!("no such thin pool {group}/{name}"));
    let mut rows = without_storage(tx, params, |storage| {
        has(
            storage,
            &[("type", "lvmthin"), ("vgname", &group), ("thinpool", &name)],
        )
    })?;
    let mut gone = vec![format!("lvmthin/{group}/{name}")];
    if let Some(mut row) = groups::volume_group(tx, &group)? {
        let devices = names(&row["children"], Some("name"));
        if params.is_set("cleanup-disks") {
            gone.push(format!("lvm/{group}"));
            rows.extend(wiped(tx, params, &devices)?);
        } else {
            row["free"] = row["size"].clone();
            row["lvcount"] = 0.into();
            let key = Key::new(
                node_domain(&tx.node),
                kind::VOLUME_GROUP,
                format!("lvm/{group}"),
            );
            rows.push((key, Some(row)));
        }
    }
    start(
        tx,
        ("lvmthinremove", &format!("{group}-{name}")),
        &gone,
        rows,
        missing,
    )
}

pub(super) fn zfs(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("name");
    let row = groups::zpool(tx, &name)?;
    let missing = row
        .is_none()
        .then(|| format!("command 'zpool destroy {name}' failed: exit code 1"));
    let devices = names(&row.unwrap_or_default()["devices"], None);
    let mut rows = without_storage(tx, params, |storage| {
        has(storage, &[("type", "zfspool"), ("pool", &name)])
    })?;
    rows.extend(wiped(tx, params, &devices)?);
    start(
        tx,
        ("zfsremove", &name),
        &[format!("zfs/{name}")],
        rows,
        missing,
    )
}

pub(super) fn directory(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("name");
    let path = format!("/mnt/pve/{name}");
    let row = groups::directories(tx)?
        .into_iter()
        .find(|row| row["path"] == *path);
    let missing = row.is_none().then(|| format!("no mount unit for '{path}'"));
    let device = row.unwrap_or_default()["device"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let mut rows = without_storage(tx, params, |storage| {
        has(storage, &[("type", "dir"), ("path", &path)])
    })?;
    rows.extend(wiped(tx, params, &[device])?);
    start(
        tx,
        ("dirremove", &name),
        &[format!("directory/{name}")],
        rows,
        missing,
    )
}
