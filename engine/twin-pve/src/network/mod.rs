//! `/nodes/{node}/network`: the interfaces' file and what is staged to replace it.

use model::{
    Effect, Params, Stop, Tx, Work,
    access::AclEntry,
    interfaces::{Interface, type_of},
    kind,
    node::network,
    permission,
    published::Endpoint,
};
use serde_json::Value;

mod check;
mod edit;
mod ipv6;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /nodes/{node}/network", list),
    Endpoint::new("POST /nodes/{node}/network", edit::create),
    Endpoint::new("PUT /nodes/{node}/network", apply),
    Endpoint::new("DELETE /nodes/{node}/network", drop_staged),
    Endpoint::new("GET /nodes/{node}/network/{iface}", show),
    Endpoint::new("PUT /nodes/{node}/network/{iface}", edit::update),
    Endpoint::new("DELETE /nodes/{node}/network/{iface}", edit::delete),
];

fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let current = network::current(tx)?;
    let staged = network::staged(tx)?;
    if let Some(staged) = &staged {
        let changes = model::interfaces::changes(current.clone(), staged.clone());
        if let Some(changes) = changes.map_err(Stop::fail)? {
            tx.extra.insert("changes".to_owned(), changes.into());
        }
    }
    let wanted = params.text("type");
    let mut rows = Vec::new();
    for (name, mut interface) in staged.unwrap_or(current) {
        let fits = wanted
            .as_deref()
            .is_none_or(|wanted| is_wanted(wanted, type_of(&interface)));
        if name == "lo" || !fits || !may_see(tx, &name, &interface)? {
            continue;
        }
        interface.insert("iface".to_owned(), name.into());
        rows.push(Value::Object(interface));
    }
    Ok(Value::Array(rows))
}

/// Whether a list of interfaces of a type has this one. There are no virtual networks to include.
fn is_wanted(wanted: &str, found: &str) -> bool {
    match wanted {
        "include_sdn" => true,
        "any_bridge" | "any_local_bridge" => matches!(found, "bridge" | "OVSBridge"),
        _ => wanted == found,
    }
}

/// A bridge is seen by those who may use it, or one of its VLANs.
fn may_see(tx: &mut Tx<'_>, name: &str, interface: &Interface) -> Result<bool, Stop> {
    const ENOUGH: &[&str] = &["SDN.Audit", "SDN.Use"];
    if !matches!(type_of(interface), "bridge" | "OVSBridge") || tx.caller.is_root() {
        return Ok(true);
    }
    let path = format!("/sdn/zones/localnetwork/{name}");
    if permission::has_any(tx, &path, ENOUGH)? {
        return Ok(true);
    }
    let below = format!("{path}/");
    for (_, entry) in tx.scan::<AclEntry>(kind::ACL)? {
        if entry.path.starts_with(&below) && permission::has_any(tx, &entry.path, ENOUGH)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut interfaces = network::latest(tx)?;
    let interface = interfaces.remove(&params.required("iface"));
    interface.map(Value::Object).ok_or_else(edit::missing)
}

fn apply(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let work = Work::new("srvreload", "networking").doing(Effect::ApplyNetwork);
    Ok(tx.start_task(work)?.into())
}

fn drop_staged(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    network::drop_staged(tx)?;
    Ok(Value::Null)
}

#[cfg(test)]
mod tests;
