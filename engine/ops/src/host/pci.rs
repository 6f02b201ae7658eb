//! PCI devices: what is there, and whether they can be given to guests.

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    host::verb::{Pci, PciDevice as Device},
};

use crate::{info::Effect, operate::Operate};

const PCI: &str = "host::pci";
/// The driver that gives devices to guests.
const DRIVER: &str = "vfio-pci";

/// Tells a host's PCI devices. Answers `devices`, each with `slot`, `class`, `id`, `subsystem`, `driver` and `group`, its
/// IOMMU group; nothing stands for what a device lacks.
///
/// ```rhai
/// host::pci("pve1", #{ slot: "0000:01:00" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PciSpec {
    /// The host.
    host: String,
    /// The beginning of the slots that are wanted: `0000:01:00`. Default: all.
    #[serde(default)]
    slot: String,
}

impl Operate for PciSpec {
    const NAME: &str = PCI;
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("PCI devices of {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let all = operation.ask(&self.host, Pci {}).await?;
        let wanted = all
            .iter()
            .filter(|device| device.slot.starts_with(&self.slot));
        let mut fields = Fields::new();
        fields.insert("devices".to_owned(), wanted.map(json).collect());
        Ok(fields)
    }
}

/// Compares devices with what docs say, and tells what keeps them from guests. Answers `devices`, each with `slot`,
/// `id`, `driver`, `group` and `siblings` (what shares its group and isn't among them, bridges left out), `ready`
/// (each has a group, the driver `vfio-pci` and no siblings) and `problems` in words.
///
/// Errors: a slot is empty, or holds another device.
///
/// ```rhai
/// host::vfio("pve1", #{ devices: [#{ slot: "0000:01:00.0", id: "10de:27b2" }] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VfioSpec {
    /// The host.
    host: String,
    /// The devices that guests are to get.
    devices: Vec<Expected>,
}

impl Operate for VfioSpec {
    const NAME: &str = "host::vfio";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("devices for guests on {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let all = operation.ask(&self.host, Pci {}).await?;
        let mut found = Vec::new();
        for expected in &self.devices {
            found.push(checked(&self.host, expected, &all)?);
        }
        let mut problems = Vec::new();
        let mut answers = Vec::new();
        for device in &found {
            let siblings = siblings(device, &found, &all);
            problems.extend(problems_of(device, &siblings));
            answers.push(json!({
                "slot": device.slot, "id": device.id, "driver": given(&device.driver), "group": group(device),
                "siblings": siblings,
            }));
        }
        let mut fields = Fields::new();
        fields.insert("devices".to_owned(), answers.into());
        fields.insert("ready".to_owned(), problems.is_empty().into());
        fields.insert("problems".to_owned(), json!(problems));
        Ok(fields)
    }
}

/// A device as docs have it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// Its slot: `0000:01:00.0`.
    slot: String,
    /// Its vendor and device: `10de:27b2`.
    id: String,
}

fn json(device: &Device) -> Value {
    json!({
        "slot": device.slot, "class": device.class, "id": device.id, "subsystem": given(&device.subsystem),
        "driver": given(&device.driver), "group": group(device),
    })
}

fn given(word: &str) -> Option<&str> {
    (word != "-").then_some(word)
}

fn group(device: &Device) -> Option<u64> {
    device.group.parse().ok()
}

fn is_bridge(device: &Device) -> bool {
    device.class.starts_with("0x06")
}

/// The device that docs mean.
fn checked(host: &str, expected: &Expected, all: &[Device]) -> Result<Device, Failure> {
    let Some(device) = all.iter().find(|device| device.slot == expected.slot) else {
        let text = format!("{host} has no PCI device at {}", expected.slot);
        return Err(Failure::new(code::host::no_device, text)
            .help("`lspci -nn` there shows the slots; a slot moves when cards do: correct docs/HARDWARE.md"));
    };
    if device.id.eq_ignore_ascii_case(&expected.id) {
        return Ok(device.clone());
    }
    let text = format!(
        "{} of {host} holds the PCI device {}, and not {}",
        expected.slot, device.id, expected.id
    );
    Err(Failure::new(code::host::other_device, text)
        .help("correct the slot or the id in docs/HARDWARE.md; nothing was changed"))
}

/// What shares a device's group, and isn't to be given away with it.
fn siblings(device: &Device, given: &[Device], all: &[Device]) -> Vec<String> {
    let shares = |other: &&Device| {
        group(device).is_some() && other.group == device.group && !is_bridge(other)
    };
    let is_given = |other: &Device| given.iter().any(|given| given.slot == other.slot);
    let others = all.iter().filter(shares).filter(|other| !is_given(other));
    others.map(|other| other.slot.clone()).collect()
}

fn problems_of(device: &Device, siblings: &[String]) -> Vec<String> {
    let slot = &device.slot;
    let mut problems = Vec::new();
    if group(device).is_none() {
        problems.push(format!("{slot} has no IOMMU group: the IOMMU is off"));
    }
    if !siblings.is_empty() {
        problems.push(format!(
            "{slot} shares its group with {}",
            siblings.join(", ")
        ));
    }
    match given(&device.driver) {
        Some(DRIVER) => {}
        Some(driver) => problems.push(format!("{slot} is held by {driver}")),
        None => problems.push(format!("{slot} has no driver")),
    }
    problems
}

#[cfg(test)]
mod tests {
    use world::{code, host::verb::Printed as _};

    use super::*;

    fn device(line: &str) -> Device {
        Device::parse(line).unwrap()
    }

    #[test]
    fn names_what_keeps_a_device_from_guests() {
        let all = [
            device("0000:00:01.0 0x060400 8086:a70d - pcieport 14"),
            device("0000:01:00.0 0x030000 10de:27b2 10de:181b nouveau 14"),
            device("0000:01:00.1 0x040300 10de:22bc 10de:181b vfio-pci 14"),
            device("0000:02:00.0 0x020000 8086:1572 - - -"),
        ];
        let given = &all[1..2];
        assert_eq!(siblings(&all[1], given, &all), ["0000:01:00.1"]);
        let problems = problems_of(&all[1], &siblings(&all[1], given, &all));
        assert_eq!(
            problems,
            [
                "0000:01:00.0 shares its group with 0000:01:00.1",
                "0000:01:00.0 is held by nouveau"
            ]
        );
        assert!(siblings(&all[1], &all[1..3], &all).is_empty());
        assert!(problems_of(&all[2], &[]).is_empty());
        assert_eq!(problems_of(&all[3], &[]).len(), 2);
        let expected = |slot: &str, id: &str| Expected {
            slot: slot.to_owned(),
            id: id.to_owned(),
        };
        let code = |expected| checked("a", &expected, &all).unwrap_err().code;
        assert_eq!(
            code(expected("0000:01:00.0", "10de:0000")),
            code::host::other_device
        );
        assert_eq!(
            code(expected("0000:09:00.0", "10de:0000")),
            code::host::no_device
        );
    }
}
