//! What a host is: its system, hardware, network and start.

use runbook::{bridge::Fields, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use world::host::verb::{
    About, Disk, Disks, Interfaces, Modules, NetworkLine, Pairs, ShowBootLoader,
};

use crate::{info::Effect, learns, operate::Operate};

/// Tells what a host is. Answers `os`, `os_version`, `os_name`, `kernel`, `architecture`, `cpu`, `cpus`, `virtualization`
/// (`vmx`, `svm`), `memory` (bytes), `disks` (name, type, size, fstype, pttype, mountpoint, serial, model),
/// `interfaces` (name, mac, mtu, state, addresses), `routes` (destination, gateway, interface), `boot_loader`,
/// `cmdline` (running and configured), `efi`, `secure_boot`, `modules` (those that were asked for), `time_sync`,
/// `synchronized`, `boot_id`, `uptime` (seconds) and `pve`, the version of Proxmox VE; nothing stands for what isn't
/// there. `host::pci` tells the PCI devices.
///
/// ```rhai
/// let facts = host::facts("pve1", #{ modules: ["kvm"] });
/// if facts.virtualization == () { throw "virtualization is off in the firmware" }
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactsSpec {
    /// The host.
    host: String,
    /// Modules whose state is wanted.
    #[serde(default)]
    modules: Vec<String>,
}

impl Operate for FactsSpec {
    const NAME: &str = "host::facts";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("facts of {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let host = &self.host;
        let about = operation.ask(host, About {}).await?;
        let devices = Vec::new();
        let disks = operation.ask(host, Disks { devices }).await?;
        let network = operation.ask(host, Interfaces {}).await?;
        let loader = operation.ask(host, ShowBootLoader {}).await?;
        let mut fields = self::about(&about);
        fields.insert("disks".to_owned(), disks.iter().map(disk).collect());
        fields.insert("interfaces".to_owned(), interfaces(&network).into());
        fields.insert("routes".to_owned(), routes(&network).into());
        fields.insert("boot_loader".to_owned(), known(&loader.loader));
        let cmdline = json!({ "running": about.get("cmdline"), "next": known(&loader.next) });
        fields.insert("cmdline".to_owned(), cmdline);
        let mut modules = Map::new();
        let plain = |name: &String| Modules::new(name.replace('-', "_"));
        let asks: Vec<Modules> = self.modules.iter().map(plain).collect();
        let states = operation.ask_each(host, &asks).await?;
        let states = states.into_iter().map(|state| Value::from(state.name()));
        modules.extend(self.modules.iter().cloned().zip(states));
        fields.insert("modules".to_owned(), modules.into());
        learn(operation, &self.host, &fields).await;
        Ok(fields)
    }
}

/// What docs have a place for: the host's key, its kernel, its address, its ports.
async fn learn(operation: &Operation, host: &str, fields: &Fields) {
    if let Some(key) = operation.host_key(host).await {
        operation.learn(&learns::HOST_KEY, &[host], &key);
    }
    if let Some(kernel) = fields.get("kernel").and_then(Value::as_str) {
        operation.learn(&learns::KERNEL, &[host], kernel);
    }
    let interfaces = fields.get("interfaces").and_then(Value::as_array);
    let interfaces = interfaces.map_or(&[][..], Vec::as_slice);
    if let Some(address) = management_address(interfaces) {
        operation.learn(&learns::ADDRESS, &[host], address);
    }
    let is_documented = |port: &Port<'_>| operation.has_place(&learns::MAC, &[host, port.name]);
    let ports: Vec<Port<'_>> = ports(interfaces).filter(is_documented).collect();
    for Port { name, mac } in own_macs(&ports) {
        operation.learn(&learns::MAC, &[host, name], mac);
    }
}

/// The address of `vmbr0`, where it has just one.
fn management_address(interfaces: &[Value]) -> Option<&str> {
    let bridge = interfaces.iter().find(|each| each["name"] == "vmbr0")?;
    let addresses = bridge["addresses"].as_array()?.iter();
    let mut plain = addresses
        .filter_map(Value::as_str)
        .filter(|address| !address.contains(':'));
    plain.next().filter(|_| plain.next().is_none())
}

/// An interface that has a MAC address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Port<'a> {
    name: &'a str,
    mac: &'a str,
}

fn ports(interfaces: &[Value]) -> impl Iterator<Item = Port<'_>> {
    interfaces.iter().filter_map(|each| {
        Some(Port {
            name: each["name"].as_str()?,
            mac: each["mac"].as_str()?,
        })
    })
}

