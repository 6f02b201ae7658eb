//! What has to hold before the file is written. Some fields are settled on the way: what a name says already
//! isn't written twice, and a bond's slaves start with it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Interface, Interfaces, kind, ports_of, set, type_of};

/// Where the daemon's code stands that ends without a message for people.
const PLACE: &str = "at /usr/share/perl5/PVE/INotify.pm line 1730.";

/// Checks the interfaces together.
pub(super) fn settle(interfaces: &mut Interfaces) -> Result<(), String> {
    for interface in interfaces.values_mut() {
        for suffix in ["", "6"] {
            if let Some(cidr) = interface.shift_remove(&format!("cidr{suffix}")) {
                interface.entry(format!("address{suffix}")).or_insert(cidr);
            }
        }
    }
    check_ports(interfaces)?;
    check_bonds(interfaces)?;
    check_vlans(interfaces)?;
    check_bridges(interfaces)
}

/// A port belongs to one interface.
fn check_ports(interfaces: &Interfaces) -> Result<(), String> {
    let mut used: BTreeMap<String, &str> = BTreeMap::new();
    for (name, interface) in interfaces {
        for port in ports_of(interface) {
            match used.get(&port) {
                Some(other) if other != name => {
                    return Err(format!(
                        "port '{port}' is already used on interface '{other}'"
                    ));
                }
                _ => used.insert(port, name),
            };
        }
    }
    Ok(())
}

fn check_bonds(interfaces: &mut Interfaces) -> Result<(), String> {
    let bonds: Vec<(String, String, Option<String>)> = interfaces
        .iter()
        .filter(|(_, interface)| type_of(interface) == "bond")
        .filter_map(|(name, bond)| {
            Some((
                name.clone(),
                set(bond, "slaves")?,
                set(bond, "bond-primary"),
            ))
        })
        .collect();
    for (name, slaves, primary) in bonds {
        for slave in slaves.split_whitespace() {
            let found = interfaces.get(slave).map_or("", type_of).to_owned();
            if found != "eth" && found != "bond" {
                return Err(format!(
                    "bond '{name}' - wrong interface type on slave '{slave}' ('{found}' != 'eth or bond')"
                ));
            }
            if let Some(interface) = interfaces.get_mut(slave) {
                interface.insert("autostart".to_owned(), Value::from(1));
            }
            check_mtu(interfaces, &name, slave)?;
        }
        if primary.is_some_and(|primary| !slaves.split_whitespace().any(|slave| slave == primary)) {
            return Err(format!(
                "bond '{name}' - bond-primary interface is not a slave {PLACE}"
            ));
        }
    }
    Ok(())
}

fn check_vlans(interfaces: &mut Interfaces) -> Result<(), String> {
    let vlans: Vec<String> = interfaces
        .iter()
        .filter(|(_, interface)| type_of(interface) == "vlan")
        .map(|(name, _)| name.clone())
        .collect();
    for name in vlans {
        let Some(vlan) = interfaces.get_mut(&name) else {
            continue;
        };
        let (parent, number) = vlan_place(&name, vlan)?;
        if number.parse::<u32>().map_or(true, |number| number > 4094) {
            return Err(format!(
                "vlan '{name}' - vlan-id {number} should be <= 4094"
            ));
        }
        let Some(device) = interfaces.get(&parent) else {
            return Err(format!("vlan '{name}' - unable to find parent '{parent}'"));
        };
        let found = type_of(device);
        if !matches!(found, "eth" | "bridge" | "bond" | "vlan") {
            return Err(format!(
                "vlan '{name}' - wrong interface type on parent '{parent}' ('{found}' != 'eth|bond|bridge|vlan' )"
            ));
        }
        check_mtu(interfaces, &parent, &name)?;
    }
    Ok(())
}

/// A VLAN's device and number: from its name where that says it, else from its fields.
fn vlan_place(name: &str, vlan: &mut Interface) -> Result<(String, String), String> {
    if let Some((device, number)) = kind::dotted(name) {
        vlan.shift_remove("vlan-raw-device");
        vlan.shift_remove("vlan-id");
        return Ok((device.to_owned(), number.to_owned()));
    }
    let device = set(vlan, "vlan-raw-device")
        .ok_or_else(|| format!("missing vlan-raw-device option {PLACE}"))?;
    if let Some(number) = kind::vlan_number(name) {
        vlan.shift_remove("vlan-id");
        return Ok((device, number.to_owned()));
    }
    let number = set(vlan, "vlan-id").ok_or_else(|| format!("missing vlan-id option {PLACE}"))?;
    Ok((device, number))
}

fn check_bridges(interfaces: &Interfaces) -> Result<(), String> {
    // A bridge's port may be a VLAN that stands nowhere in the file.
    let mut all = interfaces.clone();
    for (name, bridge) in interfaces {
        if type_of(bridge) != "bridge" {
            continue;
        }
        let ports = set(bridge, "bridge_ports").unwrap_or_default();
        for port in ports.split_whitespace() {
            if let Some((device, _)) = kind::dotted(port)
                && !all.contains_key(port)
            {
                let implied = implied_vlan(all.get(device));
                all.insert(port.to_owned(), implied);
            }
            let Some(interface) = all.get(port) else {
                return Err(format!(
                    "bridge '{name}' - unable to find bridge port '{port}'"
                ));
            };
            if has_address(interface) {
                return Err(format!(
                    "iface {port} - ip address can't be set on interface if bridged in {name}"
                ));
            }
            check_mtu(&all, port, name)?;
        }
    }
    Ok(())
}

fn implied_vlan(device: Option<&Interface>) -> Interface {
    let mut vlan = Interface::new();
    vlan.insert("type".to_owned(), "vlan".into());
    if let Some(mtu) = device.and_then(|device| device.get("mtu")) {
        vlan.insert("mtu".to_owned(), mtu.clone());
    }
    vlan
}

fn has_address(interface: &Interface) -> bool {
    let is_static = |field: &str| {
        interface
            .get(field)
            .is_some_and(|method| method == "static")
    };
    let other_than =
        |field: &str, none: &str| set(interface, field).is_none_or(|text| text != none);
    (is_static("method") && other_than("address", "0.0.0.0"))
        || (is_static("method6") && other_than("address6", "::"))
}

/// What stands on an interface can't send longer frames than the interface.
fn check_mtu(interfaces: &Interfaces, parent: &str, child: &str) -> Result<(), String> {
    let mtu = |name: &str| -> Option<u64> { set(interfaces.get(name)?, "mtu")?.parse().ok() };
    let Some(wanted) = mtu(child) else {
        return Ok(());
    };
    let is_bond = interfaces.get(parent).map(type_of) == Some("bond");
    let able = mtu(parent).unwrap_or(if is_bond { wanted } else { 1500 });
    if able < wanted {
        return Err(format!(
            "interface '{parent}' - mtu {able} is lower than '{child}' - mtu {wanted}"
        ));
    }
    Ok(())
}
