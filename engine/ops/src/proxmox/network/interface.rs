//! An interface as it's wanted, and the difference to one that is there.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use world::proxmox::{Request, lenient};

use crate::{
    difference::{Difference, text},
    field::{HostAddress, Names},
};

/// A kind of interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A bridge.
    Bridge,
    /// Several ports as one.
    Bond,
    /// A VLAN of another interface.
    Vlan,
    /// A port.
    Eth,
}

/// An interface.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InterfaceSpec {
    /// Its name: `vmbr0`, `bond0`, `vmbr0.20`.
    pub(super) iface: String,
    /// What it is.
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// Its address with prefix, of either kind. Default: as it is.
    cidr: Option<String>,
    /// Its IPv6 address with prefix, beside an IPv4 one. Default: as it is.
    cidr6: Option<String>,
    /// The default gateway. Default: as it is.
    gateway: Option<HostAddress>,
    /// The ports of a bridge. Default: as they are.
    pub(super) bridge_ports: Option<Names>,
    /// Whether a bridge tells VLANs apart. Default: as it is.
    bridge_vlan_aware: Option<bool>,
    /// The VLANs that a VLAN-aware bridge carries: ids and ranges. Default: as they are, on a new one all.
    bridge_vids: Option<Names>,
    /// The members of a bond. Default: as they are.
    pub(super) slaves: Option<Names>,
    /// The mode of a bond: `802.3ad`, `active-backup`, …
    bond_mode: Option<String>,
    /// By what a bond spreads packets: `layer2`, `layer2+3`, `layer3+4`.
    bond_xmit_hash_policy: Option<String>,
    /// The VLAN of a VLAN interface. Default: from its name.
    #[serde(rename = "vlan-id")]
    vlan_id: Option<u16>,
    /// The interface under a VLAN interface. Default: from its name.
    #[serde(rename = "vlan-raw-device")]
    vlan_raw_device: Option<String>,
    /// The longest packet in bytes. Default: as it is.
    mtu: Option<u32>,
    /// Whether it comes up with the node. Default: yes.
    autostart: Option<bool>,
    /// A comment. Default: as it is.
    comments: Option<String>,
}

/// Properties that a `PUT` would drop if they were left out.
const KEPT: [&str; 21] = [
    "cidr",
    "cidr6",
    "gateway",
    "gateway6",
    "bridge_ports",
    "bridge_vlan_aware",
    "bridge_vids",
    "slaves",
    "bond_mode",
    "bond-primary",
    "bond_xmit_hash_policy",
    "vlan-id",
    "vlan-raw-device",
    "mtu",
    "autostart",
    "comments",
    "comments6",
    "ovs_bridge",
    "ovs_ports",
    "ovs_options",
    "ovs_tag",
];

impl InterfaceSpec {
    /// The properties that are wanted, as the API takes them; lists with blanks between.
    pub(super) fn wanted(&self) -> Vec<(&'static str, String)> {
        let flag = |flag: bool| u8::from(flag).to_string();
        let [cidr, cidr6] = by_kind(self.cidr.clone());
        let [gateway, gateway6] = by_kind(self.gateway.as_ref().map(ToString::to_string));
        let all = [
            ("cidr", cidr),
            ("cidr6", self.cidr6.clone().or(cidr6)),
            ("gateway", gateway),
            ("gateway6", gateway6),
            (
                "bridge_ports",
                self.bridge_ports.as_ref().map(Names::blanks),
            ),
            ("bridge_vlan_aware", self.bridge_vlan_aware.map(flag)),
            ("bridge_vids", self.bridge_vids.as_ref().map(Names::blanks)),
            ("slaves", self.slaves.as_ref().map(Names::blanks)),
            ("bond_mode", self.bond_mode.clone()),
            ("bond_xmit_hash_policy", self.bond_xmit_hash_policy.clone()),
            ("vlan-id", self.vlan_id.map(|id| id.to_string())),
            ("vlan-raw-device", self.vlan_raw_device.clone()),
            ("mtu", self.mtu.map(|mtu| mtu.to_string())),
            ("autostart", Some(flag(self.autostart.unwrap_or(true)))),
            ("comments", self.comments.clone()),
        ];
        let dropped = self.dropped();
        all.into_iter()
            .filter(|(name, _)| !dropped.contains(name))
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// Whether VLANs are named, but not whether the bridge tells them apart.
    pub(super) const fn lacks_vlan_awareness(&self) -> bool {
        self.bridge_vids.is_some() && self.bridge_vlan_aware.is_none()
    }

    /// The properties that Proxmox doesn't write beside what is wanted, whatever they are.
    pub(super) fn dropped(&self) -> Vec<&'static str> {
        let mut dropped = Vec::new();
        if self.bridge_vlan_aware == Some(false) {
            dropped.push("bridge_vids");
        }
        if let Some(mode) = self.bond_mode.as_deref() {
            if !matches!(mode, "balance-xor" | "802.3ad") {
                dropped.push("bond_xmit_hash_policy");
            }
            if mode != "active-backup" {
                dropped.push("bond-primary");
            }
        }
        dropped
    }

