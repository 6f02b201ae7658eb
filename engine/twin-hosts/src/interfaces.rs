//! Network interfaces, addresses and routes, from the rows that the API shows.

use ipnet::IpNet;
use model::{
    HostEffect, Stop,
    interfaces::{Interface, Interfaces, ports_of, set, type_of},
    kind,
};
use serde_json::Value;
use std::collections::BTreeMap;
use world::host::{
    Verb,
    verb::{NetworkLine, NetworkReload, Reload},
};

use super::{
    Handler, Host,
    typed::{Said, answers},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    own Interfaces => |host, _| told(host),
    NetworkReload => reload,
    NetworkState => |host, _| {
        host.get::<bool>(kind::RELOAD, "said")?;
        Ok(Reload::Idle)
    },
};

/// Network ports by their names.
type Ports = BTreeMap<String, Value>;

fn reload(host: &mut Host<'_, '_>, _: NetworkReload) -> Said<()> {
    // What an earlier one said is said no longer, in a preview neither.
    host.put(kind::RELOAD, "said", &true)?;
    Ok(host.happen(&HostEffect::ReloadNetwork)?)
}

fn told(host: &mut Host<'_, '_>) -> Said<Vec<NetworkLine>> {
    host.get::<bool>(kind::RELOAD, "network")?;
    let (ports, all) = host.ports_and_interfaces()?;
    let mut lines = vec![interface("lo", None, 65536, "UNKNOWN")];
    let (mut addresses, mut routes) = (Vec::new(), Vec::new());
    let names = ports
        .keys()
        .chain(all.keys().filter(|name| !ports.contains_key(*name)));
    for name in names.filter(|name| *name != "lo") {
        let own = all.get(name);
        let mtu = own.and_then(|own| set(own, "mtu"));
        let mtu = mtu.and_then(|mtu| mtu.parse().ok()).unwrap_or(1500);
        let mac = mac_of(name, &all, &ports);
        lines.push(interface(name, mac, mtu, state(name, &all)));
        if let Some(own) = own {
            add_addresses(name, own, &mut addresses, &mut routes);
        }
    }
    lines.extend(addresses);
    lines.extend(routes);
    Ok(lines)
}

fn interface(name: &str, mac: Option<String>, mtu: u64, state: &str) -> NetworkLine {
    NetworkLine::Interface {
        name: name.to_owned(),
        mac,
        mtu: Some(mtu),
        state: state.to_owned(),
    }
}

impl Host<'_, '_> {
    /// How many bits a second the port below an interface carries, as far as docs say.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn speed_of(&mut self, name: &str) -> Result<Option<u64>, Stop> {
        let (ports, all) = self.ports_and_interfaces()?;
        Ok(port_below(name, &all, &ports, 0).and_then(|port| port["speed"].as_u64()))
    }

    fn ports_and_interfaces(&mut self) -> Result<(Ports, Interfaces), Stop> {
        let ports = self.scan(kind::PORT)?.into_iter().collect();
        let all = self.scan(kind::INTERFACE)?.into_iter().collect();
        Ok((ports, all))
    }
}

/// An interface's MAC address: its own, or that of what it's made of.
fn mac_of(name: &str, all: &Interfaces, ports: &Ports) -> Option<String> {
    let port = port_below(name, all, ports, 0)?;
    port["mac"].as_str().map(str::to_owned)
}

/// The network port that an interface is, or is made of.
fn port_below<'a>(name: &str, all: &Interfaces, ports: &'a Ports, depth: u8) -> Option<&'a Value> {
    if let Some(port) = ports.get(name) {
        return Some(port);
    }
    let own = all.get(name)?;
    let below = ports_of(own).into_iter().next();
    let below = below
        .or_else(|| set(own, "vlan-raw-device"))
        .or_else(|| name.split_once('.').map(|(device, _)| device.to_owned()))?;
    (depth < 8).then(|| port_below(&below, all, ports, depth + 1))?
}

fn state(name: &str, all: &Interfaces) -> &'static str {
    let is_used = all
        .values()
        .any(|other| ports_of(other).iter().any(|port| port == name));
    let is_up = all
        .get(name)
        .is_some_and(|own| type_of(own) != "eth" || set(own, "active").is_some());
    if is_used || is_up { "UP" } else { "DOWN" }
}

fn add_addresses(
    name: &str,
    own: &Interface,
    addresses: &mut Vec<NetworkLine>,
    routes: &mut Vec<NetworkLine>,
) {
    let route = |destination: String, gateway| NetworkLine::Route {
        destination,
        gateway,
        interface: Some(name.to_owned()),
    };
    for field in ["cidr", "cidr6"] {
        let Some(address) = set(own, field) else {
            continue;
        };
        if let Ok(network) = address.parse::<IpNet>() {
            routes.push(route(network.trunc().to_string(), None));
        }
        addresses.push(NetworkLine::Address {
            interface: name.to_owned(),
            address,
        });
    }
    for field in ["gateway", "gateway6"] {
        if let Some(gateway) = set(own, field) {
            routes.push(route("default".to_owned(), Some(gateway)));
        }
    }
}
