//! `GET /cluster/status`.

use std::time::Duration;

use model::{Params, Passing, Stop, Task, Tx, corosync::number, kind, node_domain};
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};
use world::clock::Moment;

use super::config::address_of;

/// When the node's cluster, which was made a moment ago, will be there: the cluster file system starts before corosync,
/// fails once, and tries again some seconds later. None where it is.
fn begins(tx: &mut Tx<'_>) -> Result<Option<Moment>, Stop> {
    let tasks = tx.scan_in::<Task>(&node_domain(&tx.node), kind::TASK)?;
    let made = tasks.into_iter().map(|(_, task)| task);
    let made = made
        .filter(|task| task.kind == "clustercreate" && task.exitstatus.as_deref() == Some("OK"));
    let last = made.max_by_key(|task| task.end);
    // Between 4 and 6 s, as measured; how many follows from the task, so that two runs that do the same end the same.
    let begins = last.map(|task| {
        let drawn = u64::from(Sha1::digest(task.upid)[0]) * 2000 / 255;
        task.end.after(Duration::from_millis(4000 + drawn))
    });
    Ok(begins.filter(|begins| tx.now < *begins))
}

pub(super) fn show(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let here = tx.node.clone();
    let mut totem = tx.totem()?;
    let is_new = totem
        .as_ref()
        .is_some_and(|totem| number(totem, "config_version") == Some(1));
    if is_new && let Some(begins) = begins(tx)? {
        totem = None;
        if tx.config.passing == Passing::Polled {
            tx.now = begins;
        }
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
