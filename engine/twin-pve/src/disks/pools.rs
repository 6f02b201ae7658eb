//! The lists of what is made of disks.

use model::{Params, Stop, Tx, node::groups};
use serde_json::{Map, Value, json};

pub(super) fn lvm(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(json!({ "leaf": 0, "children": groups::volume_groups(tx)? }))
}

pub(super) fn lvmthin(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(groups::thin_pools(tx)?.into())
}

/// What a list shows of a pool.
fn shown(row: &Value, names: &[&str]) -> Value {
    let fields: Map<String, Value> = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), row.get(*name)?.clone())))
        .collect();
    Value::Object(fields)
}

pub(super) fn zfs(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = ["name", "size", "alloc", "free", "frag", "dedup", "health"];
    let pools = groups::zpools(tx)?;
    Ok(pools.iter().map(|row| shown(row, &names)).collect())
}

pub(super) fn zfs_detail(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("name");
    let Some(row) = groups::zpool(tx, &name)? else {
        return Err(Stop::fail(format!(
            "command '/sbin/zpool status -P {name}' failed: exit code 1"
        )));
    };
    let device = |path: &Value| json!({ "name": path, "state": "ONLINE", "read": 0, "write": 0, "cksum": 0, "leaf": 1, "msg": "" });
    let devices: Vec<Value> = row["devices"]
        .as_array()
        .into_iter()
        .flatten()
        .map(device)
        .collect();
    let level = row["raidlevel"].as_str().unwrap_or("single");
    let inner = if level == "single" {
        Value::Array(devices)
    } else {
        let name = format!("{}-0", level.replace("raid10", "mirror"));
        json!([{ "name": name, "state": "ONLINE", "read": 0, "write": 0, "cksum": 0, "leaf": 0, "msg": "",
            "children": devices }])
    };
    let root = json!({
        "name": name, "state": "ONLINE", "read": 0, "write": 0, "cksum": 0, "leaf": 0, "msg": "", "children": inner,
    });
    Ok(json!({
        "name": name, "state": "ONLINE", "errors": "No known data errors", "leaf": 0, "children": [root],
    }))
}

pub(super) fn directory(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(groups::directories(tx)?.into())
}
