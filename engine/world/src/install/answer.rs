//! An answer file: what the automated installer is told about one node. Its keys are the installer's own.

use std::{collections::BTreeMap, fmt, net::IpAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::keys;
use crate::secret::MASK;

/// An answer file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AnswerFile {
    /// What the system is like.
    pub global: Global,
    /// The management network.
    pub network: Network,
    /// The root file system and its disks.
    pub disk_setup: DiskSetup,
    /// What runs when the installed system starts for the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_boot: Option<FirstBoot>,
}

/// The section `global`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Global {
    /// The keyboard's layout: `de`, `en-us`.
    pub keyboard: String,
    /// The country's two letters, in lower case.
    pub country: String,
    /// The host's name with its domain.
    pub fqdn: String,
    /// The mail address of `root@pam`.
    pub mailto: String,
    /// The time zone: `Europe/Berlin`.
    pub timezone: String,
    /// The password of root, hashed.
    pub root_password_hashed: Hashed,
    /// Public SSH keys that log in as root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub root_ssh_keys: Vec<String>,
    /// What follows a good installation: `reboot` or `power-off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reboot_mode: Option<String>,
    /// Whether a failed installation ends with a reboot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reboot_on_error: Option<bool>,
}

/// The section `network`, with addresses of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Network {
    /// Where the settings come from.
    pub source: Source,
    /// The node's address with its prefix.
    pub cidr: IpNet,
    /// The name server.
    pub dns: IpAddr,
    /// The way out.
    pub gateway: IpAddr,
    /// Which interface is meant: patterns by udev property.
    pub filter: BTreeMap<String, String>,
}

/// Where network settings come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// From the answer file: a node's address is a fact of docs.
    #[serde(rename = "from-answer")]
    FromAnswer,
}

/// The section `disk-setup`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DiskSetup {
    /// The root file system: `ext4`, `xfs`, `zfs` or `btrfs`.
    pub filesystem: String,
    /// Disks by their kernel names, without `/dev/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disk_list: Vec<String>,
    /// Disks by patterns of udev properties, in place of a list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<String, String>,
    /// How the disks of a ZFS root are put together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zfs: Option<Raid>,
    /// How the disks of a Btrfs root are put together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub btrfs: Option<Raid>,
}

/// How several disks are put together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Raid {
    /// `raid0` (a single disk too), `raid1`, `raid10`, `raidz-1` …
    pub raid: String,
}

/// The section `first-boot`: a program that runs once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FirstBoot {
    /// `from-url`, or `from-iso` for one that was put on the medium.
    pub source: String,
    /// When it runs: `before-network`, `network-online` or `fully-up`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordering: Option<String>,
    /// Where it's fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The SHA-256 of the certificate there, colon form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cert_fingerprint: Option<String>,
}

/// A password's hash, as `crypt` makes it. It isn't shown either.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hashed(pub String);

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Why a text is no answer file that the installer takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer file isn't one: {}", .0.join("; "))]
pub struct NoAnswer(pub Vec<String>);

impl AnswerFile {
    /// Reads an answer file as the installer does: unknown keys, other types and contradictions are refused.
    ///
    /// # Errors
    /// Every mistake that was found.
    pub fn read(text: &str) -> Result<Self, NoAnswer> {
        let one = |error: toml::de::Error| NoAnswer(vec![error.message().to_owned()]);
        let table: toml::Table = text.parse().map_err(one)?;
        let mut mistakes = keys::mistakes(&table);
        if mistakes.is_empty() {
            let file: Self = table.try_into().map_err(one)?;
            mistakes = file.contradictions();
            if mistakes.is_empty() {
                return Ok(file);
            }
        }
        Err(NoAnswer(mistakes))
    }

