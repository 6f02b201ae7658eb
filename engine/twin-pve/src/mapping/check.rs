//! Whether a mapping fits the devices of a node.

use model::{Key, Stop, Tx, kind, node_domain};
use serde_json::{Map, Value, json};

use super::{Mapping, entries_of};

/// The checks of a mapping on the asked node, with the name under which its family lists them.
pub(super) fn mapping(
    tx: &mut Tx<'_>,
    family: &str,
    (id, mapping): (&str, &Mapping),
) -> Result<(&'static str, Value), Stop> {
    let node = tx.node.clone();
    let entries = entries_of(mapping, &node);
    let mut checks = Vec::new();
    if entries.is_empty() {
        checks.push(
            json!({ "severity": "warning", "message": format!("No mapping for node {node}.") }),
        );
    }
    for entry in entries {
        let wrong = match family {
            "pci" => devices(tx, id, &entry)?,
            "usb" => Some(missing_usb(&entry)),
            _ => None,
        };
        if let Some(words) = wrong {
            let message = format!("Invalid configuration: {words}\n");
            checks.push(json!({ "severity": "error", "message": message }));
        }
    }
    Ok((
        if family == "usb" { "errors" } else { "checks" },
        checks.into(),
    ))
}

/// Docs know no USB devices.
fn missing_usb(entry: &Map<String, Value>) -> String {
    match entry.get("path").and_then(Value::as_str) {
        Some(path) => format!("usb device '{path}' not found"),
        None => {
            let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
            format!("usb device '{id}' not found")
        }
    }
}

/// What is wrong with an entry's devices, if anything is.
fn devices(tx: &mut Tx<'_>, id: &str, entry: &Map<String, Value>) -> Result<Option<String>, Stop> {
    let path = entry
        .get("path")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let domain = node_domain(&tx.node);
    for (place, path) in path.split(';').enumerate() {
        let slot = if path.contains('.') {
            path.to_owned()
        } else {
            format!("{path}.0")
        };
        let key = Key::new(&*domain, kind::PCI, slot.as_str());
        let Some(device) = tx.read::<Value>(&key)? else {
            return Ok(Some(format!("pci device '{slot}' not found")));
        };
        if let Some(words) = difference(&device, entry, (id, &slot), place == 0) {
            return Ok(Some(words));
        }
    }
    Ok(None)
}

/// The first property of an entry that isn't as the device has it.
fn difference(
    device: &Value,
    entry: &Map<String, Value>,
    (id, slot): (&str, &str),
    is_first: bool,
) -> Option<String> {
    let pair = |first: &str, second: &str| {
        let part = |name: &str| device[name].as_str().map(|text| text.replace("0x", ""));
        Some(format!("{}:{}", part(first)?, part(second)?))
    };
    let group = device["iommugroup"]
        .as_i64()
        .filter(|_| is_first)
        .map(|group| group.to_string());
    for (name, expected) in [
        ("id", pair("vendor", "device")),
        ("iommugroup", group),
        ("subsystem-id", pair("subsystem_vendor", "subsystem_device")),
    ] {
        if name == "iommugroup" && !is_first {
            continue;
        }
        let configured = entry
            .get(name)
            .and_then(Value::as_str)
            .map(|text| text.replace("0x", ""));
        match (expected, configured) {
            (Some(_), None) => {
                return Some(format!(
                    "missing expected property '{name}' for device '{slot}'"
                ));
            }
            (None, Some(_)) => {
                return Some(format!(
                    "unexpected property '{name}' configured for device '{slot}'"
                ));
            }
            (Some(expected), Some(configured)) if expected != configured => {
                return Some(format!(
                    "'{name}' does not match for '{id}' ({expected} != {configured})"
                ));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_an_entry_with_its_device() {
        let device = json!({
            "vendor": "0x10de", "device": "0x27b2", "subsystem_vendor": "0x10de", "subsystem_device": "0x181b",
            "iommugroup": 14,
        });
        let wrong = |entry: Value| {
            difference(
                &device,
                entry.as_object().unwrap(),
                ("gpu", "0000:01:00.0"),
                true,
            )
        };
        let good = json!({ "id": "10de:27b2", "iommugroup": "14", "subsystem-id": "10de:181b" });
        assert_eq!(wrong(good.clone()), None);
        let mut other = good.clone();
        other["iommugroup"] = "4".into();
        assert_eq!(
            wrong(other).unwrap(),
            "'iommugroup' does not match for 'gpu' (14 != 4)"
        );
        let mut less = good;
        less.as_object_mut().unwrap().remove("subsystem-id");
        assert_eq!(
            wrong(less).unwrap(),
            "missing expected property 'subsystem-id' for device '0000:01:00.0'"
        );
    }
}
