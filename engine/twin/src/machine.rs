//! What a documented machine is made of, as its rows at the start: disks, what the installer made of them, and
//! PCI devices, all in the shape in which the API lists them.

use model::{Fault, Key, Rows, kind, node::groups, node_domain, transaction::derive};
use serde_json::{Map, Value, json};

use crate::facts::{Disk, NodeFacts, PciDevice, Start};

/// What the installer leaves for the root file system and for swap where a thin pool takes the rest.
const ROOT_VOLUMES: u64 = 104 << 30;

/// Writes the rows of a node's hardware.
///
/// # Errors
/// The rows' fault.
pub(crate) fn plant(rows: &mut dyn Rows, node: &NodeFacts, start: &Start) -> Result<(), Fault> {
    let domain = node_domain(&node.name);
    let mut put = |kind: &str, id: &str, row: Value| rows.put(&Key::new(&*domain, kind, id), row);
    for disk in &node.disks {
        put(kind::DISK, &disk.device, disk_row(disk, &node.root))?;
    }
    for port in &node.ports {
        put(kind::PORT, &port.name, json!(port))?;
    }
    for device in &node.pci {
        put(kind::PCI, &device.slot, pci_row(device))?;
    }
    let system: Vec<&Disk> = node.disks.iter().filter(|disk| is_system(disk)).collect();
    match node.root.as_str() {
        "ext4" | "xfs" if has_thin_pool(start) => {
            let (group, pool) = installed_group(system.first().copied());
            put(kind::VOLUME_GROUP, "lvm/pve", group)?;
            put(kind::VOLUME_GROUP, "lvmthin/pve/data", pool)
        }
        "zfs" => {
            let pool = installed_pool(&system, level(&node.raid, system.len()));
            put(kind::VOLUME_GROUP, "zfs/rpool", pool)
        }
        _ => Ok(()),
    }
}

/// Whether the installer made a thin pool: not where the start names its storages, and none is on one.
fn has_thin_pool(start: &Start) -> bool {
    let is_thin =
        |storage: &Map<String, Value>| storage.get("type").is_some_and(|kind| kind == "lvmthin");
    start
        .storage
        .as_ref()
        .is_none_or(|all| all.values().any(is_thin))
}

fn is_system(disk: &Disk) -> bool {
    disk.usage == "system"
}

/// The name of a partition of a disk.
fn partition(device: &str, number: u32) -> String {
    let mark = if device.ends_with(|c: char| c.is_ascii_digit()) {
        "p"
    } else {
        ""
    };
    format!("{device}{mark}{number}")
}

/// The volume group `pve` on the third partition, with its thin pool `data`.
fn installed_group(disk: Option<&Disk>) -> (Value, Value) {
    let (device, size) = disk.map_or(("/dev/sda", 0), |disk| (disk.device.as_str(), disk.size));
    let device = partition(device, 3);
    let mut group = groups::group_row("pve", &device, size.saturating_sub(1 << 30));
    let room = group["size"].as_u64().unwrap_or_default();
    let free = (room / 8).min(16 << 30) >> 22 << 22;
    // A small disk gives half of itself to the root file system.
    let data = room
        .saturating_sub(free)
        .saturating_sub(ROOT_VOLUMES.min(room / 2));
    let metadata = (data / 100).clamp(4 << 20, 16 << 30);
    group["free"] = free.into();
    group["lvcount"] = 3.into();
    group["children"][0]["free"] = free.into();
    let pool = json!({
        "lv": "data", "vg": "pve", "lv_size": data, "used": 0, "metadata_size": metadata,
        "metadata_used": metadata / 100,
    });
    (group, pool)
}

/// What a pool's devices are called together.
fn level(raid: &str, disks: usize) -> &'static str {
    match raid {
        "raidz-1" => "raidz1",
        "raidz-2" => "raidz2",
        "raidz-3" => "raidz3",
        "raid0" => "single",
        _ if disks > 1 => "mirror",
        _ => "single",
    }
}

fn installed_pool(disks: &[&Disk], level: &str) -> Value {
    let size = disks.iter().map(|disk| disk.size).min().unwrap_or_default();
    let devices: Vec<String> = disks
        .iter()
        .map(|disk| partition(&disk.device, 3))
        .collect();
    let mut pool = groups::zpool_row("rpool", size.saturating_sub(1 << 30), &devices, level);
    pool["datasets"] = json!([
        "rpool/ROOT",
        "rpool/ROOT/pve-1",
        "rpool/data",
        "rpool/var-lib-vz"
    ]);
    pool
}

