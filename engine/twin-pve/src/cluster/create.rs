//! `POST /cluster/config`: a node founds a cluster.

use model::{Effect, Key, Params, Stop, Tx, Work, kind};
use serde_json::{Map, Value, json};

use super::{config::address_of, link};

const KEYS: &[&str] = &[
    "Corosync Cluster Engine Authentication key generator.",
    "Gathering 2048 bits for key from /dev/urandom.",
    "Writing corosync key to /etc/corosync/authkey.",
    "Writing corosync config to /etc/pve/corosync.conf",
    "Restart corosync and cluster filesystem",
];

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    if tx.totem()?.is_some() {
        let words = "cluster config '/etc/pve/corosync.conf' already exists";
        return Err(Stop::fail(words));
    }
    let name = params.required("clustername");
    let node = tx.node.clone();
    let mut links = link::of(params)?;
    if links.is_empty() {
        let address = address_of(tx, &node)?;
        let priority = String::new();
        links.insert(0, link::Link { address, priority });
    }
    let mut work = Work::new("clustercreate", &name)
        .logging(KEYS.iter().copied())
        .halfway(KEYS.len());
    for (number, link) in &links {
        if link::unusable(tx, &node, &link.address, &format!("link{number}"))?.is_some() {
            // Corosync doesn't start without an interface that has its address.
            work = work
                .failing("command 'systemctl restart corosync pve-cluster' failed: exit code 1");
        }
    }
    let domain = tx.cluster()?;
    let totem = totem(&name, params, &links);
    let rows = vec![
        (Key::new(&*domain, kind::CLUSTER, "totem"), Some(totem)),
        (
            Key::new(domain, kind::COROSYNC_NODE, &*node),
            Some(section(&node, params, &links)),
        ),
    ];
    tx.start_task(work.doing(Effect::Rows { rows }))
        .map(Value::from)
}

fn totem(name: &str, params: &Params, links: &link::Links) -> Value {
    let mut interfaces = Map::new();
    for (number, link) in links {
        let number = number.to_string();
        let mut interface = Map::new();
        interface.insert("linknumber".to_owned(), number.as_str().into());
        if !matches!(link.priority.as_str(), "" | "0") {
            let priority = link.priority.as_str();
            interface.insert("knet_link_priority".to_owned(), priority.into());
        }
        interfaces.insert(number, Value::Object(interface));
    }
    let coefficient = params.text("token-coefficient");
    json!({
        "cluster_name": name,
        "config_version": "1",
        "interface": interfaces,
        "ip_version": "ipv4-6",
        "link_mode": "passive",
        "secauth": "on",
        "token_coefficient": coefficient.unwrap_or_else(|| "125".to_owned()),
        "version": "2",
    })
}

fn section(node: &str, params: &Params, links: &link::Links) -> Value {
    let mut section = link::rings(links);
    section.insert("name".to_owned(), node.into());
    for (field, param) in [("nodeid", "nodeid"), ("quorum_votes", "votes")] {
        let value = params.text(param).unwrap_or_else(|| "1".to_owned());
        section.insert(field.to_owned(), value.into());
    }
    Value::Object(section)
}
