//! What `/cluster/config` shows of `corosync.conf`.

use model::{Params, Stop, Tx, transaction::unknown_node};
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};

use crate::certificate;

pub(super) fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = ["nodes", "totem", "join", "qdevice", "apiversion"];
    Ok(crate::index("name", &names))
}

pub(super) fn nodes(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let nodes = tx.corosync_nodes()?;
    Ok(nodes
        .into_iter()
        .map(|(name, mut node)| {
            node.insert("node".to_owned(), name.into());
            Value::Object(node)
        })
        .collect())
}

pub(super) fn totem(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(tx.totem()?.map_or(Value::Null, Value::Object))
}

/// A node's address, as its name resolves to it.
pub(super) fn address_of(tx: &mut Tx<'_>, node: &str) -> Result<String, Stop> {
    let row = tx.node_row(node)?.ok_or_else(|| unknown_node(node))?;
    let address = row["address"].as_str().unwrap_or_default();
    Ok(address.split('/').next().unwrap_or_default().to_owned())
}

pub(super) fn join_info(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let Some(totem) = tx.totem()? else {
        let words = "node is not in a cluster, no join info available!";
        return Err(Stop::status(424, words));
    };
    let wanted = params.text("node").unwrap_or_else(|| tx.node.clone());
    let nodes = tx.corosync_nodes()?;
    if !nodes.iter().any(|(name, _)| *name == wanted) {
        return Err(Stop::fail(format!("unknown node '{wanted}'")));
    }
    let digest = hex::encode(Sha1::digest(text(&totem, &nodes)));
    let mut list = Vec::new();
    for (name, mut node) in nodes {
        node.insert(
            "pve_fp".to_owned(),
            certificate::fingerprint_of(tx, &name)?.into(),
        );
        node.insert("pve_addr".to_owned(), address_of(tx, &name)?.into());
        list.push(node);
    }
    Ok(json!({
        "nodelist": list, "preferred_node": wanted, "totem": totem, "config_digest": digest,
    }))
}

/// `corosync.conf` as it's written: sections and keys sorted.
pub(super) fn text(totem: &Map<String, Value>, nodes: &[(String, Map<String, Value>)]) -> String {
    let mut text = String::from("logging {\n  debug: off\n  to_syslog: yes\n}\n\nnodelist {\n");
    for (_, node) in nodes {
        text.push_str("  node {\n");
        lines(&mut text, node, "    ");
        text.push_str("  }\n");
    }
    text.push_str("}\n\nquorum {\n  provider: corosync_votequorum\n}\n\ntotem {\n");
    lines(&mut text, totem, "  ");
    text.push_str("}\n\n");
    text
}

fn lines(text: &mut String, section: &Map<String, Value>, indent: &str) {
    let mut keys: Vec<&String> = section.keys().collect();
    keys.sort();
    for key in keys {
        match &section[key] {
            Value::Object(interfaces) => {
                for interface in interfaces.values().filter_map(Value::as_object) {
                    text.push_str(&format!("{indent}{key} {{\n"));
                    lines(text, interface, &format!("{indent}  "));
                    text.push_str(&format!("{indent}}}\n"));
                }
            }
            value => {
                let shown = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                text.push_str(&format!("{indent}{key}: {shown}\n"));
            }
        }
    }
}
