//! What has to hold of an interface among the others, before the file is written.

use model::{
    Stop,
    interfaces::{Interface, Interfaces, ports_of, set},
    params::split_list,
};

/// A node has one default gateway of each family.
pub(super) fn once(others: &Interfaces, name: &str, sent: &Interface) -> Result<(), Stop> {
    for (field, words) in [
        ("gateway", "Default gateway"),
        ("gateway6", "Default ipv6 gateway"),
    ] {
        if set(sent, field).is_none() {
            continue;
        }
        for (other, interface) in others {
            if other != name && set(interface, field).is_some() {
                let text = format!("{words} already exists on interface '{other}'.");
                return Err(Stop::invalid_one(field, text));
            }
        }
    }
    Ok(())
}

/// A port belongs to one interface.
pub(super) fn ports(others: &Interfaces, name: &str, sent: &Interface) -> Result<(), Stop> {
    let field = ["bridge_ports", "ovs_ports", "slaves", "ovs_bonds"]
        .into_iter()
        .find(|field| set(sent, field).is_some());
    let Some(field) = field else {
        return Ok(());
    };
    let wanted = ports_of(sent);
    for (other, interface) in others {
        if other == name {
            continue;
        }
        if let Some(port) = ports_of(interface)
            .iter()
            .find(|port| wanted.contains(port))
        {
            let text = format!("{port} is already used on interface '{other}'.");
            return Err(Stop::invalid_one(field, text));
        }
    }
    Ok(())
}

/// Makes address and prefix of an address with its prefix.
pub(super) fn split_addresses(sent: &mut Interface) -> Result<(), Stop> {
    for suffix in ["", "6"] {
        let whole = format!("cidr{suffix}");
        let Some(cidr) = set(sent, &whole) else {
            continue;
        };
        for part in ["address", "netmask"] {
            let field = format!("{part}{suffix}");
            if set(sent, &field).is_some() {
                return Err(Stop::invalid_one(
                    &field,
                    format!("{field} conflicts with {whole}"),
                ));
            }
        }
        if let Some((address, prefix)) = cidr.rsplit_once('/') {
            sent.insert(format!("address{suffix}"), address.into());
            sent.insert(format!("netmask{suffix}"), prefix.into());
        }
        sent.shift_remove(&whole);
    }
    Ok(())
}

/// The VLANs that a bridge is to carry, with blanks between them as its file needs them.
pub(super) fn vlans(sent: &Interface) -> Result<Option<String>, Stop> {
    let Some(vlans) = set(sent, "bridge_vids") else {
        return Ok(None);
    };
    let vlans = spaced(&vlans);
    if vlans.is_empty() {
        return Err(Stop::invalid_one(
            "bridge_vids",
            "VLAN list items are empty",
        ));
    }
    Ok(Some(vlans))
}

/// The VLANs of a bridge with one blank between them.
fn spaced(vlans: &str) -> String {
    split_list(vlans).join(" ")
}
