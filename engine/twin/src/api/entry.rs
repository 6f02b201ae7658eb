//! The cluster's and nodes' entry points: indexes, `/nodes`, versions, the next free number, resources.

use serde_json::{Map, Value, json};

use crate::{
    certificate,
    declarations::entry as d,
    model::{Params, Stop, Tx, declare::Endpoint, kind, permission},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(&d::GET_VERSION, version),
    Endpoint::new(&d::GET_NODES, nodes),
    Endpoint::new(&d::GET_NODES_NODE, node_index),
    Endpoint::new(&d::GET_NODES_NODE_VERSION, version),
    Endpoint::new(&d::GET_CLUSTER, cluster_index),
    Endpoint::new(&d::GET_CLUSTER_NEXTID, next_id),
    Endpoint::new(&d::GET_CLUSTER_RESOURCES, resources),
];

fn version(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let node = tx.node.clone();
    let row = tx.node_row(&node)?.unwrap_or_default();
    let full = row["version"].as_str().unwrap_or_default().to_owned();
    let release: Vec<&str> = full.splitn(3, '.').take(2).collect();
    let repoid = hex::encode(&tx.derive(&format!("repoid/{full}"))[..8]);
    Ok(json!({ "version": full, "release": release.join("."), "repoid": repoid }))
}

/// A node as lists show it; figures only for those who may see them.
fn node_entry(tx: &mut Tx<'_>, name: &str, full: bool) -> Result<Map<String, Value>, Stop> {
    let row = tx.node_row(name)?.unwrap_or_default();
    let mut entry = Map::new();
    entry.insert("node".to_owned(), name.into());
    entry.insert("id".to_owned(), format!("node/{name}").into());
    entry.insert("type".to_owned(), "node".into());
    let status = if row["offline"] == true {
        "offline"
    } else {
        "online"
    };
    entry.insert("status".to_owned(), status.into());
    entry.insert("level".to_owned(), "".into());
    if full {
        let memory = row["memory"].as_u64().unwrap_or_default();
        entry.insert("maxcpu".to_owned(), row["cores"].clone());
        entry.insert("cpu".to_owned(), json!(0.01));
        entry.insert("maxmem".to_owned(), memory.into());
        entry.insert("mem".to_owned(), (memory / 16).into());
        entry.insert("disk".to_owned(), row["root_used"].clone());
        entry.insert("maxdisk".to_owned(), row["root_size"].clone());
        entry.insert("uptime".to_owned(), uptime(tx, &row).into());
    }
    Ok(entry)
}

fn uptime(tx: &Tx<'_>, row: &Value) -> u64 {
    tx.now
        .seconds()
        .saturating_sub(row["booted"].as_u64().unwrap_or_default())
}

fn nodes(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let mut rows = Vec::new();
    for name in tx.members()? {
        let full = permission::has_any(tx, &format!("/nodes/{name}"), &["Sys.Audit"])?;
        let mut entry = node_entry(tx, &name, full)?;
        entry.insert(
            "ssl_fingerprint".to_owned(),
            certificate::fingerprint_of(tx, &name)?.into(),
        );
        rows.push(Value::Object(entry));
    }
    Ok(Value::Array(rows))
}

fn node_index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = [
        "aplinfo",
        "apt",
        "capabilities",
        "ceph",
        "certificates",
        "config",
        "disks",
        "dns",
        "execute",
        "firewall",
        "hardware",
        "hosts",
        "journal",
        "lxc",
        "migrateall",
        "netstat",
        "network",
        "qemu",
        "query-oci-repo-tags",
        "query-url-metadata",
        "replication",
        "report",
        "rrd",
        "rrddata",
        "scan",
        "sdn",
        "services",
        "spiceshell",
        "startall",
        "status",
        "stopall",
        "storage",
        "subscription",
        "suspendall",
        "syslog",
        "tasks",
        "termproxy",
        "time",
        "version",
        "vncshell",
        "vncwebsocket",
        "vzdump",
        "wakeonlan",
    ];
    Ok(super::index("name", &names))
}

fn cluster_index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = [
        "acme",
        "backup",
        "backup-info",
        "bulk-action",
        "ceph",
        "config",
        "firewall",
        "ha",
        "jobs",
        "log",
        "mapping",
        "metrics",
        "nextid",
        "notifications",
        "options",
        "replication",
        "resources",
        "sdn",
        "status",
        "tasks",
    ];
    Ok(super::index("name", &names))
}

fn next_id(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let taken = tx.scan::<Value>(kind::GUEST)?;
    let is_taken = |vmid: &str| taken.iter().any(|(id, _)| id == vmid);
    if let Some(vmid) = params.text("vmid") {
        if is_taken(&vmid) {
            return Err(Stop::invalid_one(
                "vmid",
                format!("VM {vmid} already exists"),
            ));
        }
        return Ok(vmid.into());
    }
    let free = (100_u32..1_000_000)
        .map(|id| id.to_string())
        .find(|id| !is_taken(id));
    free.map(Value::from)
        .ok_or_else(|| Stop::fail("unable to get any free VMID"))
}

fn resources(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let wanted = params.text("type");
    let wants = |kind: &str| wanted.as_deref().is_none_or(|wanted| wanted == kind);
    let mut rows = Vec::new();
    if wants("node") {
        for name in tx.members()? {
            if permission::has_any(tx, &format!("/nodes/{name}"), &["Sys.Audit"])? {
                rows.push(Value::Object(node_entry(tx, &name, true)?));
            } else {
                rows.push(Value::Object(node_entry(tx, &name, false)?));
            }
        }
    }
    if wanted.is_none() {
        for (name, _) in tx.scan::<Value>(kind::POOL)? {
            if permission::has_any(tx, &format!("/pool/{name}"), &["Pool.Audit"])? {
                rows.push(json!({ "id": format!("/pool/{name}"), "pool": name, "type": "pool" }));
            }
        }
    }
    if wants("sdn") && permission::has_any(tx, "/sdn/zones/localnetwork", &["SDN.Audit"])? {
        for name in tx.members()? {
            rows.push(json!({
                "id": format!("sdn/{name}/localnetwork"), "node": name, "sdn": "localnetwork",
                "status": "ok", "type": "sdn",
            }));
        }
    }
    Ok(Value::Array(rows))
}