    /// The properties that are sent. A bridge is VLAN-aware once the property is there, also as 0.
    fn sent(&self) -> impl Iterator<Item = (&'static str, String)> {
        let mut wanted = self.wanted();
        wanted.retain(|(name, value)| *name != "bridge_vlan_aware" || value == "1");
        wanted.into_iter()
    }

    /// The properties that a change takes away.
    fn removed(&self, observed: &Value) -> Vec<&'static str> {
        let mut removed = self.dropped();
        if self.bridge_vlan_aware == Some(false) {
            removed.push("bridge_vlan_aware");
        }
        removed.retain(|name| !text(observed, name).is_empty());
        removed
    }

    /// The type's name in the API.
    pub(super) const fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Bridge => "bridge",
            Kind::Bond => "bond",
            Kind::Vlan => "vlan",
            Kind::Eth => "eth",
        }
    }

    /// What differs between the interface and what is wanted of it.
    pub(super) fn difference(&self, observed: &Value) -> Difference {
        let mut difference = Difference::default();
        difference.text(observed, "type", Some(self.kind_name()));
        for (name, wanted) in self.wanted() {
            match name {
                "bridge_ports" | "bridge_vids" | "slaves" => {
                    difference.names(observed, name, Some(&Names(lenient::list(&wanted))));
                }
                "autostart" | "bridge_vlan_aware" => {
                    difference.flag(observed, name, formats::property::boolean(&wanted), false);
                }
                _ => difference.text(observed, name, Some(&wanted)),
            }
        }
        difference
    }

    /// The request that stages a new interface.
    pub(super) fn creation(&self, node: &str) -> Request {
        let request =
            Request::post(Request::path(&["nodes", node, "network"])).with("iface", &self.iface);
        let request = request.with("type", self.kind_name());
        self.sent()
            .fold(request, |request, (name, value)| request.with(name, value))
    }

    /// The fields of a change that stages a new interface.
    pub(super) fn described(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), self.kind_name().into());
        fields.extend(
            self.wanted()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.into())),
        );
        fields.into()
    }

    /// The request that stages a changed interface: what is there, with what is wanted laid over it.
    pub(super) fn update(&self, node: &str, observed: &Value) -> Request {
        let (wanted, removed) = (self.wanted(), self.removed(observed));
        let is_said = |name: &str| {
            wanted.iter().any(|(wanted, _)| *wanted == name) || removed.contains(&name)
        };
        let path = Request::path(&["nodes", node, "network", &self.iface]);
        let mut request = Request::put(path).with("type", self.kind_name());
        for name in KEPT {
            let value = text(observed, name);
            let value = value.trim_end();
            if !is_said(name) && !value.is_empty() {
                request = request.with(name, value);
            }
        }
        if !removed.is_empty() {
            request = request.with("delete", removed.join(","));
        }
        self.sent()
            .fold(request, |request, (name, value)| request.with(name, value))
    }
}

