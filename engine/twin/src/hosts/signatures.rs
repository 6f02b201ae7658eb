//! What is on block devices, from the rows that the API shows.

use serde_json::Value;
use world::host::{Call, Reply, Verb};

use super::{Handler, Host};
use crate::{
    api::disks::groups,
    model::{Stop, kind},
};

pub(super) const HANDLERS: &[(Verb, Handler)] =
    &[(Verb::SIGNATURES, |host, call| host.told_or_own(call, show))];

/// A block device as far as its use is concerned.
pub(super) struct Block {
    pub(super) size: u64,
    serial: String,
    /// What is on it; empty if nothing is.
    pub(super) used: Vec<String>,
}

impl Host<'_, '_> {
    /// A disk, or a partition of one; none if there is none.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn block(&mut self, device: &str) -> Result<Option<Block>, Stop> {
        let found = match self.get::<Value>(kind::DISK, device)? {
            Some(row) => Some(row),
            None => self.partition(device)?,
        };
        let Some(row) = found else {
            return Ok(None);
        };
        let mut used = Vec::new();
        let mut add = |word: &str| used.push(word.to_owned());
        if row["mounted"] == 1 {
            add("mounted");
        }
        let has_parts = row["partitions"]
            .as_array()
            .is_some_and(|parts| !parts.is_empty());
        if has_parts {
            add("partitions");
        }
        let group = groups::on_device(self.tx, device)?;
        if group.is_some_and(|group| group["lvcount"].as_u64().unwrap_or_default() > 0) {
            add("held");
        }
        if row["gpt"] == 1 && row["type"] != "partition" {
            add("gpt");
            add("PMBR");
        }
        match row["used"].as_str().unwrap_or_default() {
            "LVM" => add("LVM2_member"),
            "ZFS" if !has_parts => add("zfs_member"),
            "EFI" => add("vfat"),
            name @ ("ext4" | "xfs" | "btrfs") => add(name),
            _ => {}
        }
        Ok(Some(Block {
            size: row["size"].as_u64().unwrap_or_default(),
            serial: row["serial"].as_str().unwrap_or("-").to_owned(),
            used,
        }))
    }

    fn partition(&mut self, device: &str) -> Result<Option<Value>, Stop> {
        for (disk, row) in self.scan::<Value>(kind::DISK)? {
            let parts = row["partitions"].as_array().cloned().unwrap_or_default();
            if device.starts_with(&disk) {
                let mut parts = parts.into_iter();
                return Ok(parts.find(|part| part["devpath"] == *device));
            }
        }
        Ok(None)
    }
}

fn show(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let mut text = String::new();
    for device in &call.args {
        let Some(block) = host.block(device)? else {
            return Ok(Reply::failed(66, format!("{device}: no block device")));
        };
        let serial = if block.serial.is_empty() {
            "-"
        } else {
            &block.serial
        };
        let used = match block.used.join(",") {
            used if used.is_empty() => "empty".to_owned(),
            used => used,
        };
        text.push_str(&format!("{device} {} {serial} {used}\n", block.size));
    }
    Ok(Reply::success(text))
}
