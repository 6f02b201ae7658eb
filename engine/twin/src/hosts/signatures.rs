//! What is on block devices, from the rows that the API shows.

use serde_json::Value;
use world::host::{Call, Reply, Verb};

use super::{Handler, Host, own};
use crate::{
    api::disks::groups,
    model::{Stop, kind},
};

pub(super) const HANDLERS: &[(Verb, Handler)] =
    &[(Verb::SIGNATURES, |host, call| host.told_or_own(call, show))];

/// A block device as far as its use is concerned.
pub(super) struct Block {
    /// Its path without links.
    pub(super) device: String,
    pub(super) size: u64,
    serial: String,
    /// What is on it; empty if nothing is.
    pub(super) used: Vec<String>,
}

impl Block {
    /// What a line of the verb says.
    fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let [_, device, size, serial, used] = words[..] else {
            return None;
        };
        let used = used.split(',').filter(|word| *word != "empty");
        Some(Self {
            device: device.to_owned(),
            size: size.parse().ok()?,
            serial: serial.to_owned(),
            used: used.map(str::to_owned).collect(),
        })
    }

    /// The line that tells of it by a name.
    pub(super) fn line(&self, name: &str) -> String {
        let or = |text: &str, none: &str| if text.is_empty() { none } else { text }.to_owned();
        let (serial, used) = (or(&self.serial, "-"), or(&self.used.join(","), "empty"));
        format!("{name} {} {} {serial} {used}\n", self.device, self.size)
    }
}

impl Host<'_, '_> {
    /// A disk, or a partition of one; none if there is none.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn block(&mut self, device: &str) -> Result<Option<Block>, Stop> {
        match self.told_block(device) {
            Err(stop) if own::is_unknown(&stop) => {
                let call = Call::new(Verb::SIGNATURES, [device]);
                let reply = self.own_answer(&call)?.ok_or(stop)?;
                Ok(Block::read(reply.text().trim_end()))
            }
            told => told,
        }
    }

    fn told_block(&mut self, device: &str) -> Result<Option<Block>, Stop> {
        let device = &self.without_links(device)?;
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
            device: device.clone(),
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

fn show(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let mut text = String::new();
    for device in &call.args {
        let Some(block) = host.block(device)? else {
            return Ok(Reply::failed(66, format!("{device}: no block device")));
        };
        text.push_str(&block.line(device));
    }
    Ok(Reply::success(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_made_it() {
        for line in [
            "/dev/disk/by-id/a /dev/sda 1000 S1 gpt,PMBR\n",
            "/dev/sdb /dev/sdb 1000 - empty\n",
        ] {
            let block = Block::read(line.trim_end()).unwrap();
            let name = line.split(' ').next().unwrap();
            assert_eq!(block.line(name), line);
        }
        assert!(Block::read("/dev/sda").is_none());
    }
}
