//! What a host reaches: other nodes, the gateways of its networks, appliances, and through its gateway all other
//! networks that have one, and the name servers outside.

use ipnet::IpNet;
use model::{
    Stop,
    fault::{self, Happens},
    interfaces, kind,
    lab::{Appliance, Gateway},
    node_domain,
};
use serde_json::Value;
use std::net::IpAddr;
use world::host::{
    Verb,
    verb::{self, Echo, Ping, Port, PortOpen, Route},
};

use super::{
    Handler, Host,
    names::{self, Names},
    typed::{Said, answers},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Ping => ping,
    PortOpen => port_open,
    Route => route,
};

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
pub(super) enum Owner {
    Node,
    Gateway,
    Appliance(String),
    NameServer,
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

/// The gateways of the lab's networks.
///
/// # Errors
/// The rows' fault.
pub(super) fn gateways(host: &mut Host<'_, '_>) -> Result<Vec<Gateway>, Stop> {
    let rows = host.tx.scan_in::<Gateway>("", kind::GATEWAY)?;
    Ok(rows.into_iter().map(|(_, gateway)| gateway).collect())
}

fn owner(host: &mut Host<'_, '_>, address: IpAddr) -> Result<Option<Owner>, Stop> {
    if fault::is_so(host.tx.rows, &Happens::Silent { address })? {
        return Ok(None);
    }
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
            let is_up = !fault::is_lost(host.tx.rows, &node)?;
            return Ok(is_up.then_some(Owner::Node));
        }
    }
    let is_server = Names::read(host)?.has_server(address);
    Ok(is_server.then_some(Owner::NameServer))
}

/// Who answers at an address, if packets get there from a source of the host's and back.
///
/// # Errors
/// The rows' fault.
pub(super) fn reached(
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
    if let Some(via) = way.via
        && !passes(host, via, to)?
    {
        return Ok(None);
    }
    owner(host, to)
}

/// Whether a gateway is at an address and passes packets on to another one: in a network that it has, or outside the lab
/// as far as docs know somebody there.
fn passes(host: &mut Host<'_, '_>, via: IpAddr, to: IpAddr) -> Result<bool, Stop> {
    if !matches!(owner(host, via)?, Some(Owner::Gateway)) {
        return Ok(false);
    }
    let contains = |gateway: &Gateway| {
        gateway
            .network
            .parse::<IpNet>()
            .is_ok_and(|network| network.contains(&to))
    };
    Ok(gateways(host)?.iter().any(contains) || Names::read(host)?.has_server(to))
}

fn ping(host: &mut Host<'_, '_>, ask: Ping) -> Said<Echo> {
    let source = ask.source.and_then(|source| source.parse().ok());
    let answers = match ask.address.parse() {
        Ok(to) => reached(host, to, source)?.is_some(),
        Err(_) => false,
    };
    Ok(if answers { Echo::Answers } else { Echo::Silent })
}

fn port_open(host: &mut Host<'_, '_>, ask: PortOpen) -> Said<Port> {
    let Ok(to) = ask.address.parse() else {
        return Ok(Port::Closed("Name or service not known".to_owned()));
    };
    let Some(owner) = reached(host, to, None)? else {
        let why = format!("no answer within {} s", ask.seconds);
        return Ok(Port::Closed(why));
    };
    let ports: &[u16] = match owner {
        Owner::Node => NODE_PORTS,
        Owner::Gateway => &[53, 443],
        Owner::NameServer => &[53],
        Owner::Appliance(kind) => match kind.as_str() {
            "nfs" => &[111, 2049],
            "iscsi" => &[3260],
            _ => &[443],
        },
    };
    let is_open = ports.contains(&ask.port) || ask.port == 53 && names::is_answered(host, to)?;
    Ok(if is_open {
        Port::Open
    } else {
        Port::Closed("Connection refused".to_owned())
    })
}

fn route(host: &mut Host<'_, '_>, Route { address }: Route) -> Said<Vec<verb::Way>> {
    let Ok(to) = address.parse() else {
        return Ok(Vec::new());
    };
    let name = host.name().to_owned();
    let own = attached(host, &name)?;
    let told = way(&own, to).map(|way| verb::Way {
        interface: way.interface,
        source: way.source.to_string(),
        via: way.via.map(|via| via.to_string()),
    });
    Ok(told.into_iter().collect())
}
