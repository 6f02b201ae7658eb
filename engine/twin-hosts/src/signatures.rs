//! What is on block devices, from the rows that the API shows.

use model::{Stop, kind, node::groups};
use serde_json::Value;
use world::host::{
    Ask as _, Verb,
    verb::{Block, Signatures},
};

use super::{
    Handler, Host,
    typed::{Said, answers, fails, told},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! { own Signatures => show };

impl Host<'_, '_> {
    /// A disk, or a partition of one; none if there is none.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn block(&mut self, device: &str) -> Result<Option<Block>, Stop> {
        match self.told_block(device) {
            Err(stop) if stop.is_unknown() => {
                let call = Signatures::new(device).call();
                let reply = self.own_answer(&call)?.ok_or(stop)?;
                Ok(told::<Signatures>(&reply).ok())
            }
            told => told,
        }
    }

    fn told_block(&mut self, name: &str) -> Result<Option<Block>, Stop> {
        let device = &self.without_links(name)?;
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
            device: name.to_owned(),
            real: device.clone(),
            size: row["size"].as_u64().unwrap_or_default(),
            serial: row["serial"].as_str().unwrap_or("-").to_owned(),
            used,
        }))
    }

    /// The path of a disk that is named by its model and serial number.
    pub(super) fn without_links(&mut self, device: &str) -> Result<String, Stop> {
        if !device.starts_with("/dev/disk/by-id/") {
            return Ok(device.to_owned());
        }
        let disks = self.scan::<Value>(kind::DISK)?;
        let found = disks
            .into_iter()
            .find(|(_, row)| row["by_id_link"] == *device);
        Ok(found.map_or_else(|| device.to_owned(), |(path, _)| path))
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
fn show(host: &mut Host<'_, '_>, Signatures { device }: Signatures) -> Said<Block> {
    match host.block(&device)? {
        Some(block) => Ok(block),
        None => fails(66, format!("{device}: no block device")),
    }
}