/// The ports that show a MAC address of their own: those in a bond all show one.
fn own_macs<'a>(ports: &[Port<'a>]) -> Vec<Port<'a>> {
    let is_shared =
        |port: &Port<'_>| ports.iter().filter(|other| other.mac == port.mac).count() > 1;
    let own = ports.iter().filter(|port| !is_shared(port));
    own.copied().collect()
}

/// A value that is known.
fn known(text: &str) -> Value {
    match text {
        "" | "none" => Value::Null,
        text => text.into(),
    }
}

fn about(told: &Pairs<' '>) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in &told.0 {
        let value = match name.as_str() {
            "cmdline" => continue,
            "cpus" | "memory" | "uptime" => value.parse::<i64>().map_or(Value::Null, Value::from),
            "efi" | "secure_boot" | "synchronized" => match value.as_str() {
                "" => Value::Null,
                value => json!(value == "yes"),
            },
            _ => known(value),
        };
        fields.insert(name.clone(), value);
    }
    fields
}

fn disk(disk: &Disk) -> Value {
    json!({
        "name": known(&disk.name), "type": known(&disk.what), "size": disk.size, "fstype": known(&disk.fstype),
        "pttype": known(&disk.pttype), "mountpoint": known(&disk.mountpoint), "serial": known(&disk.serial),
        "model": known(&disk.model),
    })
}

fn interfaces(lines: &[NetworkLine]) -> Vec<Value> {
    let addresses = |wanted: &str| {
        let own = lines.iter().filter_map(|line| match line {
            NetworkLine::Address { interface, address } if interface == wanted => Some(address),
            _ => None,
        });
        own.collect::<Vec<_>>()
    };
    let of = |line: &NetworkLine| match line {
        NetworkLine::Interface {
            name,
            mac,
            mtu,
            state,
        } => Some(json!({
            "name": name, "mac": mac, "mtu": mtu, "state": state, "addresses": addresses(name),
        })),
        _ => None,
    };
    lines.iter().filter_map(of).collect()
}

fn routes(lines: &[NetworkLine]) -> Vec<Value> {
    let of = |line: &NetworkLine| match line {
        NetworkLine::Route {
            destination,
            gateway,
            interface,
        } => Some(json!({
            "destination": destination, "gateway": gateway, "interface": interface,
        })),
        _ => None,
    };
    lines.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use world::host::{Reply, Told, verb::Printed as _};

    use super::*;

    #[test]
    fn ports_in_a_bond_have_no_mac_address_of_their_own() {
        let port = |name, mac| Port { name, mac };
        let ports = [port("a", "1"), port("b", "2"), port("c", "2")];
        assert_eq!(own_macs(&ports), [port("a", "1")]);
    }

    #[test]
    fn the_management_address_is_that_of_the_installers_bridge() {
        let bridge = |addresses: Value| [json!({ "name": "vmbr0", "addresses": addresses })];
        let one = bridge(json!(["10.0.0.1/24", "fd00::1/64"]));
        assert_eq!(management_address(&one), Some("10.0.0.1/24"));
        let two = bridge(json!(["10.0.0.1/24", "10.0.1.1/24"]));
        assert_eq!(management_address(&two), None);
    }

    #[test]
    fn reads_interfaces_with_their_addresses() {
        let text = "interface lo - 65536 UNKNOWN\ninterface eno1 02:00:00:00:00:01 1500 UP\naddress eno1 10.0.0.1/24\nroute default 10.0.0.254 eno1\n";
        let lines: Vec<NetworkLine> = Told::of(&Reply::success(text)).unwrap();
        let all = interfaces(&lines);
        assert_eq!(
            (all.len(), &all[1]["addresses"][0]),
            (2, &json!("10.0.0.1/24"))
        );
        assert!(all[0]["mac"].is_null());
        assert_eq!(routes(&lines)[0]["gateway"], "10.0.0.254");
        assert_eq!(management_address(&all), None);
        let told = "os debian\nvirtualization \nmemory 1024\nefi yes\nsynchronized ";
        let fields = about(&Pairs::parse(told).unwrap());
        assert_eq!(
            (&fields["memory"], &fields["efi"]),
            (&json!(1024), &json!(true))
        );
        assert!(fields["virtualization"].is_null() && fields["synchronized"].is_null());
    }
}
