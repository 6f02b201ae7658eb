//! Reading the file.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde_json::{Value, json};

use super::{Interface, Interfaces, kind, ports_of, set};

/// What the machine itself says of an interface, whatever stands in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Whether it's a card that is in the machine.
    pub exists: bool,
    /// Whether it's a card, there or not.
    pub card: bool,
    /// Whether it's up.
    pub active: bool,
}

impl Link {
    /// A card that is in the machine, and not up yet.
    #[must_use]
    pub const fn card() -> Self {
        Self {
            exists: true,
            card: true,
            active: false,
        }
    }
}

/// What the machine says of its interfaces.
pub type Links = BTreeMap<String, Link>;

/// What interfaces as they were read say of the machine.
#[must_use]
pub fn links_of(interfaces: &Interfaces) -> Links {
    let link = |interface: &Interface| Link {
        exists: set(interface, "exists").is_some() && super::type_of(interface) == "eth",
        card: super::type_of(interface) == "eth",
        active: set(interface, "active").is_some(),
    };
    interfaces
        .iter()
        .map(|(name, interface)| (name.clone(), link(interface)))
        .collect()
}

/// The file's other names of fields.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("ovs_mtu", "mtu"),
    ("bond-slaves", "slaves"),
    ("bond_slaves", "slaves"),
    ("bond-xmit-hash-policy", "bond_xmit_hash_policy"),
    ("bond-mode", "bond_mode"),
    ("bond-miimon", "bond_miimon"),
    ("bridge-vlan-aware", "bridge_vlan_aware"),
    ("bridge-fd", "bridge_fd"),
    ("bridge-stp", "bridge_stp"),
    ("bridge-ports", "bridge_ports"),
    ("bridge-vids", "bridge_vids"),
];

/// The fields that are taken as they are.
const PLAIN: &[&str] = &[
    "mtu",
    "ovs_type",
    "ovs_options",
    "ovs_bridge",
    "ovs_bonds",
    "ovs_ports",
    "bridge_fd",
    "bridge_vids",
    "bridge-access",
    "bridge-learning",
    "bridge-arp-nd-suppress",
    "bridge-unicast-flood",
    "bridge-multicast-flood",
    "bridge-disable-mac-learning",
    "bond_miimon",
    "bond_xmit_hash_policy",
    "bond-primary",
    "link-type",
    "uplink-id",
    "vlan-protocol",
    "vlan-raw-device",
    "vlan-id",
    "vxlan-id",
    "vxlan-svcnodeip",
    "vxlan-physdev",
    "vxlan-local-tunnelip",
];

/// The modes of a bond by number.
const MODES: &[&str] = &[
    "balance-rr",
    "active-backup",
    "balance-xor",
    "broadcast",
    "802.3ad",
    "balance-tlb",
    "balance-alb",
];

/// The words that begin what is no field of an interface.
const SECTIONS: &[&str] = &["iface", "mapping", "auto", "source", "source-directory"];

struct Reader {
    interfaces: Interfaces,
    priority: u64,
    /// The interface whose fields are read, and the suffix of its family's fields.
    block: Option<(String, &'static str)>,
}

/// The interfaces of a file's text, on a machine with these links.
#[must_use]
pub fn read(text: &str, links: &Links) -> Interfaces {
    let mut reader = Reader {
        interfaces: Interfaces::new(),
        // The first is reserved for a loopback interface that the file doesn't name.
        priority: 2,
        block: None,
    };
    for line in text.lines() {
        reader.line(line.trim_end());
    }
    let mut interfaces = reader.interfaces;
    for (name, link) in links {
        if link.exists {
            let interface = interfaces.entry(name.clone()).or_default();
            interface.insert("exists".to_owned(), 1.into());
        }
        if link.active
            && let Some(interface) = interfaces.get_mut(name)
        {
            interface.insert("active".to_owned(), 1.into());
        }
    }
    interfaces.entry("lo".to_owned()).or_insert_with(loopback);
    let names: Vec<String> = interfaces.keys().cloned().collect();
    for name in names {
        let Some(mut interface) = interfaces.remove(&name) else {
            continue;
        };
        classify(&name, &mut interface, &interfaces, links);
        derive_addresses(&mut interface);
        fill(&mut interface);
        interfaces.insert(name, interface);
    }
    interfaces
}

/// The loopback interface that a file needn't name.
pub(super) fn loopback() -> Interface {
    let mut interface = Interface::new();
    interface.insert("priority".to_owned(), 1.into());
    interface.insert("method".to_owned(), "loopback".into());
    interface.insert("autostart".to_owned(), 1.into());
    interface
}

impl Reader {
    fn line(&mut self, line: &str) {
        let start = line.trim_start();
        if let Some((name, suffix)) = self.block.clone() {
            if let Some(comment) = start.strip_prefix('#') {
                self.append_comment(&name, suffix, comment);
                return;
            }
            let word = start.split_whitespace().next().unwrap_or_default();
            let value = start[word.len()..].trim_start();
            let is_section = SECTIONS.contains(&word) || word.starts_with("allow-");
            if !is_section && !value.is_empty() {
                let interface = self.interfaces.entry(name).or_default();
                take_option(interface, suffix, word, value);
                return;
            }
            self.block = None;
        }
        self.section(start);
    }

