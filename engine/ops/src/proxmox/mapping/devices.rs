//! What a node's API lists of its PCI devices.

use formats::property::PropertyString;
use runbook::{failure::Failure, operation::Operation};
use serde_json::{Value, json};
use world::{code, proxmox::lenient};

use crate::{difference::text, learns};

/// A device of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Device {
    pub(super) node: String,
    pub(super) slot: String,
    id: String,
    subsystem: Option<String>,
    /// Nothing where the node has no IOMMU.
    pub(super) group: Option<i64>,
    /// The other devices of its group.
    pub(super) siblings: Vec<String>,
}

/// Finds the device at a slot in what a node lists.
pub(super) fn find(node: &str, slot: &str, listed: &[Value]) -> Result<Device, Failure> {
    let Some(row) = listed.iter().find(|row| text(row, "id") == slot) else {
        return Err(Failure::new(
            code::mapping::no_device,
            format!("{node} has no PCI device at {slot}"),
        )
        .help("slots move when cards do: correct docs/HARDWARE.md, PCI devices"));
    };
    let group = group(row);
    let siblings = match group {
        Some(_) => {
            let same = listed
                .iter()
                .filter(|other| self::group(other) == group && text(other, "id") != slot);
            let mut slots: Vec<String> = same.map(|other| text(other, "id")).collect();
            slots.sort();
            slots
        }
        None => Vec::new(),
    };
    Ok(Device {
        node: node.to_owned(),
        slot: slot.to_owned(),
        id: pair(row, "vendor", "device").unwrap_or_default(),
        subsystem: pair(row, "subsystem_vendor", "subsystem_device"),
        group,
        siblings,
    })
}

/// The device's IOMMU group; the API says -1 for none.
fn group(row: &Value) -> Option<i64> {
    row.get("iommugroup")
        .and_then(lenient::integer)
        .filter(|group| *group >= 0)
}

/// Two identifiers as `10de:27b2`.
fn pair(row: &Value, first: &str, second: &str) -> Option<String> {
    let digits = |name: &str| {
        let digits = text(row, name).trim_start_matches("0x").to_lowercase();
        (!digits.is_empty()).then_some(digits)
    };
    Some(format!("{}:{}", digits(first)?, digits(second)?))
}

/// The entry of a mapping for the devices of one node, over an entry that may be there. What it says of its devices is
/// what Proxmox compares when a guest starts: that of the first one, which of a card is function 0.
///
/// # Errors
/// The devices are different ones.
pub(super) fn entry(
    devices: &[&Device],
    there: Option<&PropertyString>,
) -> Result<PropertyString, Failure> {
    let mut entry = there.cloned().unwrap_or_default();
    let mut devices = devices.to_vec();
    devices.sort_by(|one, other| one.slot.cmp(&other.slot));
    let Some(first) = devices.first() else {
        return Ok(entry);
    };
    entry.set("node", &first.node);
    entry.set("path", &path(&devices)?);
    entry.set("id", &first.id);
    match &first.subsystem {
        Some(subsystem) => entry.set("subsystem-id", subsystem),
        None => entry.remove("subsystem-id"),
    }
    match first.group {
        Some(group) => entry.set("iommugroup", &group.to_string()),
        None => entry.remove("iommugroup"),
    }
    Ok(entry)
}

/// The path of a mapping's entry, of devices in the order of their slots. A card whose functions go together with function
/// 0 is named without a function; others are named one by one, and are alike: the `id` of an entry is that of every path in it.
fn path(devices: &[&Device]) -> Result<String, Failure> {
    let slots: Vec<&str> = devices.iter().map(|device| device.slot.as_str()).collect();
    if let [first, _, ..] = slots.as_slice()
        && let Some(card) = first.strip_suffix(".0")
        && slots.iter().all(|slot| is_of(slot, card))
    {
        return Ok(card.to_owned());
    }
    let alike = |device: &&&Device| {
        (&device.id, &device.subsystem) == (&devices[0].id, &devices[0].subsystem)
    };
    match devices.iter().find(|device| !alike(device)) {
        Some(other) => Err(different(devices[0], other)),
        None => Ok(slots.join(";")),
    }
}

/// Whether a slot is one of a card's functions: `0000:01:00.1` of `0000:01:00`.
fn is_of(slot: &str, card: &str) -> bool {
    slot.rsplit_once('.').is_some_and(|(own, _)| own == card)
}

fn different(one: &Device, other: &Device) -> Failure {
    let Device { node, slot, id, .. } = one;
    Failure::new(
        code::mapping::different_devices,
        format!(
            "{slot} ({id}) and {} ({}) of {node} are different devices: no guest with a mapping of both would start",
            other.slot, other.id
        ),
    )
    .help("give each a mapping of its own in docs/SOFTWARE.md, PCI mappings; functions of one card go together with its function 0")
}

