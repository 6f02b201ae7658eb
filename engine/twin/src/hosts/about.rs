//! What a host is, as its files below `/proc` and `/sys` tell.

use std::fmt::Write as _;

use serde_json::Value;
use world::host::{Call, Reply, Verb};

use super::{Handler, Host, time};
use crate::{
    api::nodes::status::KERNEL,
    model::{Stop, kind},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::ABOUT, about),
    (Verb::DISKS, |host, call| host.told_or_own(call, disks)),
    (Verb::GUESTS, |host, call| host.told_or_own(call, guests)),
];

fn about(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let mut text = match host.own_answer(call)? {
        Some(reply) => reply.text(),
        None => installed(host)?,
    };
    let booted = host.booted()?;
    if booted > 0 {
        let up = host.tx.now.seconds().saturating_sub(booted / 1_000_000);
        replace(&mut text, "uptime", &up.to_string());
    }
    let id = host.boot_id()?;
    replace(&mut text, "boot_id", &id);
    let cmdline = host.cmdline()?;
    replace(&mut text, "cmdline", &cmdline);
    Ok(Reply::success(text))
}

/// Gives the line of a name another value.
fn replace(text: &mut String, name: &str, value: &str) {
    let lines = text.lines().map(|line| match line.split_once(' ') {
        Some((own, _)) if own == name => format!("{name} {value}\n"),
        _ => format!("{line}\n"),
    });
    *text = lines.collect();
}

/// What an installed node says of itself.
fn installed(host: &mut Host<'_, '_>) -> Result<String, Stop> {
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
    Ok(pairs
        .map(|(name, value)| format!("{name} {value}\n"))
        .concat())
}

fn disks(host: &mut Host<'_, '_>, _: &Call) -> Result<Reply, Stop> {
    let mut text = String::new();
    for (device, row) in host.scan::<Value>(kind::DISK)? {
        let table = if row["gpt"] == 1 { "gpt" } else { "" };
        text.push_str(&lsblk(&device, "disk", table, &row));
        for part in row["partitions"].as_array().into_iter().flatten() {
            let name = part["devpath"].as_str().unwrap_or_default();
            text.push_str(&lsblk(name, "part", "gpt", part));
        }
    }
    Ok(Reply::success(text))
}

/// A line of `lsblk --pairs`.
fn lsblk(device: &str, what: &str, table: &str, row: &Value) -> String {
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    let system = match text("used") {
        "LVM" => "LVM2_member",
        "ZFS" => "zfs_member",
        "EFI" => "vfat",
        "ext4" => "ext4",
        "xfs" => "xfs",
        "btrfs" => "btrfs",
        _ => "",
    };
    let mount = if text("used") == "EFI" {
        "/boot/efi"
    } else {
        ""
    };
    format!(
        "NAME=\"{device}\" TYPE=\"{what}\" SIZE=\"{}\" FSTYPE=\"{system}\" PTTYPE=\"{table}\" MOUNTPOINT=\"{mount}\" \
         SERIAL=\"{}\" MODEL=\"{}\"\n",
        row["size"],
        text("serial"),
        text("model")
    )
}

fn guests(host: &mut Host<'_, '_>, _: &Call) -> Result<Reply, Stop> {
    let name = host.name().to_owned();
    let mut text = String::new();
    for (id, guest) in host.tx.scan::<Value>(kind::GUEST)? {
        if guest["node"] == *name && guest["status"] == "running" {
            let what = guest["type"].as_str().unwrap_or("qemu");
            // Writing to a string can't fail.
            let _ = writeln!(
                text,
                "{what} {id} {}",
                guest["name"].as_str().unwrap_or_default()
            );
        }
    }
    Ok(Reply::success(text))
}
