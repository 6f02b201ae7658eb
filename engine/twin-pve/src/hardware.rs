//! A node's PCI devices.

use model::{Params, Stop, Tx, kind, node_domain, params::split_list, published::Endpoint};
use serde_json::{Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /nodes/{node}/hardware", index),
    Endpoint::new("GET /nodes/{node}/hardware/pci", list),
    Endpoint::new(
        "GET /nodes/{node}/hardware/pci/{pci-id-or-mapping}",
        device_index,
    ),
    Endpoint::new(
        "GET /nodes/{node}/hardware/pci/{pci-id-or-mapping}/mdev",
        mediated,
    ),
];

/// The classes that nobody passes to a guest: memory, bridges, processors.
const LEFT_OUT: &str = "05;06;0b";

fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(json!([{ "type": "pci" }, { "type": "usb" }]))
}

fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let left_out = split_list(
        &params
            .text("pci-class-blacklist")
            .unwrap_or_else(|| LEFT_OUT.to_owned()),
    );
    let domain = node_domain(&tx.node);
    let mut rows = Vec::new();
    for (slot, row) in tx.scan_in::<Value>(&domain, kind::PCI)? {
        let class = row["class"]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches("0x")
            .to_ascii_lowercase();
        if left_out
            .iter()
            .any(|prefix| class.starts_with(&prefix.to_ascii_lowercase()))
        {
            continue;
        }
        rows.push(if params.flag("verbose") == Some(false) {
            json!({ "id": slot })
        } else {
            row
        });
    }
    Ok(Value::Array(rows))
}

fn device_index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(json!([{ "method": "mdev" }]))
}

/// The types that a device can be split into: docs say of no device that it can.
fn mediated(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(json!([]))
}
