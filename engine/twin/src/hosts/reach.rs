//! What a host reaches: other nodes, the gateways of its networks, appliances, and through a gateway all other
//! networks that have one.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;
use world::host::{Call, Reply, Verb};

use super::{Handler, Host};
use crate::{
    facts::{Appliance, Gateway},
    interfaces,
    model::{Stop, kind, node_domain},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::PING, ping),
    (Verb::PORT_OPEN, port_open),
    (Verb::RESOLVE, resolve),
    (Verb::ROUTE, route),
];

/// The ports that a node listens on.
const NODE_PORTS: &[u16] = &[22, 111, 3128, 8006];

/// A way to an address.
struct Way {
    interface: String,
    source: IpAddr,
    via: Option<IpAddr>,
}

/// An interface that is up and has an address.
struct Attached {
    interface: String,
    address: IpNet,
    gateway: Option<IpAddr>,
}

/// Who has an address.
enum Owner {
    Node,
    Gateway,
    Appliance(String),
}

fn attached(host: &mut Host<'_, '_>, node: &str) -> Result<Vec<Attached>, Stop> {
    let rows = host
        .tx
        .scan_in::<Value>(&node_domain(node), kind::INTERFACE)?;
    let one = |(name, row): (String, Value)| {
        let address = row["cidr"].as_str().filter(|_| interfaces::is_up(&row))?;
        let address = address.parse().ok()?;
        let gateway = row["gateway"].as_str().and_then(|text| text.parse().ok());
        Some(Attached {
            interface: name,
            address,
            gateway,
        })
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

fn way(attached: &[Attached], to: IpAddr) -> Option<Way> {
    let direct = attached.iter().find(|own| own.address.contains(&to));
    let (own, via) = match direct {
        Some(own) => (own, None),
        None => {
            let own = attached.iter().find(|own| own.gateway.is_some())?;
            (own, own.gateway)
        }
    };
    Some(Way {
        interface: own.interface.clone(),
        source: own.address.addr(),
        via,
    })
}

impl Host<'_, '_> {
    /// The interface through which packets to an address leave; none if there is no way.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn interface_to(&mut self, address: IpAddr) -> Result<Option<String>, Stop> {
        let name = self.name().to_owned();
        let own = attached(self, &name)?;
        Ok(way(&own, address).map(|way| way.interface))
    }
}

fn gateways(host: &mut Host<'_, '_>) -> Result<Vec<Gateway>, Stop> {
    let rows = host.tx.scan_in::<Gateway>("", kind::GATEWAY)?;
    Ok(rows.into_iter().map(|(_, gateway)| gateway).collect())
}

fn owner(host: &mut Host<'_, '_>, address: IpAddr) -> Result<Option<Owner>, Stop> {
    let gateways = gateways(host)?;
    let is = |text: &str| text.parse() == Ok(address);
    if gateways.iter().any(|gateway| is(&gateway.gateway)) {
        return Ok(Some(Owner::Gateway));
    }
    for (_, appliance) in host.tx.scan_in::<Appliance>("", kind::APPLIANCE)? {
        if appliance.address == Some(address) {
            return Ok(Some(Owner::Appliance(appliance.kind)));
        }
    }
    for (node, _) in host.tx.rows.scan("", kind::NODE)? {
        let own = attached(host, &node)?;
        if own.iter().any(|own| own.address.addr() == address) {
            let is_up = !crate::fault::is_lost(host.tx, &node)?;
            return Ok(is_up.then_some(Owner::Node));
        }
    }
    Ok(None)
}

/// Who answers at an address, if packets get there from a source of the host's and back.
fn reached(
    host: &mut Host<'_, '_>,
    to: IpAddr,
    source: Option<IpAddr>,
) -> Result<Option<Owner>, Stop> {
    let name = host.name().to_owned();
    let mut own = attached(host, &name)?;
    if to.is_loopback() || own.iter().any(|own| own.address.addr() == to) {
        return Ok(Some(Owner::Node));
    }
    if let Some(source) = source {
        own.retain(|own| own.address.addr() == source || own.gateway.is_some());
        if !own.iter().any(|own| own.address.addr() == source) {
            return Ok(None);
        }
    }
    let Some(way) = way(&own, to) else {
        return Ok(None);
    };
    if way.via.is_some() {
        // The gateway passes on only what lies in a network that it has.
        let networks = gateways(host)?;
        let contains = |gateway: &Gateway| {
            gateway
                .network
                .parse::<IpNet>()
                .is_ok_and(|net| net.contains(&to))
        };
        if !networks.iter().any(contains) {
            return Ok(None);
        }
    }
    owner(host, to)
}

fn parsed(text: &str) -> Result<IpAddr, Reply> {
    text.parse()
        .map_err(|_| Reply::failed(2, format!("{text}: Name or service not known")))
}

fn ping(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let source = call.argument(2).parse().ok();
    let answers = match parsed(call.argument(0)) {
        Ok(to) => reached(host, to, source)?.is_some(),
        Err(_) => false,
    };
    Ok(Reply::success(if answers {
        "answers\n"
    } else {
        "silent\n"
    }))
}

fn port_open(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (seconds, port) = (call.argument(2), call.argument(1));
    let port: u16 = port.parse().unwrap_or_default();
    let to = match parsed(call.argument(0)) {
        Ok(to) => to,
        Err(_) => return Ok(Reply::success("closed: Name or service not known\n")),
    };
    let ports: &[u16] = match reached(host, to, None)? {
        None => {
            return Ok(Reply::success(format!(
                "closed: no answer within {seconds} s\n"
            )));
        }
        Some(Owner::Node) => NODE_PORTS,
        Some(Owner::Gateway) => &[53, 443],
        Some(Owner::Appliance(kind)) => match kind.as_str() {
            "nfs" => &[111, 2049],
            "iscsi" => &[3260],
            _ => &[443],
        },
    };
    Ok(Reply::success(if ports.contains(&port) {
        "open\n"
    } else {
        "closed: Connection refused\n"
    }))
}

fn resolve(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let name = call.argument(0).to_owned();
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(Reply::success(format!("{address}\n")));
    }
    let short = name.split('.').next().unwrap_or_default().to_owned();
    let rows = host.tx.rows.scan("", kind::NODE)?;
    let node = rows.into_iter().find(|(node, _)| *node == short);
    let address = node.and_then(|(_, row)| row["address"].as_str().map(str::to_owned));
    let text = address.map(|address| {
        let plain = address.split('/').next().unwrap_or_default();
        format!("{plain}\n")
    });
    Ok(Reply::success(text.unwrap_or_default()))
}

fn route(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let Ok(to) = parsed(call.argument(0)) else {
        return Ok(Reply::success(""));
    };
    let name = host.name().to_owned();
    let own = attached(host, &name)?;
    let text = way(&own, to).map(|way| {
        let via = way.via.map(|via| format!(" via {via}")).unwrap_or_default();
        format!("dev {} src {}{via}\n", way.interface, way.source)
    });
    Ok(Reply::success(text.unwrap_or_default()))
}
