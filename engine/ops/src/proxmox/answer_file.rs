//! Answer files for Proxmox's automated installer, from what a script gives.

use std::collections::BTreeMap;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    Secret,
    install::{
        AnswerFile, DiskSetup, FirstBoot, Global, InstallError, Network, Offer, Raid, Source, crypt,
    },
};

use crate::{
    field::{Names, Span},
    info::Effect,
    operate::{Operate, answered},
};

/// Shows the answer file that Proxmox's automated installer would get for a node.
///
/// The password is hashed in the file, and masked here. `proxmox::node::install` gives the file to the installer;
/// `stdlib/install` makes the fields from docs. Answers `node` and `text`.
///
/// Errors: a field is missing, or the installer wouldn't take the file.
///
/// ```rhai
/// import "stdlib/install" as install;
/// let node = facts::table("HARDWARE", "Nodes")[0];
/// proxmox::answer_file(install::wanted(node, secret("PROXMOX_PASSWORD"))).text
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AnswerSpec {
    /// The node's name.
    pub(crate) node: String,
    /// The host's name with its domain.
    fqdn: String,
    /// The keyboard's layout: `de`, `en-us`.
    keyboard: String,
    /// The country's two letters, in lower case.
    country: String,
    /// The mail address of root@pam.
    mailto: String,
    /// The time zone: `Europe/Berlin`.
    timezone: String,
    /// The password of root@pam; the file holds its hash.
    #[schemars(schema_with = "crate::field::secret")]
    password: Secret,
    /// Public SSH keys that log in as root.
    #[serde(default)]
    root_ssh_keys: Vec<String>,
    /// What follows the installation: `reboot` (the default) or `power-off`.
    reboot_mode: Option<String>,
    /// Whether a failed installation ends with a reboot.
    reboot_on_error: Option<bool>,
    /// The node's address with its prefix.
    cidr: String,
    /// The way out.
    gateway: String,
    /// The name server.
    dns: String,
    /// The MAC address of the management interface.
    mac: String,
    /// The MAC addresses of all ports; the machine is known by any of them. Default: that of the management interface.
    #[serde(default)]
    macs: Names,
    /// The machine's serial number; it's known by it, too.
    serial: Option<String>,
    /// The root file system: `ext4`, `xfs`, `zfs` or `btrfs`.
    filesystem: String,
    /// How the disks of a `zfs` or `btrfs` are put together: `raid0` (one disk too), `raid1` …
    raid: Option<String>,
    /// The disks that the installer takes, and erases.
    disks: Vec<DiskSpec>,
    /// A program that runs when the node starts for the first time.
    first_boot: Option<FirstBootSpec>,
    /// How long the node may take until it answers. Default: `4 h`: somebody has to start the machine.
    pub(crate) timeout: Option<Span>,
}

impl Operate for AnswerSpec {
    const NAME: &str = "proxmox::answer_file";
    const EFFECT: Effect = Effect::Read;

    fn resource(&self) -> String {
        format!("node {}", self.node)
    }

    async fn run(self, _operation: &Operation) -> Result<Fields, Halt> {
        let offer = self.offer()?;
        Ok(answered([
            ("node", json!(offer.node)),
            ("text", json!(offer.file.masked())),
        ]))
    }
}

/// A disk of the root file system.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DiskSpec {
    /// The disk: `/dev/nvme0n1`.
    device: String,
    /// Its serial number; a single disk is found by it, whatever the kernel calls it.
    serial: Option<String>,
}

/// A program that runs once.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FirstBootSpec {
    /// Where it's fetched. Without it, it lies on the medium.
    url: Option<String>,
    /// When it runs: `before-network`, `network-online` or `fully-up` (the default).
    ordering: Option<String>,
    /// The SHA-256 of the certificate there, colon form.
    cert_fingerprint: Option<String>,
}

impl AnswerSpec {
    /// The answer file and the machine that it's for.
    ///
    /// # Errors
    /// The installer wouldn't take the file.
    pub(crate) fn offer(&self) -> Result<Offer, Failure> {
        let file = AnswerFile {
            global: self.global()?,
            network: self.network()?,
            disk_setup: self.disk_setup(),
            first_boot: self.first_boot.as_ref().map(FirstBootSpec::section),
        };
        AnswerFile::read(&file.text()).map_err(|error| self.refused(error.to_string()))?;
        let macs = match self.macs.is_empty() {
            true => vec![self.mac.clone()],
            false => self.macs.0.clone(),
        };
        Ok(Offer {
            node: self.node.clone(),
            macs,
            serial: self.serial.clone(),
            file,
            given: false,
        })
    }

    fn global(&self) -> Result<Global, Failure> {
        Ok(Global {
            keyboard: self.keyboard.clone(),
            country: self.country.clone(),
            fqdn: self.fqdn.clone(),
            mailto: self.mailto.clone(),
            timezone: self.timezone.clone(),
            root_password_hashed: crypt::hash(&self.password).map_err(failure)?,
            root_ssh_keys: self.root_ssh_keys.clone(),
            reboot_mode: self.reboot_mode.clone(),
            reboot_on_error: self.reboot_on_error,
        })
    }

    fn network(&self) -> Result<Network, Failure> {
        let mac = self.mac.replace(':', "").to_ascii_lowercase();
        let wrong = |name: &str, text: &str| self.refused(format!("'{name}' can't be '{text}'"));
        Ok(Network {
            source: Source::FromAnswer,
            cidr: self.cidr.parse().map_err(|_| wrong("cidr", &self.cidr))?,
            dns: self.dns.parse().map_err(|_| wrong("dns", &self.dns))?,
            gateway: self
                .gateway
                .parse()
                .map_err(|_| wrong("gateway", &self.gateway))?,
            filter: BTreeMap::from([("ID_NET_NAME_MAC".to_owned(), format!("*{mac}"))]),
        })
    }

