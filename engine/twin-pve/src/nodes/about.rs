//! What a node says of itself beside its state: its certificates, its defaults for backups, its indexes.

use model::{Params, Stop, Tx, node::storages, published::Endpoint};
use serde_json::{Value, json};

use crate::{certificate, index};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /nodes/{node}/apt", |_, _| {
        Ok(index(
            "id",
            &["changelog", "repositories", "update", "versions"],
        ))
    }),
    Endpoint::new("GET /nodes/{node}/apt/update", nothing),
    Endpoint::new("GET /nodes/{node}/capabilities", |_, _| {
        Ok(index("name", &["qemu"]))
    }),
    Endpoint::new("GET /nodes/{node}/certificates", |_, _| {
        Ok(index("name", &["acme", "custom", "info"]))
    }),
    Endpoint::new("GET /nodes/{node}/certificates/acme", |_, _| {
        Ok(index("name", &["certificate"]))
    }),
    Endpoint::new("GET /nodes/{node}/certificates/info", certificates),
    Endpoint::new("GET /nodes/{node}/hardware/usb", nothing),
    Endpoint::new("GET /nodes/{node}/rrddata", nothing),
    Endpoint::new("GET /nodes/{node}/vzdump/defaults", backup_defaults),
    Endpoint::new("POST /nodes/{node}/wakeonlan", wake),
];

/// A list that is empty on every node of the twin: updates, USB devices, measurements.
fn nothing(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(json!([]))
}

/// The node's own certificate; the twin's certificates are signed by themselves, so there is no other.
fn certificates(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let node = tx.node.clone();
    let fingerprint = certificate::fingerprint_of(tx, &node)?;
    let name = format!("/CN={node}");
    Ok(json!([{
        "filename": "pve-ssl.pem", "fingerprint": fingerprint, "subject": name, "issuer": name,
        "san": [node, "localhost", "127.0.0.1"],
        "notbefore": certificate::NOT_BEFORE, "notafter": certificate::NOT_AFTER,
        "public-key-type": "ED25519", "public-key-bits": 256,
    }]))
}

/// What a backup does where neither its job nor its call says: nobody has written the node's own file.
fn backup_defaults(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut defaults = json!({
        "all": 0, "bwlimit": 0, "compress": "0", "ionice": 7, "lockwait": 180,
        "mailnotification": "always", "mode": "snapshot", "notification-mode": "auto", "pigz": 0,
        "prune-backups": "keep-all=1", "quiet": 0, "remove": 1, "stdexcludes": 1, "stop": 0,
        "stopwait": 10, "zstd": 1,
    });
    if let Some(id) = params.text("storage") {
        let storage = storages::known(tx, &id)?;
        if let Some(kept) = storage.get("prune-backups") {
            defaults["prune-backups"] = kept.clone();
        }
    }
    Ok(defaults)
}

/// A node that answers is awake; what a packet to another one would do isn't modelled.
fn wake(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let node = params.required("node");
    if node != tx.node {
        return Err(Stop::not_implemented(
            "POST",
            &format!("/nodes/{node}/wakeonlan"),
        ));
    }
    Err(Stop::fail(format!(
        "'{node}' is local node, cannot wake my self!"
    )))
}