/// An address as IPv4's property and as IPv6's: one of the two.
fn by_kind(address: Option<String>) -> [Option<String>; 2] {
    match address {
        Some(address) if address.contains(':') => [None, Some(address)],
        address => [address, None],
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in super::super) fn interface(spec: Value) -> InterfaceSpec {
        serde_json::from_value(spec).unwrap()
    }

    fn vmbr0() -> Value {
        json!({"iface": "vmbr0", "type": "bridge", "cidr": "10.0.0.11/24", "address": "10.0.0.11", "netmask": "24",
            "gateway": "10.0.0.1", "bridge_ports": "eno1", "bridge_stp": "off", "bridge_fd": "0", "autostart": 1,
            "comments": "by hand\n", "families": ["inet"], "method": "static", "active": 1})
    }

    #[test]
    fn finds_no_difference_in_what_the_api_normalises() {
        let same = [
            json!({"iface": "vmbr0", "type": "bridge"}),
            json!({"iface": "vmbr0", "type": "bridge", "bridge_ports": ["eno1"], "comments": "by hand", "cidr": "10.0.0.11/24"}),
            json!({"iface": "vmbr0", "type": "bridge", "bridge_vlan_aware": false, "gateway": "10.0.0.1"}),
        ];
        for spec in same {
            assert!(
                interface(spec.clone()).difference(&vmbr0()).is_empty(),
                "{spec}"
            );
        }
        let mut aware = vmbr0();
        aware["bridge_vids"] = json!("30 20");
        aware["bridge_vlan_aware"] = json!("1");
        let spec = interface(
            json!({"iface": "vmbr0", "type": "bridge", "bridge_vids": [20, 30], "bridge_vlan_aware": true}),
        );
        assert!(spec.difference(&aware).is_empty());
    }

    #[test]
    fn an_address_is_sent_as_its_kind_wants_it() {
        let spec = interface(
            json!({"iface": "vmbr0.20", "type": "vlan", "cidr": "fd00::11/64", "gateway": "fd00::1"}),
        );
        let form = spec.creation("pve1").form();
        assert!(
            form.contains("cidr6=fd00%3A%3A11%2F64") && form.contains("gateway6=fd00%3A%3A1"),
            "{form}"
        );
        assert!(
            !form.contains("cidr=") && !form.contains("gateway="),
            "{form}"
        );
        let both = interface(
            json!({"iface": "vmbr0", "type": "bridge", "cidr": "10.0.0.11/24", "cidr6": "fd00::11/64"}),
        );
        let names: Vec<&str> = both.wanted().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["cidr", "cidr6", "autostart"]);
        let there =
            json!({"type": "vlan", "cidr6": "fd00::11/64", "gateway6": "fd00::1", "autostart": 1});
        assert!(spec.difference(&there).is_empty());
    }

    #[test]
    fn a_bridge_that_isnt_vlan_aware_is_sent_without_the_property() {
        let spec = interface(
            json!({"iface": "vmbr0", "type": "bridge", "bridge_vlan_aware": false, "bridge_vids": [20]}),
        );
        assert!(!spec.creation("pve1").form().contains("bridge_v"));
        let mut aware = vmbr0();
        aware["bridge_vlan_aware"] = json!("1");
        aware["bridge_vids"] = json!("20 30");
        let after = Value::Object(spec.difference(&aware).after);
        assert_eq!(after, json!({"bridge_vlan_aware": false}));
        let form = spec.update("pve1", &aware).form();
        assert!(
            form.contains("delete=bridge_vids%2Cbridge_vlan_aware"),
            "{form}"
        );
        assert!(
            !form.contains("bridge_vlan_aware=") && !form.contains("bridge_vids="),
            "{form}"
        );
        assert!(spec.difference(&vmbr0()).is_empty());
    }

    #[test]
    fn a_bond_loses_what_its_new_mode_doesnt_take() {
        let spec = interface(
            json!({"iface": "bond0", "type": "bond", "bond_mode": "active-backup",
            "bond_xmit_hash_policy": "layer3+4"}),
        );
        let there = json!({"iface": "bond0", "type": "bond", "bond_mode": "802.3ad", "autostart": 1,
            "bond_xmit_hash_policy": "layer2+3", "slaves": "eno2 eno3"});
        let after = Value::Object(spec.difference(&there).after);
        assert_eq!(after, json!({"bond_mode": "active-backup"}));
        let form = spec.update("pve1", &there).form();
        assert!(form.contains("delete=bond_xmit_hash_policy"), "{form}");
        assert!(!form.contains("bond_xmit_hash_policy="), "{form}");
    }

    #[test]
    fn keeps_what_isnt_named() {
        let spec = interface(
            json!({"iface": "vmbr0", "type": "bridge", "bridge_vlan_aware": true, "bridge_vids": "20, 30"}),
        );
        let difference = spec.difference(&vmbr0());
        assert_eq!(
            Value::Object(difference.after),
            json!({"bridge_vlan_aware": true, "bridge_vids": "20,30"})
        );
        let request = spec.update("pve1", &vmbr0());
        assert_eq!(request.to_string(), "PUT /nodes/pve1/network/vmbr0");
        let form = request.form();
        for kept in [
            "cidr=10.0.0.11%2F24",
            "gateway=10.0.0.1",
            "bridge_ports=eno1",
            "comments=by+hand",
            "bridge_vids=20+30",
        ] {
            assert!(form.contains(kept), "{kept} in {form}");
        }
        assert!(
            !form.contains("address=") && !form.contains("netmask"),
            "{form}"
        );
    }
}
