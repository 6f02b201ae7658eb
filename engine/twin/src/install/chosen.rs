//! What an answer file makes of a machine: the disks and the interface that it chooses, and the node that comes
//! of it. The installer's refusals are refusals here.

use formats::{glob::fits, zones};
use model::{Fault, Key, Rows, founded_domain, kind};
use std::collections::BTreeMap;
use world::install::AnswerFile;

use crate::{
    facts::{Disk, Gateway, LabFacts, NodeFacts, Port},
    seed,
};

/// A node as an answer file has it.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// The lab's facts, with what the answer file says of network and time in place of docs.
    pub(crate) facts: LabFacts,
    node: NodeFacts,
    hash: String,
}

impl Chosen {
    /// Reads an answer file for a machine.
    ///
    /// # Errors
    /// Why the installer stops.
    pub(crate) fn read(facts: &LabFacts, machine: &str, text: &str) -> Result<Self, String> {
        let file = AnswerFile::read(text).map_err(|error| error.to_string())?;
        Self::by(facts, machine, file)
    }

    /// What a file that can be read makes of a machine.
    ///
    /// # Errors
    /// Why the installer stops.
    pub(crate) fn by(facts: &LabFacts, machine: &str, file: AnswerFile) -> Result<Self, String> {
        let known = facts.nodes.iter().find(|node| node.name == machine);
        let known = known.ok_or_else(|| format!("docs describe no machine {machine}"))?;
        let mut node = known.clone();
        let (name, domain) = file
            .global
            .fqdn
            .split_once('.')
            .ok_or("the name has no domain")?;
        if name != machine {
            // A machine that becomes another node than docs say isn't one that the lab has.
            return Err(format!("{machine} would become {name}"));
        }
        if !zones::is_zone(&file.global.timezone) {
            return Err(format!("timezone '{}' is not valid", file.global.timezone));
        }
        node.interface = interface(&known.ports, &file.network.filter)?;
        node.address = file.network.cidr.to_string();
        node.root.clone_from(&file.disk_setup.filesystem);
        let raid = file
            .disk_setup
            .zfs
            .as_ref()
            .or(file.disk_setup.btrfs.as_ref());
        node.raid = raid
            .map(|raid| raid.raid.to_ascii_lowercase())
            .unwrap_or_default();
        take_disks(&mut node, &file)?;
        let facts = LabFacts {
            search: domain.to_owned(),
            timezone: file.global.timezone.clone(),
            nameservers: vec![file.network.dns.to_string()],
            gateways: vec![Gateway {
                network: file.network.cidr.trunc().to_string(),
                gateway: file.network.gateway.to_string(),
            }],
            ..facts.clone()
        };
        Ok(Self {
            facts,
            node,
            hash: file.global.root_password_hashed.0,
        })
    }

    /// The name of the node.
    pub(crate) fn name(&self) -> &str {
        &self.node.name
    }

    /// Writes the node's rows, with the password that root has.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn plant(
        &self,
        rows: &mut dyn Rows,
        lab: &seed::Lab<'_>,
        now: u64,
    ) -> Result<(), Fault> {
        seed::plant_installed(rows, lab, &self.node, now)?;
        let domain = founded_domain(&self.node.name);
        let key = Key::new(domain, kind::PASSWORD, "root@pam");
        rows.put(&key, self.hash.as_str().into())
    }
}

/// The first interface that a filter fits.
fn interface(ports: &[Port], filter: &BTreeMap<String, String>) -> Result<String, String> {
    let is_meant = |port: &&Port| {
        let by_mac = format!("enx{}", port.mac.replace(':', "").to_ascii_lowercase());
        filter
            .iter()
            .any(|(property, pattern)| match property.as_str() {
                "ID_NET_NAME_MAC" => fits(pattern, &by_mac),
                "ID_NET_NAME" | "INTERFACE" => fits(pattern, &port.name),
                _ => false,
            })
    };
    let found = ports.iter().find(is_meant);
    found
        .map(|port| port.name.clone())
        .ok_or_else(|| "the network filter did not match any device".to_owned())
}