/// A disk as the list of disks shows it, with its partitions.
fn disk_row(disk: &Disk, root: &str) -> Value {
    let is_nvme = disk.device.starts_with("/dev/nvme");
    let is_flash = is_nvme
        || ["SSD", "DC600", "SEDC", "Flash"]
            .iter()
            .any(|mark| disk.model.contains(mark));
    let sum = hex::encode(derive("wwn", &format!("{}/{}", disk.model, disk.serial)));
    let bus = if is_nvme { "nvme" } else { "ata" };
    let link = format!(
        "/dev/disk/by-id/{bus}-{}_{}",
        disk.model.replace(' ', "_"),
        disk.serial
    );
    let mut row = json!({
        "devpath": disk.device, "size": disk.size, "model": disk.model, "serial": disk.serial,
        "vendor": if is_nvme { "unknown" } else { "ATA     " },
        "wwn": if is_nvme { format!("eui.{}", &sum[..16]) } else { format!("0x5{}", &sum[..15]) },
        "type": if is_nvme { "nvme" } else if is_flash { "ssd" } else { "hdd" },
        "rpm": if is_flash { 0 } else { 7200 },
        "health": "PASSED", "wearout": if is_flash { json!(100) } else { json!("N/A") },
        "gpt": 0, "osdid": -1, "osdid-list": null, "by_id_link": link,
    });
    if is_system(disk) {
        row["gpt"] = 1.into();
        row["used"] = "BIOS boot".into();
        let last = match root {
            "zfs" => "ZFS",
            "btrfs" => "btrfs",
            _ => "LVM",
        };
        let part = |number: u32, size: u64, used: &str| {
            json!({
                "devpath": partition(&disk.device, number), "size": size, "used": used, "gpt": 1,
                "type": "partition", "osdid": -1, "osdid-list": null,
            })
        };
        let rest = disk.size.saturating_sub((1 << 30) + (1 << 20));
        row["partitions"] = json!([
            part(1, 1 << 20, "BIOS boot"),
            part(2, 1 << 30, "EFI"),
            part(3, rest, last)
        ]);
    }
    row
}

/// A PCI device as the list of devices shows it.
fn pci_row(device: &PciDevice) -> Value {
    let halves = |id: &str| {
        let (first, second) = id.split_once(':')?;
        Some((format!("0x{first}"), format!("0x{second}")))
    };
    let (vendor, model) = halves(&device.id).unwrap_or_default();
    let mut row = json!({
        "id": device.slot, "class": device.class, "vendor": vendor, "device": model,
        "vendor_name": device.vendor, "device_name": device.device, "iommugroup": device.iommu_group,
    });
    if let Some((vendor, model)) = halves(&device.subsystem) {
        row["subsystem_vendor"] = vendor.into();
        row["subsystem_device"] = model.into();
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(device: &str, size: u64, usage: &str) -> Disk {
        Disk {
            device: device.to_owned(),
            size,
            model: "Disk 1".to_owned(),
            serial: "S1".to_owned(),
            usage: usage.to_owned(),
        }
    }

    #[test]
    fn only_the_systems_disk_is_used() {
        let system = disk_row(&disk("/dev/nvme0n1", 1 << 40, "system"), "ext4");
        assert_eq!(system["partitions"][2]["devpath"], "/dev/nvme0n1p3");
        assert_eq!(system["used"], "BIOS boot");
        let empty = disk_row(&disk("/dev/sdb", 1 << 40, "fast"), "ext4");
        assert!(
            empty.get("used").is_none() && empty["type"] == "hdd",
            "{empty}"
        );
        assert_eq!(empty["by_id_link"], "/dev/disk/by-id/ata-Disk_1_S1");
    }

    #[test]
    fn a_small_disk_has_a_thin_pool_too() {
        let (group, pool) = installed_group(Some(&disk("/dev/sda", 32 << 30, "system")));
        assert!(pool["lv_size"].as_u64().unwrap() > 0, "{group} {pool}");
    }
}