    fn append_comment(&mut self, name: &str, suffix: &str, comment: &str) {
        let interface = self.interfaces.entry(name.to_owned()).or_default();
        let field = format!("comments{suffix}");
        let so_far = interface
            .get(&field)
            .and_then(Value::as_str)
            .unwrap_or_default();
        let text = format!("{so_far}{}\n", comment.trim_end());
        interface.insert(field, text.into());
    }

    fn section(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["auto" | "allow-ovs", names @ ..] => {
                for name in names {
                    let interface = self.interfaces.entry((*name).to_owned()).or_default();
                    interface.insert("autostart".to_owned(), 1.into());
                }
            }
            ["iface", name, family @ ("inet" | "inet6"), method] => {
                let suffix = if *family == "inet" { "" } else { "6" };
                let interface = self.interfaces.entry((*name).to_owned()).or_default();
                if !interface.contains_key("priority") {
                    interface.insert("priority".to_owned(), self.priority.into());
                    self.priority += 1;
                }
                interface.insert(format!("method{suffix}"), (*method).into());
                push(interface, "families", family);
                self.block = Some(((*name).to_owned(), suffix));
            }
            _ => {}
        }
    }
}

/// Appends to a list.
fn push(interface: &mut Interface, field: &str, item: &str) {
    let list = interface
        .entry(field)
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Some(list) = list.as_array_mut() {
        list.push(item.into());
    }
}

fn take_option(interface: &mut Interface, suffix: &str, word: &str, value: &str) {
    let field = OTHER_NAMES
        .iter()
        .find(|(other, _)| *other == word)
        .map_or(word, |(_, field)| *field);
    let stored: Value = match field {
        "address" | "netmask" | "broadcast" | "gateway" => {
            interface.insert(format!("{field}{suffix}"), value.into());
            return;
        }
        "slaves" | "bridge_ports" => {
            let devices: BTreeSet<&str> = value
                .split_whitespace()
                .filter(|port| *port != "none")
                .collect();
            let more = devices.into_iter().collect::<Vec<_>>().join(" ");
            match set(interface, field) {
                Some(so_far) if more.is_empty() => so_far.into(),
                Some(so_far) => format!("{so_far} {more}").into(),
                None => more.into(),
            }
        }
        "bridge_stp" => {
            let on = matches!(value.to_ascii_lowercase().as_str(), "on" | "yes");
            if on { "on" } else { "off" }.into()
        }
        "bridge_vlan_aware" => 1.into(),
        "bond_mode" => {
            let number = value.parse::<usize>().ok();
            let name = number.and_then(|number| MODES.get(number));
            (*name.unwrap_or(&value)).into()
        }
        _ if PLAIN.contains(&field) => value.into(),
        _ => {
            let line = format!("{word} {value}");
            push(interface, &format!("options{suffix}"), &line);
            return;
        }
    };
    interface.insert(field.to_owned(), stored);
}

