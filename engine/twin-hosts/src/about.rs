//! What a host is, as its files below `/proc` and `/sys` tell.

use model::{Stop, kind, node::KERNEL};
use serde_json::Value;
use world::host::{
    Ask as _, Verb,
    verb::{About, Disk, Disks, Guest, Guests, Pairs},
};

use super::{
    Handler, Host, time,
    typed::{Said, answers, told},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    About => about,
    own Disks => disks,
    own Guests => guests,
};

fn about(host: &mut Host<'_, '_>, ask: About) -> Said<Pairs<' '>> {
    let own = host.own_answer(&ask.call())?;
    let mut pairs = match own.and_then(|reply| told::<About>(&reply).ok()) {
        Some(pairs) => pairs,
        None => installed(host)?,
    };
    let booted = host.booted()?;
    if booted > 0 {
        let up = host.tx.now.seconds().saturating_sub(booted / 1_000_000);
        pairs.set("uptime", up.to_string());
    }
    pairs.set("boot_id", host.boot_id()?);
    pairs.set("cmdline", host.cmdline()?);
    Ok(pairs)
}

/// What an installed node says of itself.
fn installed(host: &mut Host<'_, '_>) -> Result<Pairs<' '>, Stop> {
    let name = host.name().to_owned();
    let node = host.tx.node_row(&name)?.unwrap_or_default();
    let version = node["version"].as_str().unwrap_or_default();
    let up = host
        .tx
        .now
        .seconds()
        .saturating_sub(node["booted"].as_u64().unwrap_or_default());
    let runs = host.keeps_time()?;
    let is_synchronized = host.is_synchronized()?;
    let pairs = [
        ("os", "debian".to_owned()),
        ("os_version", "13".to_owned()),
        ("os_name", "Debian GNU/Linux 13 (trixie)".to_owned()),
        ("kernel", KERNEL.0.to_owned()),
        ("architecture", "x86_64".to_owned()),
        ("cpu", "Twin".to_owned()),
        ("cpus", node["cores"].to_string()),
        ("virtualization", "vmx".to_owned()),
        ("memory", node["memory"].to_string()),
        ("boot_id", String::new()),
        ("uptime", up.to_string()),
        ("efi", "yes".to_owned()),
        ("secure_boot", "no".to_owned()),
        ("cmdline", String::new()),
        ("time_sync", if runs { "chrony" } else { "" }.to_owned()),
        ("synchronized", time::yes_or_no(is_synchronized).to_owned()),
        ("pve", version.to_owned()),
    ];
    Ok(Pairs(
        pairs.map(|(name, value)| (name.to_owned(), value)).into(),
    ))
}

fn disks(host: &mut Host<'_, '_>, _: Disks) -> Said<Vec<Disk>> {
    let mut disks = Vec::new();
    for (device, row) in host.scan::<Value>(kind::DISK)? {
        let table = if row["gpt"] == 1 { "gpt" } else { "" };
        disks.push(lsblk(&device, "disk", table, &row));
        for part in row["partitions"].as_array().into_iter().flatten() {
            let name = part["devpath"].as_str().unwrap_or_default();
            disks.push(lsblk(name, "part", "gpt", part));
        }
    }
    Ok(disks)
}

fn lsblk(device: &str, what: &str, table: &str, row: &Value) -> Disk {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let used = text("used");
    let system = match used.as_str() {
        "LVM" => "LVM2_member",
        "ZFS" => "zfs_member",
        "EFI" => "vfat",
        name @ ("ext4" | "xfs" | "btrfs") => name,
        _ => "",
    };
    let mount = if used == "EFI" { "/boot/efi" } else { "" };
    Disk {
        name: device.to_owned(),
        what: what.to_owned(),
        size: row["size"].as_u64(),
        fstype: system.to_owned(),
        pttype: table.to_owned(),
        mountpoint: mount.to_owned(),
        serial: text("serial"),
        model: text("model"),
    }
}

fn guests(host: &mut Host<'_, '_>, _: Guests) -> Said<Vec<Guest>> {
    let node = host.name().to_owned();
    let mut guests = Vec::new();
    for (id, guest) in host.tx.scan::<Value>(kind::GUEST)? {
        if guest["node"] == *node && guest["status"] == "running" {
            guests.push(Guest {
                what: guest["type"].as_str().unwrap_or("qemu").to_owned(),
                id,
                name: guest["name"].as_str().unwrap_or_default().to_owned(),
            });
        }
    }
    Ok(guests)
}
