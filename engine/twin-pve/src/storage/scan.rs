//! What a node finds that storages could be made of.

use model::{
    Params, Stop, Tx,
    node::{appliances, groups},
};
use serde_json::{Value, json};

pub(super) fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = ["cifs", "iscsi", "lvm", "nfs", "pbs", "zfs"];
    Ok(crate::index("method", &names))
}

pub(super) fn nfs(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let server = params.required("server");
    match appliances::exports(tx, &server)? {
        Some(paths) => Ok(paths
            .into_iter()
            .map(|path| json!({ "path": path, "options": "*" }))
            .collect()),
        None => Err(Stop::fail(format!(
            "command '/sbin/showmount --no-headers --exports {server}' failed: got timeout"
        ))),
    }
}

pub(super) fn iscsi(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let portal = params.required("portal");
    let host = appliances::portal_host(&portal);
    match appliances::targets(tx, &portal)? {
        Some(targets) => Ok(targets
            .into_iter()
            .map(|target| json!({ "target": target, "portal": format!("{host}:3260") }))
            .collect()),
        None => Err(Stop::fail(format!(
            "unable to connect to portal '{portal}'"
        ))),
    }
}

fn names(rows: &[Value], field: &str, key: &str) -> Value {
    rows.iter().map(|row| json!({ key: row[field] })).collect()
}

pub(super) fn lvm(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(names(&groups::volume_groups(tx)?, "name", "vg"))
}

pub(super) fn lvmthin(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let group = params.required("vg");
    let mut pools = groups::thin_pools(tx)?;
    pools.retain(|row| row["vg"] == *group);
    Ok(names(&pools, "lv", "lv"))
}

pub(super) fn zfs(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let mut found = Vec::new();
    for pool in groups::zpools(tx)? {
        found.push(json!({ "pool": pool["name"] }));
        for dataset in pool["datasets"].as_array().into_iter().flatten() {
            found.push(json!({ "pool": dataset }));
        }
    }
    Ok(Value::Array(found))
}
