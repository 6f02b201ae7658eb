//! `GET /cluster/resources`, and the entries of nodes that `GET /nodes` shows too. What is new has the status
//! `unknown` until the daemons' next report.

use model::{Params, Stop, Tx, beat::Heard, kind, permission};
use serde_json::{Map, Value, json};

use crate::storage;

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let wanted = params.text("type");
    let wants = |kind: &str| wanted.as_deref().is_none_or(|wanted| wanted == kind);
    let mut known = Heard::read(tx)?;
    let mut rows = Vec::new();
    if wants("pool") {
        pools(tx, &mut rows)?;
    }
    if wants("vm") {
        guests(tx, &mut known, &mut rows)?;
    }
    if wants("node") {
        for name in tx.known_nodes()? {
            rows.push(Value::Object(node(tx, &mut known, &name)?));
        }
    }
    if wants("storage") {
        storages(tx, &mut known, &mut rows)?;
    }
    if wants("sdn") && permission::has_any(tx, "/sdn/zones/localnetwork", &["SDN.Audit"])? {
        for name in tx.members()? {
            rows.push(json!({
                "id": format!("sdn/{name}/localnetwork"), "node": name, "sdn": "localnetwork",
                "status": "ok", "type": "sdn",
            }));
        }
    }
    known.settle(tx);
    Ok(Value::Array(rows))
}

/// A node as lists show it; figures only for those who may see them.
pub(crate) fn node(
    tx: &mut Tx<'_>,
    known: &mut Heard,
    name: &str,
) -> Result<Map<String, Value>, Stop> {
    let row = tx.node_row(name)?.unwrap_or_default();
    let mut entry = Map::new();
    let id = format!("node/{name}");
    let status = if !tx.is_online(name)? {
        "offline"
    } else if known.has(&id) {
        "online"
    } else {
        "unknown"
    };
    entry.insert("node".to_owned(), name.into());
    entry.insert("id".to_owned(), id.into());
    entry.insert("type".to_owned(), "node".into());
    entry.insert("status".to_owned(), status.into());
    let full = permission::has_any(tx, &format!("/nodes/{name}"), &["Sys.Audit"])?;
    if full && status == "online" {
        let memory = row["memory"].as_u64().unwrap_or_default();
        entry.insert("level".to_owned(), "".into());
        entry.insert("maxcpu".to_owned(), row["cores"].clone());
        entry.insert("cpu".to_owned(), json!(0.01));
        entry.insert("maxmem".to_owned(), memory.into());
        entry.insert("mem".to_owned(), (memory / 16).into());
        entry.insert("disk".to_owned(), row["root_used"].clone());
        entry.insert("maxdisk".to_owned(), row["root_size"].clone());
        let booted = row["booted"].as_u64().unwrap_or_default();
        let uptime = tx.now.seconds().saturating_sub(booted);
        entry.insert("uptime".to_owned(), uptime.into());
    }
    Ok(entry)
}

fn pools(tx: &mut Tx<'_>, rows: &mut Vec<Value>) -> Result<(), Stop> {
    for (name, _) in tx.scan::<Value>(kind::POOL)? {
        if permission::has_any(tx, &format!("/pool/{name}"), &["Pool.Audit"])? {
            rows.push(json!({ "id": format!("/pool/{name}"), "pool": name, "type": "pool" }));
        }
    }
    Ok(())
}

fn guests(tx: &mut Tx<'_>, known: &mut Heard, rows: &mut Vec<Value>) -> Result<(), Stop> {
    let pools = tx.scan::<Value>(kind::POOL)?;
    for (vmid, guest) in tx.scan::<Value>(kind::GUEST)? {
        if !permission::has_any(tx, &format!("/vms/{vmid}"), &["VM.Audit"])? {
            continue;
        }
        let kind = guest["type"].as_str().unwrap_or("qemu");
        let id = format!("{kind}/{vmid}");
        let config = &guest["config"];
        let status = if known.has(&id) {
            guest["status"].as_str().unwrap_or("stopped")
        } else {
            "unknown"
        };
        let mut row = json!({
            "id": id, "type": kind, "vmid": vmid.parse::<u64>().unwrap_or_default(),
            "node": guest["node"], "status": status,
            "template": u8::from(config["template"] == 1 || config["template"] == "1"),
        });
        for field in ["name", "tags", "lock"] {
            if let Some(text) = config[field].as_str() {
                row[field] = text.into();
            }
        }
        let holds = |pool: &Value| {
            let members = pool["vms"].as_array();
            members.is_some_and(|members| members.iter().any(|member| *member == *vmid))
        };
        if let Some((pool, _)) = pools.iter().find(|(_, pool)| holds(pool)) {
            row["pool"] = pool.as_str().into();
        }
        rows.push(row);
    }
    Ok(())
}

fn storages(tx: &mut Tx<'_>, known: &mut Heard, rows: &mut Vec<Value>) -> Result<(), Stop> {
    for node in tx.members()? {
        let is_online = tx.is_online(&node)?;
        for mut row in storage::resources(tx, &node)? {
            let path = format!("/storage/{}", row["storage"].as_str().unwrap_or_default());
            if !permission::has_any(tx, &path, &["Datastore.Audit"])? {
                continue;
            }
            if !known.has(row["id"].as_str().unwrap_or_default()) || !is_online {
                row["status"] = "unknown".into();
            }
            if row["status"] == "unknown"
                && let Some(fields) = row.as_object_mut()
            {
                fields.retain(|name, _| !matches!(name.as_str(), "disk" | "maxdisk"));
            }
            rows.push(row);
        }
    }
    Ok(())
}