/// Finds out what an interface is: by its fields, then by its name.
fn classify(name: &str, interface: &mut Interface, others: &Interfaces, links: &Links) {
    let raw_device = set(interface, "vlan-raw-device");
    let found = if interface.contains_key("bridge_ports") {
        interface
            .entry("bridge_stp")
            .or_insert_with(|| "off".into());
        if interface["bridge_stp"] == "off" {
            interface.entry("bridge_fd").or_insert_with(|| 0.into());
        }
        "bridge"
    } else if kind::is_bond(name) {
        "bond"
    } else if let Some(device) = kind::aliased(name) {
        share_existence(interface, others.get(device));
        "alias"
    } else if let Some((device, number)) = kind::dotted(name) {
        let device = raw_device.unwrap_or_else(|| device.to_owned());
        share_existence(interface, others.get(&device));
        interface.insert("vlan-raw-device".to_owned(), device.into());
        interface.insert("vlan-id".to_owned(), number.into());
        "vlan"
    } else if let Some(device) = raw_device {
        share_existence(interface, others.get(&device));
        if let Some(number) = kind::vlan_number(name) {
            interface.insert("vlan-id".to_owned(), number.into());
        }
        "vlan"
    } else if kind::is_card(name) || links.get(name).is_some_and(|link| link.card) {
        "eth"
    } else if name == "lo" {
        "loopback"
    } else {
        "unknown"
    };
    interface.insert("type".to_owned(), found.into());
}

/// What stands on a device exists if the device does.
fn share_existence(interface: &mut Interface, device: Option<&Interface>) {
    match device.and_then(|device| device.get("exists")) {
        Some(exists) => interface.insert("exists".to_owned(), exists.clone()),
        None => interface.remove("exists"),
    };
}

/// Address, prefix, and both in one, of both families.
fn derive_addresses(interface: &mut Interface) {
    for (suffix, whole) in [("", 32), ("6", 128)] {
        let (address, netmask, cidr) = (
            format!("address{suffix}"),
            format!("netmask{suffix}"),
            format!("cidr{suffix}"),
        );
        let Some(written) = set(interface, &address) else {
            continue;
        };
        if let Some((bare, prefix)) = written.split_once('/') {
            let (bare, prefix) = (bare.to_owned(), prefix.to_owned());
            interface.insert(cidr, written.as_str().into());
            interface.insert(address, bare.into());
            interface.insert(netmask, prefix.into());
        } else if let Some(prefix) = set(interface, &netmask).and_then(|mask| prefix_of(&mask)) {
            interface.insert(cidr, format!("{written}/{prefix}").into());
            interface.insert(netmask, prefix.into());
        } else {
            interface.insert(cidr, format!("{written}/{whole}").into());
        }
    }
}

/// The prefix that a netmask in either form stands for.
pub(super) fn prefix_of(mask: &str) -> Option<String> {
    if mask.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(mask.to_owned());
    }
    let mask = mask.parse().ok()?;
    IpNet::with_netmask(std::net::Ipv4Addr::UNSPECIFIED.into(), mask)
        .ok()
        .map(|network| network.prefix_len().to_string())
}

/// What every interface has.
fn fill(interface: &mut Interface) {
    for field in ["method", "method6"] {
        if set(interface, field).is_none() {
            interface.insert(field.to_owned(), "manual".into());
        }
    }
    if let Some(more) = interface.shift_remove("comments6") {
        let so_far = interface
            .get("comments")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let text = format!("{so_far}{}", more.as_str().unwrap_or_default());
        interface.insert("comments".to_owned(), text.into());
    }
    interface
        .entry("families")
        .or_insert_with(|| json!(["inet"]));
}

/// Marks as active what a reload brings up: what starts by itself, and all that it stands on.
pub fn bring_up(interfaces: &mut Interfaces) {
    let mut up: BTreeSet<String> = BTreeSet::new();
    let mut next: Vec<String> = interfaces
        .iter()
        .filter(|(_, interface)| set(interface, "autostart").is_some())
        .map(|(name, _)| name.clone())
        .collect();
    while let Some(name) = next.pop() {
        if let Some(interface) = interfaces.get(&name)
            && up.insert(name)
        {
            next.extend(ports_of(interface));
            next.extend(set(interface, "vlan-raw-device"));
        }
    }
    for (name, interface) in interfaces {
        if up.contains(name) {
            interface.insert("active".to_owned(), 1.into());
        } else {
            interface.shift_remove("active");
        }
    }
}
