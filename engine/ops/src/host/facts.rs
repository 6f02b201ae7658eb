//! What a host is: its system, hardware, network and start.

use rhai::plugin::*;
use runbook::{bridge::Fields, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use world::host::{Call, Verb};

use super::{probe, text::value_in};
use crate::{
    info::{Effect, OperationInfo},
    learns,
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const FACTS: &str = "host::facts";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo::on_host(
    FACTS,
    Effect::Read,
    &["host"],
    schema_of::<FactsSpec>,
)];

/// The argument of `host::facts`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FactsSpec {
    /// The host.
    host: String,
    /// Modules whose state is wanted.
    #[serde(default)]
    modules: Vec<String>,
}
spec!(FactsSpec, |spec| format!("facts of {}", spec.host));

/// Facts.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, FACTS, identified};

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
    #[rhai_fn(return_raw)]
    pub fn facts(context: NativeCallContext, host: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("host", host)], spec)?;
        runbook::bridge::call(&context, FACTS, argument, super::run)
    }
}

async fn run(operation: &Operation, spec: FactsSpec) -> Result<Fields, Halt> {
    let mut texts = Vec::new();
    for verb in [
        Verb::ABOUT,
        Verb::DISKS,
        Verb::INTERFACES,
        Verb::BOOT_LOADER,
    ] {
        let call = Call::bare(verb);
        texts.push(probe::ask(operation, &spec.host, call).await?.text());
    }
    let mut fields = about(&texts[0]);
    fields.insert("disks".to_owned(), texts[1].lines().map(disk).collect());
    fields.insert("interfaces".to_owned(), interfaces(&texts[2]).into());
    fields.insert("routes".to_owned(), routes(&texts[2]).into());
    fields.insert(
        "boot_loader".to_owned(),
        known(value_in(&texts[3], "loader")),
    );
    let cmdline = json!({
        "running": value_in(&texts[0], "cmdline"),
        "next": known(value_in(&texts[3], "next")),
    });
    fields.insert("cmdline".to_owned(), cmdline);
    let mut modules = Map::new();
    if !spec.modules.is_empty() {
        let names = spec.modules.iter().map(|name| name.replace('-', "_"));
        let reply = probe::ask(operation, &spec.host, Call::new(Verb::MODULES, names)).await?;
        let text = reply.text();
        let states = spec
            .modules
            .iter()
            .cloned()
            .zip(text.lines().map(Value::from));
        modules.extend(states);
    }
    fields.insert("modules".to_owned(), modules.into());
    learn(operation, &spec.host, &fields).await;
    Ok(fields)
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

fn about(text: &str) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once(' ')) {
        let value = match name {
            "cmdline" => continue,
            "cpus" | "memory" | "uptime" => value.parse::<i64>().map_or(Value::Null, Value::from),
            "efi" | "secure_boot" | "synchronized" => match value {
                "" => Value::Null,
                value => json!(value == "yes"),
            },
            _ => known(value),
        };
        fields.insert(name.to_owned(), value);
    }
    fields
}

/// A line of `lsblk --pairs`.
fn disk(line: &str) -> Value {
    let mut disk = Map::new();
    let mut rest = line;
    while let Some((name, behind)) = rest.split_once("=\"") {
        let Some((value, behind)) = behind.split_once('"') else {
            break;
        };
        let value = unescaped(value);
        let value = match name.trim() {
            "SIZE" => value.parse::<i64>().map_or(Value::Null, Value::from),
            _ => known(&value),
        };
        disk.insert(name.trim().to_ascii_lowercase(), value);
        rest = behind;
    }
    disk.into()
}

/// A value of lsblk: it writes what is no plain character as `\x20`.
fn unescaped(value: &str) -> String {
    let mut pieces = value.split("\\x");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let code = piece
            .get(..2)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(code) => {
                text.push(char::from(code));
                text.push_str(&piece[2..]);
            }
            None => text.push_str(piece),
        }
    }
    text.trim().to_owned()
}

fn interfaces(text: &str) -> Vec<Value> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = text.lines().map(words).collect();
    let addresses = |wanted: &str| {
        let own = lines.iter().filter_map(|line| match line.as_slice() {
            [what, name, address] if what == "address" && name == wanted => Some(address.clone()),
            _ => None,
        });
        own.collect::<Vec<_>>()
    };
    let of = |line: &Vec<String>| match line.as_slice() {
        [what, name, mac, mtu, state] if what == "interface" => Some(json!({
            "name": name, "mac": given(mac), "mtu": mtu.parse::<i64>().ok(), "state": state,
            "addresses": addresses(name),
        })),
        _ => None,
    };
    lines.iter().filter_map(of).collect()
}

fn routes(text: &str) -> Vec<Value> {
    let of = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["route", destination, gateway, interface] => Some(json!({
                "destination": destination, "gateway": given(gateway), "interface": given(interface),
            })),
            _ => None,
        }
    };
    text.lines().filter_map(of).collect()
}

fn given(word: &str) -> Option<&str> {
    (word != "-").then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_of_lsblk() {
        let line = r#"NAME="/dev/sda" TYPE="disk" SIZE="4000787030016" FSTYPE="" PTTYPE="gpt" MOUNTPOINT="" SERIAL="ZW60\x2d1" MODEL="ST4000VN006\x20""#;
        let disk = disk(line);
        assert_eq!(
            (disk["name"].as_str(), disk["size"].as_i64()),
            (Some("/dev/sda"), Some(4_000_787_030_016))
        );
        assert_eq!(
            (disk["fstype"].as_str(), disk["model"].as_str()),
            (None, Some("ST4000VN006"))
        );
        assert_eq!(disk["serial"], "ZW60-1");
    }

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
        let all = interfaces(text);
        assert_eq!(
            (all.len(), &all[1]["addresses"][0]),
            (2, &json!("10.0.0.1/24"))
        );
        assert!(all[0]["mac"].is_null());
        assert_eq!(routes(text)[0]["gateway"], "10.0.0.254");
        assert_eq!(management_address(&all), None);
        let fields = about("os debian\nvirtualization \nmemory 1024\nefi yes\nsynchronized \n");
        assert_eq!(
            (&fields["memory"], &fields["efi"]),
            (&json!(1024), &json!(true))
        );
        assert!(fields["virtualization"].is_null() && fields["synchronized"].is_null());
    }
}
