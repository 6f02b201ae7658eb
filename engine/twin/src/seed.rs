//! The start: appliances as documented, machines that are bare or installed and in no cluster, nothing else.

use model::{Fault, Key, Rows, beat, founded_domain, interfaces, kind, node_domain};
use serde_json::{Map, Value, json};
use twin_hosts::Names;
use twin_pve::installed_hosts;
use world::clock::Moment;

use crate::{
    facts::{LabFacts, NodeFacts, Start},
    install, machine,
};

const ROOT_SIZE: u64 = 96 << 30;

/// Writes the rows of a lab's start.
///
/// # Errors
/// The rows' fault.
pub fn plant(rows: &mut dyn Rows, facts: &LabFacts, start: &Start, now: u64) -> Result<(), Fault> {
    for node in &facts.nodes {
        if start.installed {
            plant_installed(rows, &Lab { facts, start }, node, now)?;
        } else {
            install::plant_bare(rows, &node.name)?;
        }
    }
    for gateway in &facts.gateways {
        let key = Key::new("", kind::GATEWAY, gateway.network.as_str());
        rows.put(&key, json!(gateway))?;
    }
    let key = Key::new("", kind::NAMES, kind::NAMES);
    rows.put(&key, json!(Names::from(facts)))?;
    declare(rows, start)?;
    for appliance in &facts.appliances {
        rows.put(
            &Key::new("", kind::APPLIANCE, appliance.name.as_str()),
            json!(appliance),
        )?;
    }
    beat::start(rows, Moment(now * 1000))
}

/// Writes what `twin.rhai` says of the lab's own commands and repositories, in place of what it said before: these are no
/// state, and nothing that happens in the lab changes them.
///
/// # Errors
/// The rows' fault.
pub(crate) fn declare(rows: &mut dyn Rows, start: &Start) -> Result<(), Fault> {
    let commands = start.commands.iter().map(|command| json!(command));
    let offers = start.packages.iter().map(|offer| json!(offer));
    let all: [(&str, Vec<Value>); 2] = [
        (kind::COMMAND, commands.collect()),
        (kind::OFFER, offers.collect()),
    ];
    for (kind, wanted) in all {
        for (id, _) in rows.scan("", kind)? {
            rows.delete(&Key::new("", kind, id))?;
        }
        for (place, row) in wanted.into_iter().enumerate() {
            rows.put(&Key::new("", kind, format!("{place:04}")), row)?;
        }
    }
    Ok(())
}

/// What an installed node is made from, beside its own facts.
#[derive(Clone, Copy)]
pub(crate) struct Lab<'a> {
    /// What the lab's docs say of all nodes.
    pub(crate) facts: &'a LabFacts,
    /// What stands otherwise.
    pub(crate) start: &'a Start,
}

/// Writes the rows of a node as the installer leaves it.
///
/// # Errors
/// The rows' fault.
pub(crate) fn plant_installed(
    rows: &mut dyn Rows,
    lab: &Lab<'_>,
    node: &NodeFacts,
    now: u64,
) -> Result<(), Fault> {
    plant_node(rows, lab.facts, lab.start, node, now)?;
    machine::plant(rows, node, lab.start)?;
    plant_network(rows, lab.facts, node)?;
    plant_cluster(rows, node, lab.start)?;
    twin_hosts::plant(rows, &node.name, now)
}

/// `9.2` in docs stands for the release that the twin was measured against.
fn full_version(version: &str) -> String {
    match version {
        "" | "9.2" | "9" => "9.2.11".to_owned(),
        other => other.to_owned(),
    }
}

fn plant_node(
    rows: &mut dyn Rows,
    facts: &LabFacts,
    start: &Start,
    node: &NodeFacts,
    now: u64,
) -> Result<(), Fault> {
    let row = json!({
        "domain": founded_domain(&node.name),
        "address": node.address,
        "cores": node.cores,
        "memory": node.memory,
        "root": node.root,
        "root_size": start.root_size.unwrap_or(ROOT_SIZE),
        "root_used": 4_u64 << 30,
        "version": full_version(&facts.version),
        "certificate": 0,
        "booted": now,
    });
    rows.put(&Key::new("", kind::NODE, node.name.as_str()), row)
}

