//! The nodes' entry points: the list, a node's index, versions.

use model::{Params, Stop, Tx, beat::Heard, published::Endpoint};
use serde_json::{Value, json};

use super::cluster::resources;
use crate::certificate;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /version", version),
    Endpoint::new("GET /nodes", nodes),
    Endpoint::new("GET /nodes/{node}", node_index),
    Endpoint::new("GET /nodes/{node}/version", version),
];

fn version(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let node = tx.node.clone();
    let row = tx.node_row(&node)?.unwrap_or_default();
    let full = row["version"].as_str().unwrap_or_default().to_owned();
    let release: Vec<&str> = full.splitn(3, '.').take(2).collect();
    let repoid = hex::encode(&tx.derive(&format!("repoid/{full}"))[..8]);
    Ok(json!({ "version": full, "release": release.join("."), "repoid": repoid }))
}

fn nodes(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let mut known = Heard::read(tx)?;
    let mut rows = Vec::new();
    for name in tx.known_nodes()? {
        let mut entry = resources::node(tx, &mut known, &name)?;
        if tx.node_row(&name)?.is_some() {
            let fingerprint = certificate::fingerprint_of(tx, &name)?;
            entry.insert("ssl_fingerprint".to_owned(), fingerprint.into());
        }
        rows.push(Value::Object(entry));
    }
    known.settle(tx);
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
    Ok(crate::index("name", &names))
}
