//! What the twin is built from: the facts of a lab's docs, in a plain form.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use twin_hosts::Names;

pub use model::lab::{Appliance, Command, Gateway, Offer, Target};

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

impl Start {
    /// The start at which the nodes are installed.
    #[must_use]
    pub fn installed() -> Self {
        Self {
            installed: true,
            ..Self::default()
        }
    }

    /// What the lab begins with, without what is said of its commands and repositories at any time.
    pub(crate) fn beginning(&self) -> Self {
        Self {
            commands: Vec::new(),
            packages: Vec::new(),
            ..self.clone()
        }
    }
}

/// What name servers of a lab know.
impl From<&LabFacts> for Names {
    fn from(facts: &LabFacts) -> Self {
        Self {
            domain: facts.search.clone(),
            servers: facts.name_servers.clone(),
            outside: facts.outside_name.clone(),
        }
    }
}
