//! What the installer tells about the machine that it runs on, when it asks for its answer file.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

/// What firmware says where nobody has set a serial number.
const NO_SERIALS: &[&str] = &[
    "",
    "none",
    "unknown",
    "default string",
    "not specified",
    "system serial number",
    "to be filled by o.e.m.",
    "0123456789",
    "n/a",
];

/// A machine that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// The MAC addresses of its network ports, in lower case.
    pub macs: Vec<String>,
    /// The serial numbers of system, chassis and board.
    pub serials: Vec<String>,
    /// The serial number of the system itself.
    pub serial: Option<String>,
    /// The MAC addresses by the names that the installer's kernel gives the ports, where it tells them.
    pub ports: BTreeMap<String, String>,
    /// What its maker calls it.
    pub product: String,
}

impl Machine {
    /// Reads what an installer sent. What is missing is missing: releases send more or less.
    ///
    /// # Errors
    /// It isn't JSON, or names neither a MAC address nor a serial number.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let sent: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let ports = ["network_interfaces", "network-interfaces"]
            .into_iter()
            .find_map(|name| sent[name].as_array());
        let ports: Vec<&Value> = ports.into_iter().flatten().collect();
        let macs = ports.iter().copied().filter_map(mac);
        let named = ports
            .iter()
            .filter_map(|port| Some((port["link"].as_str()?.to_owned(), mac(port)?)));
        let serials = ["system", "chassis", "baseboard"]
            .into_iter()
            .filter_map(|part| serial(&sent, part));
        let mut machine = Self {
            macs: macs.collect(),
            serials: serials.map(str::to_owned).collect(),
            serial: serial(&sent, "system").map(str::to_owned),
            ports: named.collect(),
            product: sent["dmi"]["system"]["name"]
                .as_str()
                .unwrap_or_default()
                .trim()
                .to_owned(),
        };
        machine.serials.dedup();
        if machine.macs.is_empty() && machine.serials.is_empty() {
            return Err("it names neither a MAC address nor a serial number".to_owned());
        }
        Ok(machine)
    }

    /// Whether it's the machine with one of these MAC addresses or this serial number.
    #[must_use]
    pub fn is(&self, macs: &[String], serial: Option<&str>) -> bool {
        let has = |mac: &String| self.macs.iter().any(|own| own.eq_ignore_ascii_case(mac));
        macs.iter().any(has)
            || serial.is_some_and(|serial| self.serials.iter().any(|own| own == serial))
    }
}

/// A port's MAC address.
fn mac(port: &Value) -> Option<String> {
    let mac = port["mac"].as_str()?;
    Some(mac.to_ascii_lowercase().replace('-', ":"))
}

/// The serial number of a part, if somebody has set it.
fn serial<'a>(sent: &'a Value, part: &str) -> Option<&'a str> {
    let serial = sent["dmi"][part]["serial"].as_str()?.trim();
    let is_set = !NO_SERIALS.contains(&serial.to_ascii_lowercase().as_str());
    is_set.then_some(serial)
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.macs.is_empty() {
            parts.push(format!("MAC {}", self.macs.join(", ")));
        }
        if !self.serials.is_empty() {
            parts.push(format!("serial {}", self.serials.join(", ")));
        }
        if !self.product.is_empty() {
            parts.push(format!("product {}", self.product));
        }
        f.write_str(&parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As an installer of Proxmox VE 9.2 sends it.
    const SENT: &str = r#"{"$schema":{"version":"1.0"},"product":{"fullname":"Proxmox VE","product":"pve","enable_btrfs":true},
        "iso":{"release":"9.2","isorelease":"1"},"dmi":{"baseboard":{},"chassis":{"serial":"","asset_tag":""},
        "system":{"serial":"SN-7","sku":"","name":"Box 3"}},"network_interfaces":[{"link":"ens3","mac":"52:54:00:BA:5E:11"}]}"#;

    #[test]
    fn reads_what_an_installer_sends() {
        let machine = Machine::read(SENT.as_bytes()).unwrap();
        assert_eq!(
            machine.to_string(),
            "MAC 52:54:00:ba:5e:11; serial SN-7; product Box 3"
        );
        assert_eq!(machine.serial.as_deref(), Some("SN-7"));
        assert_eq!(machine.ports["ens3"], "52:54:00:ba:5e:11");
        assert!(machine.is(&["52:54:00:BA:5E:11".to_owned()], None));
        assert!(machine.is(&[], Some("SN-7")));
        assert!(!machine.is(&["52:54:00:ba:5e:12".to_owned()], Some("SN-8")));
    }

    #[test]
    fn a_serial_that_nobody_set_is_none() {
        let sent = SENT.replace("SN-7", "To Be Filled By O.E.M.");
        assert_eq!(
            Machine::read(sent.as_bytes()).unwrap().serials,
            Vec::<String>::new()
        );
    }

    #[test]
    fn refuses_what_names_no_machine() {
        for sent in ["", "[]", "{}", r#"{"network_interfaces":[{"link":"a"}]}"#] {
            assert!(Machine::read(sent.as_bytes()).is_err(), "{sent}");
        }
    }
}
