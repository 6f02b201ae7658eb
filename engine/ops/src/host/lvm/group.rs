//! Volume groups and disks, as verbs tell of them.

use runbook::failure::Failure;
use serde_json::{Value, json};

use super::Disk;

/// A volume group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) size: u64,
    pub(super) free: u64,
    pub(super) devices: Vec<String>,
    volumes: Vec<Volume>,
    /// All that was shown.
    pub(super) text: String,
}

/// A logical volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Volume {
    name: String,
    size: u64,
    attributes: String,
    pool: Option<String>,
}

impl Volume {
    /// Whether it's a thin pool.
    pub(super) fn is_pool(&self) -> bool {
        self.attributes.starts_with('t')
    }
}

impl Group {
    /// What the verb printed.
    pub(super) fn read(text: &str) -> Self {
        let mut group = Self {
            text: text.trim_end().to_owned(),
            ..Self::default()
        };
        let number = |text: &str| text.parse().unwrap_or_default();
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["group", _, size, free] => (group.size, group.free) = (number(size), number(free)),
                ["physical", device, _] => group.devices.push(device.to_owned()),
                ["logical", name, size, attributes, pool] => group.volumes.push(Volume {
                    name: name.to_owned(),
                    size: number(size),
                    attributes: attributes.to_owned(),
                    pool: (pool != "-").then(|| pool.to_owned()),
                }),
                _ => {}
            }
        }
        group
    }

    /// A volume by its name.
    pub(super) fn volume(&self, name: &str) -> Option<&Volume> {
        self.volumes.iter().find(|volume| volume.name == name)
    }

    /// The volumes as a script sees them.
    pub(super) fn volumes_json(&self) -> Value {
        let volume = |volume: &Volume| json!({ "name": volume.name, "size": volume.size, "pool": volume.pool });
        self.volumes.iter().map(volume).collect()
    }
}

/// A disk with what is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    device: String,
    /// Its path without links.
    pub(super) real: String,
    serial: String,
    used: String,
}

impl Block {
    /// What a line of the verb says.
    pub(super) fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let [device, real, _, serial, used] = words[..] else {
            return None;
        };
        Some(Self {
            device: device.to_owned(),
            real: real.to_owned(),
            serial: serial.to_owned(),
            used: used.to_owned(),
        })
    }

    /// Needs the disk to be the one that is meant.
    ///
    /// # Errors
    /// It has another serial number.
    pub(super) fn check_serial(&self, host: &str, disk: &Disk) -> Result<(), Failure> {
        let Some(serial) = disk
            .serial
            .as_ref()
            .filter(|serial| **serial != self.serial)
        else {
            return Ok(());
        };
        let text = format!(
            "{} on {host} has the serial number {}, and not {serial}",
            self.device, self.serial
        );
        Err(Failure::new("homelab::host::other_disk", text)
            .help("disks change their names when others come or go; correct docs/HARDWARE.md. Nothing was written"))
    }

    /// Needs the disk to be empty.
    ///
    /// # Errors
    /// Something is on it.
    pub(super) fn check_empty(&self, host: &str) -> Result<(), Failure> {
        if self.used == "empty" {
            return Ok(());
        }
        let text = format!(
            "{} on {host} isn't empty: {}",
            self.device,
            self.used.replace(',', ", ")
        );
        Err(Failure::new("homelab::host::disk_not_empty", text)
            .help("look at what is on it (`lsblk -f`, `wipefs`); if it may go, empty the disk by hand. Nothing was written"))
    }
}

/// `10 GiB` in bytes; a number alone is bytes.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        "kB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        _ => return None,
    };
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(factor)
        .filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_lvm_has() {
        let group = Group::read(
            "group fast 4000 100\nphysical /dev/sdb 4000\nlogical fast 3900 twi-a-tz-- -\nlogical vm 10 Vwi-a-tz-- fast\n",
        );
        assert_eq!((group.size, group.devices.len()), (4000, 1));
        assert!(group.volume("fast").unwrap().is_pool());
        assert!(!group.volume("vm").unwrap().is_pool() && group.volume("x").is_none());
    }

    #[test]
    fn takes_no_disk_with_data_and_no_other_one() {
        let disk = |serial: &str| Disk {
            device: "/dev/sdb".to_owned(),
            serial: Some(serial.to_owned()),
        };
        for used in ["gpt,PMBR", "mounted,ext4", "LVM2_member", "partitions"] {
            let block = Block::read(&format!("/dev/sdb /dev/sdb 1000 S1 {used}")).unwrap();
            assert_eq!(
                block.check_empty("a").unwrap_err().code,
                "homelab::host::disk_not_empty"
            );
        }
        let block = Block::read("/dev/sdb /dev/sdb 1000 S1 empty").unwrap();
        assert!(block.check_empty("a").is_ok() && block.check_serial("a", &disk("S1")).is_ok());
        let refused = block.check_serial("a", &disk("S2")).unwrap_err();
        assert_eq!(refused.code, "homelab::host::other_disk");
    }

    #[test]
    fn reads_sizes() {
        assert_eq!(bytes("10 GiB"), Some(10 << 30));
        assert_eq!(bytes("4096"), Some(4096));
        assert_eq!(
            (bytes("0 GiB"), bytes("ten"), bytes("10 G")),
            (None, None, None)
        );
    }
}