impl Device {
    /// Says what is in its slot, for docs.
    pub(super) fn learn(&self, operation: &Operation) {
        let row = [self.node.as_str(), self.slot.as_str()];
        operation.learn(&learns::PCI_ID, &row, &self.id);
        if let Some(subsystem) = &self.subsystem {
            operation.learn(&learns::PCI_SUBSYSTEM, &row, subsystem);
        }
        if let Some(group) = self.group {
            operation.learn(&learns::IOMMU_GROUP, &row, &group.to_string());
        }
    }

    /// The slots of its group that the mapping leaves out.
    pub(super) fn left_out(&self, mapped: &[Self]) -> Vec<String> {
        let is_mapped = |slot: &&String| {
            mapped
                .iter()
                .any(|other| other.node == self.node && other.slot == **slot)
        };
        self.siblings
            .iter()
            .filter(|slot| !is_mapped(slot))
            .cloned()
            .collect()
    }

    /// What the operation answers of it.
    pub(super) fn described(&self, mapped: &[Self]) -> Value {
        json!({
            "node": self.node,
            "slot": self.slot,
            "id": self.id,
            "iommugroup": self.group,
            "siblings": self.left_out(mapped),
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn listed() -> Vec<Value> {
        let row = |id: &str, device: &str, group: i64| {
            json!({"id": id, "vendor": "0x10de", "device": device, "subsystem_vendor": "0x10de", "subsystem_device": "0x181b",
                "iommugroup": group, "class": "0x030000"})
        };
        vec![
            row("0000:01:00.0", "0x27b2", 14),
            row("0000:01:00.1", "0x22bc", 14),
            row("0000:02:00.0", "0x0001", -1),
        ]
    }

    #[test]
    fn reads_what_the_api_lists() {
        let gpu = find("pve1", "0000:01:00.0", &listed()).unwrap();
        assert_eq!(gpu.siblings, ["0000:01:00.1"]);
        assert_eq!(
            entry(&[&gpu], None).unwrap().to_string(),
            "node=pve1,path=0000:01:00.0,id=10de:27b2,subsystem-id=10de:181b,iommugroup=14"
        );
        let audio = find("pve1", "0000:01:00.1", &listed()).unwrap();
        for card in [[&gpu, &audio], [&audio, &gpu]] {
            assert_eq!(
                entry(&card, None).unwrap().to_string(),
                "node=pve1,path=0000:01:00,id=10de:27b2,subsystem-id=10de:181b,iommugroup=14"
            );
        }
        let none = find("pve1", "0000:02:00.0", &listed()).unwrap();
        assert_eq!((none.group, none.siblings.len()), (None, 0));
        assert!(
            !entry(&[&none], None)
                .unwrap()
                .to_string()
                .contains("iommugroup")
        );
        assert!(
            find("pve1", "0000:09:00.0", &listed())
                .unwrap_err()
                .message
                .contains("0000:09:00.0")
        );
    }

    #[test]
    fn names_siblings_outside_the_mapping() {
        let gpu = find("pve1", "0000:01:00.0", &listed()).unwrap();
        let audio = find("pve1", "0000:01:00.1", &listed()).unwrap();
        assert_eq!(gpu.left_out(std::slice::from_ref(&gpu)), ["0000:01:00.1"]);
        assert!(gpu.left_out(&[gpu.clone(), audio]).is_empty());
    }

    #[test]
    fn refuses_different_devices_of_a_node_in_one_mapping() {
        let at = |slot: &str| find("pve1", slot, &listed()).unwrap();
        let (gpu, audio, other) = (at("0000:01:00.0"), at("0000:01:00.1"), at("0000:02:00.0"));
        let failure = entry(&[&other, &gpu], None).unwrap_err();
        assert_eq!(failure.code, code::mapping::different_devices);
        assert!(failure.message.starts_with(
            "0000:01:00.0 (10de:27b2) and 0000:02:00.0 (10de:0001) of pve1 are different devices"
        ));
        // Without function 0 its card isn't named, and these two aren't alike.
        let mut third = gpu.clone();
        third.slot = "0000:01:00.2".to_owned();
        assert!(entry(&[&audio, &third], None).is_err());
        // Cards of one make can be asked for together.
        let mut second = gpu.clone();
        second.slot = "0000:03:00.0".to_owned();
        let path = entry(&[&second, &gpu], None).unwrap();
        assert_eq!(path.get("path"), Some("0000:01:00.0;0000:03:00.0"));
    }

    #[test]
    fn keeps_what_else_an_entry_says() {
        let there = PropertyString::parse(
            "node=pve1,path=0000:01:00.0,id=10de:27b2,description=mine",
            None,
        )
        .unwrap();
        let gpu = find("pve1", "0000:01:00.0", &listed()).unwrap();
        assert_eq!(
            entry(&[&gpu], Some(&there)).unwrap().get("description"),
            Some("mine")
        );
    }
}