/// Makes the chosen disks the system's; any other is none of the installer's.
fn take_disks(node: &mut NodeFacts, file: &AnswerFile) -> Result<(), String> {
    let setup = &file.disk_setup;
    let is_listed = |disk: &Disk| {
        setup
            .disk_list
            .iter()
            .any(|name| disk.device.ends_with(name.as_str()))
    };
    let is_meant = |disk: &Disk| {
        setup
            .filter
            .iter()
            .any(|(property, pattern)| match property.as_str() {
                "ID_SERIAL_SHORT" => fits(pattern, &disk.serial),
                "ID_SERIAL" => fits(
                    pattern,
                    &format!("{}_{}", disk.model.replace(' ', "_"), disk.serial),
                ),
                "ID_MODEL" => fits(pattern, &disk.model.replace(' ', "_")),
                "DEVNAME" => fits(pattern, &disk.device),
                _ => false,
            })
    };
    let is_lvm = matches!(setup.filesystem.as_str(), "ext4" | "xfs");
    let mut taken = 0;
    for disk in &mut node.disks {
        let is_first = taken == 0 || !is_lvm;
        if is_first && (is_listed(disk) || is_meant(disk)) {
            "system".clone_into(&mut disk.usage);
            taken += 1;
        } else if disk.usage == "system" {
            "empty".clone_into(&mut disk.usage);
        }
    }
    let least = match node.raid.as_str() {
        "raid1" => 2,
        "raid10" | "raidz-2" => 4,
        "raidz-1" => 3,
        "raidz-3" => 5,
        _ => 1,
    };
    if taken < least {
        return Err(format!("{taken} disks match, at least {least} are needed"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use world::docs::Docs;

    use super::*;

    const ANSWER: &str = r#"
[global]
keyboard = "de"
country = "de"
fqdn = "pve1.lab.home.arpa"
mailto = "root@lab.home.arpa"
timezone = "Europe/Berlin"
root-password-hashed = "$6$rounds=5000$salt$0123456789"
[network]
source = "from-answer"
cidr = "10.10.10.11/24"
dns = "10.10.10.1"
gateway = "10.10.10.1"
filter.ID_NET_NAME_MAC = "*3cecef4a1020"
[disk-setup]
filesystem = "ext4"
filter.ID_SERIAL_SHORT = "S5GXNX0T401881K"
"#;

    fn facts() -> LabFacts {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        LabFacts::from_docs(&Docs::load(&path).unwrap()).unwrap()
    }

    #[test]
    fn a_machine_becomes_what_the_file_says() {
        let chosen = Chosen::read(&facts(), "pve1", ANSWER).unwrap();
        assert_eq!(chosen.node.interface, "eno1");
        assert_eq!(chosen.node.address, "10.10.10.11/24");
        assert_eq!(chosen.facts.search, "lab.home.arpa");
        let system: Vec<&str> = chosen
            .node
            .disks
            .iter()
            .filter(|disk| disk.usage == "system")
            .map(|disk| disk.device.as_str())
            .collect();
        assert_eq!(system, ["/dev/nvme0n1"]);
    }

    #[test]
    fn the_installer_stops_where_the_real_one_does() {
        for (from, to, wanted) in [
            ("*3cecef4a1020", "*3cecef4a9999", "did not match any device"),
            ("S5GXNX0T401881K", "NO-SUCH-DISK", "0 disks match"),
            (
                "Europe/Berlin",
                "Europe/Nowhere",
                "timezone 'Europe/Nowhere' is not valid",
            ),
            (
                "filesystem = \"ext4\"",
                "filesystem = \"zfs\"\nzfs.raid = \"raid1\"",
                "1 disks match",
            ),
            ("pve1.lab", "pve9.lab", "pve1 would become pve9"),
            ("mailto", "mail-to", "there is no key 'global.mail-to'"),
        ] {
            let text = ANSWER.replacen(from, to, 1);
            let stopped = Chosen::read(&facts(), "pve1", &text).unwrap_err();
            assert!(stopped.contains(wanted), "{to}: {stopped}");
        }
    }
}
