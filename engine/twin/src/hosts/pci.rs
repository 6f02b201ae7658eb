//! PCI devices with their drivers and IOMMU groups.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use world::host::{Call, Reply, Verb};

use super::{Filling, Handler, Host, host::domain_of, modules::Settings};
use crate::model::{Fault, Key, Rows, Stop, kind};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[(Verb::PCI, list)];

pub(super) const FILLINGS: &[Filling] = &[Filling {
    kind: kind::BUS,
    reads: |_, replies| match replies {
        [] => vec![Call::bare(Verb::PCI)],
        _ => Vec::new(),
    },
    load: |_, replies| match replies {
        [reply] if reply.status == 0 => {
            let devices: Option<Vec<Device>> = reply.text().lines().map(Device::read).collect();
            let devices = devices.ok_or("its PCI devices can't be read")?;
            serde_json::to_value(devices)
                .map(Some)
                .map_err(|error| error.to_string())
        }
        _ => Err("its PCI devices can't be read".to_owned()),
    },
}];

/// The group of a device that a preview can't know: nobody has seen it with the IOMMU on.
const UNSEEN: &str = "?";

/// What a start does with the IOMMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Iommu {
    /// It's off.
    Off,
    /// It's on, as far as the kernel may say.
    On,
    /// It's on, and the last start didn't ask for it.
    TurnedOn,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Device {
    slot: String,
    class: String,
    id: String,
    subsystem: String,
    driver: String,
    /// `-` while the IOMMU is off.
    group: String,
    /// The group that it has once the IOMMU is on, where that's known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

impl Device {
    fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let [slot, class, id, subsystem, driver, group] = words[..] else {
            return None;
        };
        Some(Self {
            slot: slot.to_owned(),
            class: class.to_owned(),
            id: id.to_owned(),
            subsystem: subsystem.to_owned(),
            driver: driver.to_owned(),
            group: group.to_owned(),
            place: None,
        })
    }

    /// The driver that takes it where nothing says otherwise.
    fn own_driver(&self) -> &'static str {
        let vendor = self.id.split(':').next().unwrap_or_default();
        // The card that QEMU emulates: what tests have where a lab has a GPU.
        if self.id == "8086:100e" {
            return "e1000";
        }
        match (self.class.get(2..6).unwrap_or_default(), vendor) {
            ("0300" | "0302", "10de") => "nouveau",
            ("0300" | "0380", "1002") => "amdgpu",
            ("0300" | "0380", "8086") => "i915",
            ("0403", _) => "snd_hda_intel",
            ("0106", _) => "ahci",
            ("0108", _) => "nvme",
            ("0200", "8086") => "igb",
            ("0c03", _) => "xhci_hcd",
            _ => "-",
        }
    }
}

fn list(host: &mut Host<'_, '_>, _: &Call) -> Result<Reply, Stop> {
    let mut text = String::new();
    for device in host.devices()? {
        let Device {
            slot,
            class,
            id,
            subsystem,
            driver,
            group,
            ..
        } = device;
        if group == UNSEEN {
            return Err(unseen(host.name()));
        }
        // Writing to a string can't fail.
        let _ = writeln!(text, "{slot} {class} {id} {subsystem} {driver} {group}");
    }
    Ok(Reply::success(text))
}

impl Host<'_, '_> {
    fn devices(&mut self) -> Result<Vec<Device>, Stop> {
        Ok(self.get(kind::BUS, "pci")?.unwrap_or_default())
    }

    /// Drivers and groups after a start of the host. Gives the modules of the drivers in use.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn start_devices(
        &mut self,
        settings: &Settings,
        iommu: Iommu,
    ) -> Result<Vec<String>, Stop> {
        let mut devices = self.devices()?;
        for device in &mut devices {
            let own = device.own_driver();
            if let Some(driver) = settings.driver(&device.id, own, &device.driver) {
                device.driver = driver;
            }
            let had = device.group.clone();
            match iommu {
                Iommu::Off => {
                    device.place.get_or_insert_with(|| had.clone());
                    "-".clone_into(&mut device.group);
                }
                Iommu::TurnedOn if had == "-" => {
                    device.group = device.place.clone().unwrap_or_else(|| UNSEEN.to_owned());
                }
                _ => {}
            }
            if device.group != had && device.group != UNSEEN {
                self.show_group(&device.slot, &device.group)?;
            }
        }
        self.put(kind::BUS, "pci", &devices)?;
        let drivers = devices.iter().filter(|device| device.driver != "-");
        Ok(drivers
            .map(|device| device.driver.replace('-', "_"))
            .collect())
    }

    /// Lets the API show a device's group.
    fn show_group(&mut self, slot: &str, group: &str) -> Result<(), Stop> {
        if let Some(mut row) = self.get::<Value>(kind::PCI, slot)? {
            row["iommugroup"] = json!(group.parse::<i64>().unwrap_or(-1));
            self.put(kind::PCI, slot, &row)?;
        }
        Ok(())
    }
}

fn unseen(host: &str) -> Stop {
    Stop::Fault(Fault::Unknown(world::Origin::of(format!(
        "the IOMMU groups of {host}, which it has only after its next start"
    ))))
}

/// Writes the devices of a node, which the API shows too.
///
/// # Errors
/// The rows' fault.
pub(super) fn plant(rows: &mut dyn Rows, node: &str) -> Result<(), Fault> {
    let domain = domain_of(node);
    let mut devices = Vec::new();
    for (slot, row) in rows.scan(&domain, kind::PCI)? {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let pair = |vendor: &str, device: &str| {
            let (vendor, device) = (text(vendor), text(device));
            if vendor.is_empty() {
                return "-".to_owned();
            }
            let plain = |id: &str| id.trim_start_matches("0x").to_owned();
            format!("{}:{}", plain(&vendor), plain(&device))
        };
        let group = row["iommugroup"].as_i64().unwrap_or(-1);
        let group = if group < 0 {
            "-".to_owned()
        } else {
            group.to_string()
        };
        let mut device = Device {
            slot,
            class: text("class"),
            id: pair("vendor", "device"),
            subsystem: pair("subsystem_vendor", "subsystem_device"),
            driver: String::new(),
            place: Some(group.clone()),
            group,
        };
        device.driver = device.own_driver().to_owned();
        devices.push(device);
    }
    rows.put(&Key::new(domain, kind::BUS, "pci"), json!(devices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_made_it() {
        let line = "0000:01:00.0 0x030000 10de:27b2 10de:181b vfio-pci 14";
        let device = Device::read(line).unwrap();
        assert_eq!(
            (device.driver.as_str(), device.group.as_str()),
            ("vfio-pci", "14")
        );
        assert_eq!(device.own_driver(), "nouveau");
        assert_eq!(Device::read("0000:01:00.0 0x030000"), None);
    }
}
