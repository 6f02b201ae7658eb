//! Corosync links as parameters, and the addresses of a node.

use model::{Params, Stop, Tx, kind, node_domain, property};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, net::IpAddr};

use crate::published::declaration;

/// How many links a cluster can have.
const LINKS: u8 = 8;

/// The corosync links that a call names, each with its address and priority, by number.
pub(super) type Links = BTreeMap<u8, Link>;

/// A corosync link of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Its address, or a name.
    pub(super) address: String,
    /// Its priority; 0 isn't written.
    pub(super) priority: String,
}

/// The links among the parameters.
pub(super) fn of(params: &Params) -> Result<Links, Stop> {
    let mut links = Links::new();
    for number in 0..LINKS {
        let name = format!("link{number}");
        let Some(text) = params.text(&name).filter(|text| !text.is_empty()) else {
            continue;
        };
        let properties = declaration("POST /cluster/config").properties("link[n]");
        let parsed = property::parse(properties, &text, &name).map_err(Stop::fail)?;
        let field = |name: &str| parsed.get(name).and_then(Value::as_str).unwrap_or_default();
        let link = Link {
            address: field("address").to_owned(),
            priority: field("priority").to_owned(),
        };
        links.insert(number, link);
    }
    Ok(links)
}

/// The `ringN_addr` of a node's section.
pub(super) fn rings(links: &Links) -> Map<String, Value> {
    links
        .iter()
        .map(|(number, link)| (format!("ring{number}_addr"), link.address.as_str().into()))
        .collect()
}

/// The number of a `ringN_addr`.
pub(super) fn ring_number(key: &str) -> Option<u8> {
    let number = key.strip_prefix("ring")?.strip_suffix("_addr")?;
    number.parse().ok()
}

/// The node that a name or address leads to, of all nodes of the lab.
pub(super) fn resolve(tx: &mut Tx<'_>, host: &str) -> Result<Option<String>, Stop> {
    let nodes = tx.rows.scan("", kind::NODE)?;
    for (name, row) in &nodes {
        let own = row["address"].as_str().unwrap_or_default();
        let is_named = host == name || host.split_once('.').is_some_and(|(first, _)| first == name);
        if is_named || own.split('/').next() == Some(host) {
            return Ok(Some(name.clone()));
        }
    }
    let Ok(address) = host.parse::<IpAddr>() else {
        return Ok(None);
    };
    for (name, _) in nodes {
        if has_address(tx, &name, address)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Whether an address is one of a node's.
pub(super) fn has_address(tx: &mut Tx<'_>, node: &str, address: IpAddr) -> Result<bool, Stop> {
    let is_it = |text: &Value| {
        let text = text.as_str().unwrap_or_default();
        text.split('/').next().and_then(|text| text.parse().ok()) == Some(address)
    };
    if is_it(&tx.node_row(node)?.unwrap_or_default()["address"]) {
        return Ok(true);
    }
    let interfaces = tx.rows.scan(&node_domain(node), kind::INTERFACE)?;
    Ok(interfaces.iter().any(|(_, interface)| {
        ["cidr", "cidr6", "address", "address6"]
            .iter()
            .any(|field| is_it(&interface[*field]))
    }))
}

/// Why a link's address can't be used on a node; nothing if it can.
pub(super) fn unusable(
    tx: &mut Tx<'_>,
    node: &str,
    address: &str,
    link: &str,
) -> Result<Option<String>, Stop> {
    let address = match address.parse::<IpAddr>() {
        Ok(address) => address,
        Err(_) => {
            let resolved = match resolve(tx, address)? {
                Some(host) => super::config::address_of(tx, &host)?,
                None => String::new(),
            };
            match resolved.parse() {
                Ok(resolved) => resolved,
                Err(_) => {
                    return Ok(Some(format!(
                        "{link}: cannot use '{address}': hostname lookup '{address}' failed - \
                         failed to get address info for: {address}: Name or service not known\n"
                    )));
                }
            }
        }
    };
    if has_address(tx, node, address)? {
        return Ok(None);
    }
    Ok(Some(format!(
        "{link}: cannot use IP '{address}', not found on local node!\n"
    )))
}