    /// What doesn't go together, though each key for itself is right.
    #[must_use]
    pub fn contradictions(&self) -> Vec<String> {
        let disks = &self.disk_setup;
        let is_lvm = matches!(disks.filesystem.as_str(), "ext4" | "xfs");
        let (zfs, btrfs) = (disks.filesystem == "zfs", disks.filesystem == "btrfs");
        let network = &self.network;
        let from_url = |first: &FirstBoot| first.source == "from-url" && first.url.is_none();
        let rules = [
            (
                disks.disk_list.is_empty() == disks.filter.is_empty(),
                "either 'disk-list' or 'filter' names the disks",
            ),
            (
                is_lvm && disks.disk_list.len() > 1,
                "ext4 and xfs take one disk",
            ),
            (
                zfs != disks.zfs.is_some() || btrfs != disks.btrfs.is_some(),
                "zfs and btrfs have their own 'raid', and no other file system has one",
            ),
            (
                network.cidr.addr().is_ipv4() != network.gateway.is_ipv4()
                    || network.cidr.addr().is_ipv4() != network.dns.is_ipv4(),
                "address, gateway and name server are of one kind",
            ),
            (
                network.cidr.trunc() == network.cidr
                    && network.cidr.prefix_len() < network.cidr.max_prefix_len() - 1,
                "'cidr' is a network, not an address in it",
            ),
            (
                network.filter.is_empty(),
                "'network.filter' names an interface",
            ),
            (
                self.first_boot.as_ref().is_some_and(from_url),
                "'first-boot' needs a 'url'",
            ),
        ];
        let broken = rules.into_iter().filter(|(is_broken, _)| *is_broken);
        broken.map(|(_, text)| text.to_owned()).collect()
    }

    /// The file's text, for the installer alone.
    #[must_use]
    pub fn text(&self) -> String {
        toml::to_string(self).expect("sections, texts, lists and flags can be written as TOML")
    }

    /// The file's text with the password masked, for people and records.
    #[must_use]
    pub fn masked(&self) -> String {
        let mut shown = self.clone();
        shown.global.root_password_hashed = Hashed(MASK.to_owned());
        shown.text()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::install) fn file() -> AnswerFile {
        AnswerFile {
            global: Global {
                keyboard: "de".to_owned(),
                country: "de".to_owned(),
                fqdn: "pve1.example.test".to_owned(),
                mailto: "root@example.test".to_owned(),
                timezone: "Europe/Berlin".to_owned(),
                root_password_hashed: Hashed("$6$rounds=5000$salt$0123456789".to_owned()),
                root_ssh_keys: Vec::new(),
                reboot_mode: None,
                reboot_on_error: None,
            },
            network: Network {
                source: Source::FromAnswer,
                cidr: "10.0.0.11/24".parse().unwrap(),
                dns: "10.0.0.1".parse().unwrap(),
                gateway: "10.0.0.1".parse().unwrap(),
                filter: BTreeMap::from([("ID_NET_NAME_MAC".to_owned(), "*aa".to_owned())]),
            },
            disk_setup: DiskSetup {
                filesystem: "ext4".to_owned(),
                disk_list: vec!["sda".to_owned()],
                filter: BTreeMap::new(),
                zfs: None,
                btrfs: None,
            },
            first_boot: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let file = file();
        assert_eq!(AnswerFile::read(&file.text()).unwrap(), file);
        assert!(file.text().contains("root-password-hashed = \"$6$"));
        let masked = file.masked();
        assert!(
            masked.contains("root-password-hashed = \"***\""),
            "{masked}"
        );
        assert!(!format!("{file:?}").contains("$6$"));
    }

    #[test]
    fn refuses_what_contradicts_itself() {
        let mut two = file();
        two.disk_setup.disk_list.push("sdb".to_owned());
        let mut zfs = file();
        zfs.disk_setup.filesystem = "zfs".to_owned();
        let mut network = file();
        network.network.cidr = "10.0.0.0/24".parse().unwrap();
        let mut both = file();
        both.disk_setup.filter = BTreeMap::from([("ID_SERIAL_SHORT".to_owned(), "S1".to_owned())]);
        let mut mixed = file();
        mixed.network.gateway = "fd00::1".parse().unwrap();
        for (file, wanted) in [
            (two, "ext4 and xfs take one disk"),
            (zfs, "zfs and btrfs have their own"),
            (network, "'cidr' is a network"),
            (both, "either 'disk-list' or 'filter'"),
            (mixed, "are of one kind"),
        ] {
            let refused = AnswerFile::read(&file.text()).unwrap_err().to_string();
            assert!(refused.contains(wanted), "{refused}");
        }
    }
}
