//! What the installer on a documented machine posts.

use model::transaction::derive;
use serde_json::{Value, json};

use crate::facts::NodeFacts;

/// The installer's JSON about a machine, as release 9.2 sends it.
pub(crate) fn tells(version: &str, node: &NodeFacts) -> Value {
    let ports: Vec<Value> = node
        .ports
        .iter()
        .map(|port| json!({ "link": port.name, "mac": port.mac.to_ascii_uppercase() }))
        .collect();
    let serial = if node.serial.is_empty() {
        hex::encode_upper(&derive("machine", &node.name)[..6])
    } else {
        node.serial.clone()
    };
    json!({
        "$schema": { "version": "1.0" },
        "product": { "fullname": "Proxmox VE", "product": "pve", "enable_btrfs": true },
        "iso": { "release": version, "isorelease": "1" },
        "dmi": {
            "system": { "serial": serial, "sku": "", "name": "Twin" },
            "baseboard": {},
            "chassis": { "serial": "", "asset_tag": "" },
        },
        "network_interfaces": ports,
    })
}
