//! What the twin is built from: the facts of a lab's docs, in a plain form.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Number, Value};

/// A lab as its docs describe it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabFacts {
    /// The version of Proxmox VE, at least `9.2`.
    pub version: String,
    /// The nodes.
    pub nodes: Vec<NodeFacts>,
    /// The gateway, NAS and other appliances.
    pub appliances: Vec<Appliance>,
    /// The gateway of each network, by the network.
    pub gateways: Vec<Gateway>,
    /// The search domain.
    pub search: String,
    /// The name servers that the installer was given.
    pub nameservers: Vec<String>,
    /// Every name server that docs name: where each of them is, somebody answers.
    #[serde(default)]
    pub name_servers: Vec<IpAddr>,
    /// A name outside the lab that docs expect to be known; empty if docs have none.
    #[serde(default)]
    pub outside_name: String,
    /// The time zone; empty for the nodes' own.
    pub timezone: String,
    /// The public key that homelab itself logs in to hosts with: `TYPE BASE64`; empty if docs have none.
    #[serde(default)]
    pub login_key: String,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeFacts {
    /// Its name.
    pub name: String,
    /// Its management address, with the prefix: `10.10.10.11/24`.
    pub address: String,
    /// The interface under `vmbr0`.
    pub interface: String,
    /// How many cores it has.
    pub cores: u64,
    /// Its memory in bytes.
    pub memory: u64,
    /// The root file system: `ext4`, `xfs`, `zfs` or `btrfs`.
    pub root: String,
    /// How the system's disks are put together: `raid0`, `raid1` …; empty where their number says it.
    pub raid: String,
    /// The machine's serial number; empty if docs have none.
    pub serial: String,
    /// Its disks.
    pub disks: Vec<Disk>,
    /// Its network ports.
    pub ports: Vec<Port>,
    /// Its PCI devices.
    pub pci: Vec<PciDevice>,
}

/// A disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Disk {
    /// `/dev/sda`.
    pub device: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its model.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// `system`, `empty`, or what it's used for.
    pub usage: String,
}

/// A network port.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its MAC address.
    pub mac: String,
    /// How many bits a second it carries; 0 if docs don't say.
    #[serde(default)]
    pub speed: u64,
}

/// A PCI device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PciDevice {
    /// `0000:01:00.0`.
    pub slot: String,
    /// `10de:27b2`.
    pub id: String,
    /// `10de:181b`; empty if it has none.
    pub subsystem: String,
    /// `0x030000`.
    pub class: String,
    /// The vendor's name.
    pub vendor: String,
    /// The device's name.
    pub device: String,
    /// Its IOMMU group; -1 without an IOMMU.
    pub iommu_group: i64,
}

/// An appliance with what it offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Appliance {
    /// Its name.
    pub name: String,
    /// `gateway`, `switch`, `nfs`, `iscsi` …
    pub kind: String,
    /// Its address; none if it has none.
    pub address: Option<IpAddr>,
    /// Its NFS exports.
    pub exports: Vec<String>,
    /// Its iSCSI targets.
    pub targets: Vec<Target>,
}

/// An iSCSI target's unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// `iqn…`.
    pub target: String,
    /// The unit's number.
    pub lun: u64,
    /// Its size in bytes.
    pub size: u64,
    /// The user that it wants to know by CHAP; empty if it lets everybody in.
    #[serde(default)]
    pub chap: String,
}

/// A network's gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gateway {
    /// The network: `10.10.10.0/24`.
    pub network: String,
    /// Its gateway.
    pub gateway: String,
}

/// What stands otherwise at the start than an installer leaves it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Start {
    /// Whether the nodes are installed; else they are bare machines, which ask for their answer files.
    pub installed: bool,
    /// Storages by id, in place of those that the installer makes; properties as the API names them.
    pub storage: Option<BTreeMap<String, Map<String, Value>>>,
    /// Datacenter options.
    pub options: Map<String, Value>,
    /// Users by id, over those that the installer makes.
    pub users: BTreeMap<String, Map<String, Value>>,
    /// The size of the root file system in bytes.
    pub root_size: Option<u64>,
    /// What commands of the lab answer and change: nothing else knows it.
    pub commands: Vec<Command>,
    /// What repositories of the lab's own have: nothing else knows it.
    pub packages: Vec<Offer>,
}

/// A package that a repository of the lab's own has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where the repository is, as its declaration on a host says.
    pub uri: String,
}

/// What a command of the lab answers and changes on the twin. One that a unit's file has as its `ExecStart` is the unit's
/// program; an undeclared one goes on for good, or ends well where the unit is of type `oneshot`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Command {
    /// The host; empty: any.
    pub host: String,
    /// The command's text, without blanks around it.
    pub run: String,
    /// A regular expression that the whole text fits, in place of `run`.
    pub matches: String,
    /// Its exit status.
    pub status: i32,
    /// How many seconds it runs, as a unit's program.
    #[serde(deserialize_with = "number")]
    pub seconds: f64,
    /// What it prints.
    pub output: String,
    /// What it prints as errors.
    pub error: String,
    /// The files that it writes, by path.
    pub files: BTreeMap<String, String>,
    /// The paths that it removes.
    pub removes: Vec<String>,
}

/// A number as `twin.rhai` writes it, with a fraction or without.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = Number::deserialize(deserializer)?;
    let lacking = || D::Error::custom(format!("{number} is too large"));
    number.as_f64().ok_or_else(lacking)
}

impl Start {
    /// The start at which the nodes are installed.
    #[must_use]
    pub fn installed() -> Self {
        Self {
            installed: true,
            ..Self::default()
        }
    }
}
