//! `GET /cluster/status`.

use model::{Params, Stop, Tx, corosync::number};
use serde_json::{Map, Value, json};

use super::config::address_of;

pub(super) fn show(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let here = tx.node.clone();
    let mut totem = tx.totem()?;
    let is_new = totem
        .as_ref()
        .is_some_and(|totem| number(totem, "config_version") == Some(1));
    // In between a node shows itself as standalone.
    if is_new && tx.is_late(&here, "clustercreate")? {
        totem = None;
    }
    let Some(totem) = totem else {
        return Ok(json!([{
            "id": format!("node/{here}"), "type": "node", "name": here, "nodeid": 0, "local": 1,
            "online": 1, "ip": address_of(tx, &here)?, "level": "",
        }]));
    };
    let nodes = tx.corosync_nodes()?;
    let quorate = tx.is_quorate()?;
    let mut rows = vec![json!({
        "id": "cluster", "type": "cluster", "name": totem["cluster_name"], "nodes": nodes.len(),
        "version": number(&totem, "config_version"), "quorate": u8::from(quorate),
    })];
    for (name, node) in nodes {
        let mut row = Map::new();
        row.insert("id".to_owned(), format!("node/{name}").into());
        row.insert("type".to_owned(), "node".into());
        row.insert("nodeid".to_owned(), number(&node, "nodeid").into());
        row.insert("local".to_owned(), u8::from(name == here).into());
        row.insert("online".to_owned(), u8::from(tx.is_online(&name)?).into());
        row.insert("level".to_owned(), "".into());
        if tx.node_row(&name)?.is_some() {
            row.insert("ip".to_owned(), address_of(tx, &name)?.into());
        }
        row.insert("name".to_owned(), name.into());
        rows.push(Value::Object(row));
    }
    Ok(Value::Array(rows))
}
