//! PCI devices with their drivers and IOMMU groups.

use model::{Fault, Key, Rows, Stop, domain_of, kind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use world::host::{
    Verb,
    verb::{Pci, PciDevice},
};

use super::{
    Filling, Handler, Host,
    modules::Settings,
    typed::{Said, answers, filling},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! { Pci => list };

pub(super) const FILLINGS: &[Filling] = &[filling!(kind::BUS, |_id| Pci {}, |told| {
    let devices = told.into_iter().map(|is| Device { is, place: None });
    Some(devices.collect::<Vec<_>>())
})];

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
    /// As it shows. Its group is `-` while the IOMMU is off.
    #[serde(flatten)]
    is: PciDevice,
    /// The group that it has once the IOMMU is on, where that's known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

impl Device {
    /// The driver that takes it where nothing says otherwise.
    fn own_driver(&self) -> &'static str {
        let vendor = self.is.id.split(':').next().unwrap_or_default();
        // The card that QEMU emulates: what tests have where a lab has a GPU.
        if self.is.id == "8086:100e" {
            return "e1000";
        }
        match (self.is.class.get(2..6).unwrap_or_default(), vendor) {
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

fn list(host: &mut Host<'_, '_>, _: Pci) -> Said<Vec<PciDevice>> {
    let devices = host.devices()?;
    if devices.iter().any(|device| device.is.group == UNSEEN) {
        return Err(unseen(host.name()).into());
    }
    Ok(devices.into_iter().map(|device| device.is).collect())
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
            if let Some(driver) = settings.driver(&device.is.id, own, &device.is.driver) {
                device.is.driver = driver;
            }
            let had = device.is.group.clone();
            match iommu {
                Iommu::Off => {
                    device.place.get_or_insert_with(|| had.clone());
                    "-".clone_into(&mut device.is.group);
                }
                Iommu::TurnedOn if had == "-" => {
                    device.is.group = device.place.clone().unwrap_or_else(|| UNSEEN.to_owned());
                }
                _ => {}
            }
            if device.is.group != had && device.is.group != UNSEEN {
                self.show_group(&device.is.slot, &device.is.group)?;
            }
        }
        self.put(kind::BUS, "pci", &devices)?;
        let drivers = devices.iter().filter(|device| device.is.driver != "-");
        Ok(drivers
            .map(|device| device.is.driver.replace('-', "_"))
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
            place: Some(group.clone()),
            is: PciDevice {
                slot,
                class: text("class"),
                id: pair("vendor", "device"),
                subsystem: pair("subsystem_vendor", "subsystem_device"),
                driver: String::new(),
                group,
            },
        };
        device.is.driver = device.own_driver().to_owned();
        devices.push(device);
    }
    rows.put(&Key::new(domain, kind::BUS, "pci"), json!(devices))
}

#[cfg(test)]
mod tests {
    use world::host::verb::Printed as _;

    use super::*;

    #[test]
    fn a_device_has_a_driver_of_its_own() {
        let line = "0000:01:00.0 0x030000 10de:27b2 10de:181b vfio-pci 14";
        let is = PciDevice::parse(line).unwrap();
        let device = Device { is, place: None };
        assert_eq!(
            (device.is.driver.as_str(), device.is.group.as_str()),
            ("vfio-pci", "14")
        );
        assert_eq!(device.own_driver(), "nouveau");
    }
}