    /// One disk with a serial number is found by it; several can't be told apart in one filter.
    fn disk_setup(&self) -> DiskSetup {
        let by_serial = match self.disks.as_slice() {
            [
                DiskSpec {
                    serial: Some(serial),
                    ..
                },
            ] => Some(serial.clone()),
            _ => None,
        };
        let names = self.disks.iter();
        let names = names.map(|disk| disk.device.trim_start_matches("/dev/").to_owned());
        let raid = || self.raid.clone().map(|raid| Raid { raid });
        DiskSetup {
            filesystem: self.filesystem.clone(),
            disk_list: if by_serial.is_some() {
                Vec::new()
            } else {
                names.collect()
            },
            filter: by_serial
                .map(|serial| ("ID_SERIAL_SHORT".to_owned(), serial))
                .into_iter()
                .collect(),
            zfs: (self.filesystem == "zfs").then(raid).flatten(),
            btrfs: (self.filesystem == "btrfs").then(raid).flatten(),
        }
    }

    /// What the machine becomes, for the change.
    pub(crate) fn described(&self) -> Value {
        let disks: Vec<&str> = self.disks.iter().map(|disk| disk.device.as_str()).collect();
        let mut after = json!({
            "fqdn": self.fqdn, "cidr": self.cidr, "gateway": self.gateway, "dns": self.dns, "mac": self.mac,
            "filesystem": self.filesystem, "disks": disks, "timezone": self.timezone, "keyboard": self.keyboard,
            "country": self.country, "mailto": self.mailto,
        });
        if let Some(raid) = &self.raid {
            after["raid"] = json!(raid);
        }
        after
    }

    fn refused(&self, why: String) -> Failure {
        failure(InstallError::Refused {
            node: self.node.clone(),
            why,
        })
    }
}

impl FirstBootSpec {
    fn section(&self) -> FirstBoot {
        let source = if self.url.is_some() {
            "from-url"
        } else {
            "from-iso"
        };
        FirstBoot {
            source: source.to_owned(),
            ordering: self.ordering.clone(),
            url: self.url.clone(),
            cert_fingerprint: self.cert_fingerprint.clone(),
        }
    }
}

/// An installer's error as a failure.
pub(crate) fn failure(error: InstallError) -> Failure {
    Failure::of(error.code(), &error).help(error.help())
}

#[cfg(test)]
mod tests {
    use world::code;

    use super::*;

    fn spec(changes: Value) -> AnswerSpec {
        let mut fields = json!({
            "node": "a", "fqdn": "a.example.test", "keyboard": "de", "country": "de", "mailto": "root@example.test",
            "timezone": "UTC", "password": Secret::new("P", "correct horse").reveal_json(), "cidr": "10.0.0.1/24",
            "gateway": "10.0.0.254", "dns": "10.0.0.254", "mac": "AA:BB:CC:00:00:01", "filesystem": "ext4",
            "disks": [{ "device": "/dev/sda", "serial": "S1" }],
        });
        for (name, value) in changes.as_object().unwrap() {
            fields[name] = value.clone();
        }
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn every_root_file_system_makes_a_file_that_the_installer_takes() {
        let two = json!([{ "device": "/dev/sda", "serial": "S1" }, { "device": "/dev/sdb", "serial": "S2" }]);
        let first = json!({ "url": "http://10.0.0.5/first", "ordering": "network-online" });
        for (changes, wanted) in [
            (json!({}), "ID_SERIAL_SHORT = \"S1\""),
            (
                json!({ "filesystem": "xfs", "disks": [{ "device": "/dev/vda" }] }),
                "disk-list = [\"vda\"]",
            ),
            (
                json!({ "filesystem": "zfs", "raid": "raid1", "disks": two.clone() }),
                "disk-list = [\"sda\", \"sdb\"]",
            ),
            (
                json!({ "filesystem": "btrfs", "raid": "raid0" }),
                "[disk-setup.btrfs]\nraid = \"raid0\"",
            ),
            (json!({ "first-boot": first }), "source = \"from-url\""),
            (json!({ "first-boot": {} }), "source = \"from-iso\""),
            (
                json!({ "root-ssh-keys": ["ssh-ed25519 AAAA a"], "reboot-mode": "power-off", "reboot-on-error": true }),
                "reboot-mode = \"power-off\"",
            ),
        ] {
            let offer = spec(changes).offer().unwrap();
            let text = offer.file.text();
            assert_eq!(
                world::install::keys::mistakes(&text.parse().unwrap()),
                Vec::<String>::new()
            );
            assert!(
                text.contains(wanted) && text.contains("ID_NET_NAME_MAC = \"*aabbcc000001\""),
                "{text}"
            );
            assert!(!text.contains("correct horse"), "{text}");
        }
    }

    #[test]
    fn what_the_installer_would_refuse_is_refused_before() {
        for (changes, wanted) in [
            (json!({ "keyboard": "us" }), "global.keyboard"),
            (json!({ "country": "DE" }), "global.country"),
            (json!({ "fqdn": "a" }), "global.fqdn"),
            (json!({ "cidr": "10.0.0.1" }), "'cidr' can't be '10.0.0.1'"),
            (json!({ "filesystem": "zfs" }), "have their own 'raid'"),
            (json!({ "disks": [] }), "names the disks"),
        ] {
            let refused = spec(changes).offer().unwrap_err();
            assert!(refused.message.contains(wanted), "{refused}");
            assert_eq!(refused.code, code::install::refused);
        }
    }
}
