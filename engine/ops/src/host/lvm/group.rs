//! Volume groups and disks, as verbs tell of them.

use runbook::failure::Failure;
use serde_json::{Value, json};
use world::{
    code,
    host::verb::{Block, LvmLine},
};

use super::Disk;

/// A volume group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) size: u64,
    pub(super) free: u64,
    pub(super) devices: Vec<String>,
    volumes: Vec<Volume>,
    /// All that was told.
    pub(super) told: Vec<LvmLine>,
}

/// A logical volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Volume {
    name: String,
    size: u64,
    /// Whether it's a thin pool.
    pub(super) is_pool: bool,
    pool: Option<String>,
}

impl Group {
    /// What a host tells.
    pub(super) fn of(told: Vec<LvmLine>) -> Self {
        let mut group = Self::default();
        for line in &told {
            match line {
                LvmLine::Group { size, free, .. } => (group.size, group.free) = (*size, *free),
                LvmLine::Physical { device, .. } => group.devices.push(device.clone()),
                LvmLine::Logical {
                    name,
                    size,
                    attributes,
                    pool,
                } => group.volumes.push(Volume {
                    name: name.clone(),
                    size: *size,
                    is_pool: attributes.starts_with('t'),
                    pool: pool.clone(),
                }),
            }
        }
        Self { told, ..group }
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

/// Needs the disk to be the one that is meant.
///
/// # Errors
/// It has another serial number.
pub(super) fn check_serial(block: &Block, host: &str, disk: &Disk) -> Result<(), Failure> {
    let Some(serial) = disk
        .serial
        .as_ref()
        .filter(|serial| **serial != block.serial)
    else {
        return Ok(());
    };
    let text = format!(
        "{} on {host} has the serial number {}, and not {serial}",
        block.device, block.serial
    );
    Err(Failure::new(code::host::other_disk, text)
        .help("disks change their names when others come or go; correct docs/HARDWARE.md. Nothing was written"))
}

/// Needs the disk to be empty.
///
/// # Errors
/// Something is on it.
pub(super) fn check_empty(block: &Block, host: &str) -> Result<(), Failure> {
    if block.used.is_empty() {
        return Ok(());
    }
    let text = format!(
        "{} on {host} isn't empty: {}",
        block.device,
        block.used.join(", ")
    );
    Err(Failure::new(code::host::disk_not_empty, text)
        .help("look at what is on it (`lsblk -f`, `wipefs`); if it may go, empty the disk by hand. Nothing was written"))
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
    use world::{code, host::verb::Printed as _};

    use super::*;

    #[test]
    fn reads_what_lvm_has() {
        let group = [
            "group fast 4000 100",
            "physical /dev/sdb 4000",
            "logical fast 3900 twi-a-tz-- -",
            "logical vm 10 Vwi-a-tz-- fast",
        ];
        let group = Group::of(group.map(|line| LvmLine::parse(line).unwrap()).into());
        assert_eq!((group.size, group.devices.len()), (4000, 1));
        assert!(group.volume("fast").unwrap().is_pool);
        assert!(!group.volume("vm").unwrap().is_pool && group.volume("x").is_none());
    }

    #[test]
    fn takes_no_disk_with_data_and_no_other_one() {
        let disk = |serial: &str| Disk {
            device: "/dev/sdb".to_owned(),
            serial: Some(serial.to_owned()),
        };
        for used in ["gpt,PMBR", "mounted,ext4", "LVM2_member", "partitions"] {
            let block = Block::parse(&format!("/dev/sdb /dev/sdb 1000 S1 {used}")).unwrap();
            assert_eq!(
                check_empty(&block, "a").unwrap_err().code,
                code::host::disk_not_empty
            );
        }
        let block = Block::parse("/dev/sdb /dev/sdb 1000 S1 empty").unwrap();
        assert!(check_empty(&block, "a").is_ok() && check_serial(&block, "a", &disk("S1")).is_ok());
        let refused = check_serial(&block, "a", &disk("S2")).unwrap_err();
        assert_eq!(refused.code, code::host::other_disk);
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