/// `/etc/network/interfaces` as the installer leaves it: `vmbr0` over the management interface.
fn plant_network(rows: &mut dyn Rows, facts: &LabFacts, node: &NodeFacts) -> Result<(), Fault> {
    let domain = node_domain(&node.name);
    let links = node
        .ports
        .iter()
        .map(|port| (port.name.clone(), interfaces::Link::card()))
        .collect();
    let mut installed = interfaces::read(&installed_interfaces(facts, node), &links);
    interfaces::bring_up(&mut installed);
    for (name, interface) in installed {
        let key = Key::new(&*domain, kind::INTERFACE, name);
        rows.put(&key, Value::Object(interface))?;
    }
    let hosts = installed_hosts(&node.name, &node.address, &facts.search);
    rows.put(&Key::new(&*domain, kind::HOSTS, kind::HOSTS), hosts)?;
    if !facts.timezone.is_empty() {
        let zone = json!({ "timezone": facts.timezone });
        rows.put(&Key::new(&*domain, kind::TIME, kind::TIME), zone)?;
    }
    let mut dns = Map::new();
    dns.insert("search".to_owned(), facts.search.as_str().into());
    for (place, server) in facts.nameservers.iter().enumerate().take(3) {
        dns.insert(format!("dns{}", place + 1), server.as_str().into());
    }
    rows.put(&Key::new(domain, kind::DNS, "dns"), Value::Object(dns))
}

/// The text that the installer writes.
fn installed_interfaces(facts: &LabFacts, node: &NodeFacts) -> String {
    let ports: String = node
        .ports
        .iter()
        .map(|port| format!("iface {} inet manual\n\n", port.name))
        .collect();
    let network = node
        .address
        .parse::<ipnet::IpNet>()
        .map(|address| address.trunc().to_string());
    let gateway = facts
        .gateways
        .iter()
        .find(|gateway| Ok(&gateway.network) == network.as_ref())
        .map(|gateway| format!("\tgateway {}\n", gateway.gateway))
        .unwrap_or_default();
    format!(
        "auto lo\niface lo inet loopback\n\n{ports}auto vmbr0\niface vmbr0 inet static\n\taddress {}\n{gateway}\
         \tbridge-ports {}\n\tbridge-stp off\n\tbridge-fd 0\n",
        node.address, node.interface
    )
}

fn plant_cluster(rows: &mut dyn Rows, node: &NodeFacts, start: &Start) -> Result<(), Fault> {
    let domain = founded_domain(&node.name);
    let mut put = |kind: &str, id: &str, row: Value| rows.put(&Key::new(&*domain, kind, id), row);
    put(
        kind::REALM,
        "pam",
        json!({ "type": "pam", "comment": "Linux PAM standard authentication" }),
    )?;
    put(
        kind::REALM,
        "pve",
        json!({ "type": "pve", "comment": "Proxmox VE authentication server" }),
    )?;
    put(kind::USER, "root@pam", json!({ "enable": 1, "expire": 0 }))?;
    for (userid, details) in &start.users {
        let mut user = json!({ "enable": 1, "expire": 0 });
        if let Some(object) = user.as_object_mut() {
            object.extend(details.clone());
        }
        put(kind::USER, userid, user)?;
    }
    put(
        kind::CLUSTER,
        "options",
        Value::Object(start.options.clone()),
    )?;
    let storages = match &start.storage {
        Some(given) => given.clone().into_iter().collect(),
        None => installed_storages(&node.root),
    };
    for (id, storage) in storages {
        put(kind::STORAGE, &id, Value::Object(storage))?;
    }
    Ok(())
}

/// The storages that the installer makes, by root file system.
fn installed_storages(root: &str) -> Vec<(String, Map<String, Value>)> {
    let local =
        json!({ "type": "dir", "path": "/var/lib/vz", "content": "iso,vztmpl,backup,import" });
    let second = match root {
        "zfs" => Some((
            "local-zfs",
            json!({
                "type": "zfspool", "pool": "rpool/data", "content": "images,rootdir", "sparse": 1,
            }),
        )),
        "btrfs" => Some((
            "local-btrfs",
            json!({
                "type": "btrfs", "path": "/var/lib/pve/local-btrfs", "content": "iso,vztmpl,backup,images,rootdir,import",
            }),
        )),
        _ => Some((
            "local-lvm",
            json!({
                "type": "lvmthin", "vgname": "pve", "thinpool": "data", "content": "images,rootdir",
            }),
        )),
    };
    std::iter::once(("local", local))
        .chain(second)
        .filter_map(|(id, storage)| Some((id.to_owned(), storage.as_object()?.clone())))
        .collect()
}
