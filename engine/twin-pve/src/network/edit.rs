//! Changes of single interfaces. They're staged.

use model::{
    Params, Stop, Tx,
    interfaces::{Interface, set},
    node::network,
    params::text_of,
};
use serde_json::{Value, json};

use super::{check, ipv6};

pub(super) fn missing() -> Stop {
    Stop::invalid_one("iface", "interface does not exist")
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("iface");
    let mut interfaces = network::latest(tx)?;
    if interfaces.contains_key(&name) {
        return Err(Stop::invalid_one("iface", "interface already exists"));
    }
    let mut sent = fields(params);
    check::once(&interfaces, &name, &sent)?;
    check::ports(&interfaces, &name, &sent)?;
    check::split_addresses(&mut sent)?;
    ipv6::check_host(&sent)?;
    add_families(&mut sent);
    if params.required("type").starts_with("OVS") {
        return Err(Stop::fail(
            "Open VSwitch is not installed (need package 'openvswitch-switch')",
        ));
    }
    if let Some(vlans) = check::vlans(&sent)? {
        sent.insert("bridge_vids".to_owned(), vlans.into());
    }
    interfaces.insert(name, sent);
    network::stage(tx, interfaces)?;
    Ok(Value::Null)
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("iface");
    let mut interfaces = network::latest(tx)?;
    let mut interface = interfaces.remove(&name).ok_or_else(missing)?;
    if params.required("type").starts_with("OVS") {
        // A node without Open vSwitch takes it and can't start its network any more.
        let path = format!("/nodes/{}/network/{name}", tx.node);
        return Err(Stop::not_implemented("PUT", &path));
    }
    for field in params.list("delete") {
        interface.shift_remove(&field);
        if let Some(suffix) = field.strip_prefix("cidr") {
            interface.shift_remove(&format!("address{suffix}"));
            interface.shift_remove(&format!("netmask{suffix}"));
        }
    }
    let mut sent = fields(params);
    check::split_addresses(&mut sent)?;
    check::once(&interfaces, &name, &sent)?;
    check::ports(&interfaces, &name, &sent)?;
    ipv6::check_host(&sent)?;
    add_families(&mut sent);
    check::vlans(&sent)?;
    interface.extend(sent);
    interfaces.insert(name, interface);
    network::stage(tx, interfaces)?;
    Ok(Value::Null)
}

pub(super) fn delete(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut interfaces = network::latest(tx)?;
    interfaces
        .remove(&params.required("iface"))
        .ok_or_else(missing)?;
    network::stage(tx, interfaces)?;
    Ok(Value::Null)
}

/// What was sent of an interface, as texts.
fn fields(params: &Params) -> Interface {
    params
        .except(&["node", "iface", "delete"])
        .filter_map(|(field, value)| Some((field.to_owned(), text_of(value)?.into())))
        .collect()
}

/// The families and methods follow from the addresses that were sent, whatever was there before.
fn add_families(sent: &mut Interface) {
    let mut families = Vec::new();
    for (family, suffix) in [("inet", ""), ("inet6", "6")] {
        let is_static = set(sent, &format!("address{suffix}")).is_some();
        if is_static {
            families.push(family);
        }
        let method = if is_static { "static" } else { "manual" };
        sent.insert(format!("method{suffix}"), method.into());
    }
    if families.is_empty() {
        families.push("inet");
    }
    sent.insert("families".to_owned(), json!(families));
}
