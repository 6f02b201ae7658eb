//! LVM: volume groups and what is in them, in the rows that the API shows.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use world::host::{Call, Reply, Verb};

use super::{Filling, Handler, Host};
use crate::{
    api::disks::groups,
    model::{Stop, kind},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::LVM, |host, call| host.told_or_own(call, show)),
    (Verb::LVM_DO, act),
];

pub(super) const FILLINGS: &[Filling] = &[Filling {
    kind: kind::LOGICAL,
    reads: |group, replies| match replies {
        [] => vec![Call::new(Verb::LVM, [group])],
        _ => Vec::new(),
    },
    load: |_, replies| match replies {
        [reply] if reply.status == 0 => {
            let text = reply.text();
            let volumes: Vec<Volume> = text.lines().filter_map(Volume::read).collect();
            Ok(Some(json!(volumes)))
        }
        [reply] if reply.status == 66 => Ok(None),
        [reply] => Err(reply.error.clone()),
        _ => Err("it wasn't read".to_owned()),
    },
}];

/// The size of LVM's extents.
const EXTENT: u64 = 4 << 20;

/// A logical volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Volume {
    name: String,
    size: u64,
    attributes: String,
    pool: String,
}

impl Volume {
    fn new(name: &str, size: u64, attributes: &str) -> Self {
        Self {
            name: name.to_owned(),
            size,
            attributes: attributes.to_owned(),
            pool: "-".to_owned(),
        }
    }

    fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let ["logical", name, size, attributes, pool] = words[..] else {
            return None;
        };
        Some(Self {
            pool: pool.to_owned(),
            ..Self::new(name, size.parse().ok()?, attributes)
        })
    }
}

impl Host<'_, '_> {
    fn volumes(&mut self, group: &str) -> Result<Vec<Volume>, Stop> {
        if let Some(volumes) = self.get(kind::LOGICAL, group)? {
            return Ok(volumes);
        }
        let mut volumes = Vec::new();
        for pool in groups::thin_pools(self.tx)? {
            if pool["vg"] == *group {
                let name = pool["lv"].as_str().unwrap_or_default();
                let size = pool["lv_size"].as_u64().unwrap_or_default();
                volumes.push(Volume::new(name, size, "twi-a-tz--"));
            }
        }
        if group == "pve" {
            volumes.push(Volume::new("root", 96 << 30, "-wi-ao----"));
            volumes.push(Volume::new("swap", 8 << 30, "-wi-ao----"));
        }
        Ok(volumes)
    }
}

fn argument(call: &Call, place: usize) -> &str {
    call.args.get(place).map_or("", String::as_str)
}

fn show(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let name = argument(call, 0);
    let Some(group) = groups::volume_group(host.tx, name)? else {
        return Ok(Reply::failed(66, ""));
    };
    let mut text = format!("group {name} {} {}\n", group["size"], group["free"]);
    for device in group["children"].as_array().into_iter().flatten() {
        let path = device["name"].as_str().unwrap_or_default();
        text.push_str(&format!("physical {path} {}\n", device["size"]));
    }
    for volume in host.volumes(name)? {
        let Volume {
            name,
            size,
            attributes,
            pool,
        } = volume;
        text.push_str(&format!("logical {name} {size} {attributes} {pool}\n"));
    }
    Ok(Reply::success(text))
}

fn act(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (what, group) = (argument(call, 0), argument(call, 1));
    match what {
        "group" | "extend" => devices(host, what, group, call.args.get(2..).unwrap_or_default()),
        "thin" | "volume" => volume(host, call),
        _ => Ok(Reply::failed(64, format!("{what}: nothing that LVM makes"))),
    }
}

/// Makes a group of devices, or adds them to one.
fn devices(
    host: &mut Host<'_, '_>,
    what: &str,
    name: &str,
    devices: &[String],
) -> Result<Reply, Stop> {
    let mut sizes = Vec::new();
    for device in devices {
        let Some(block) = host.block(device)? else {
            return Ok(Reply::failed(5, format!("No device found for {device}.")));
        };
        if !block.used.is_empty() {
            let text = format!("{device} isn't empty: {}", block.used.join(","));
            return Ok(Reply::failed(73, text));
        }
        sizes.push(block.size);
    }
    let known = groups::volume_group(host.tx, name)?;
    let mut group = match (what, known) {
        ("group", Some(_)) => {
            let text = format!("A volume group called {name} already exists.");
            return Ok(Reply::failed(5, text));
        }
        ("group", None) => {
            json!({ "name": name, "size": 0, "free": 0, "lvcount": 0, "leaf": 0, "children": [] })
        }
        (_, Some(group)) => group,
        (_, None) => {
            let text =
                format!("Volume group \"{name}\" not found\nCannot process volume group {name}");
            return Ok(Reply::failed(5, text));
        }
    };
    for (device, size) in devices.iter().zip(sizes) {
        let own = groups::group_row(name, device, size);
        for field in ["size", "free"] {
            let sum =
                own[field].as_u64().unwrap_or_default() + group[field].as_u64().unwrap_or_default();
            group[field] = sum.into();
        }
        if let (Some(children), Some(child)) =
            (group["children"].as_array_mut(), own["children"].get(0))
        {
            children.push(child.clone());
        }
        if let Some(mut disk) = host.get::<Value>(kind::DISK, device)? {
            disk["used"] = "LVM".into();
            host.put(kind::DISK, device, &disk)?;
        }
    }
    host.put(kind::VOLUME_GROUP, &format!("lvm/{name}"), &group)?;
    Ok(Reply::success(format!(
        "Volume group \"{name}\" successfully changed\n"
    )))
}

/// Makes a logical volume or a thin pool.
fn volume(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let (what, group_name, name) = (argument(call, 0), argument(call, 1), argument(call, 2));
    let Some(mut group) = groups::volume_group(host.tx, group_name)? else {
        let text = format!("Volume group \"{group_name}\" not found");
        return Ok(Reply::failed(5, text));
    };
    let mut volumes = host.volumes(group_name)?;
    if volumes.iter().any(|own| own.name == name) {
        let text =
            format!("Logical Volume \"{name}\" already exists in volume group \"{group_name}\"");
        return Ok(Reply::failed(5, text));
    }
    let free = group["free"].as_u64().unwrap_or_default();
    let size = match argument(call, 3).split_once('%') {
        Some((part, _)) => free / 100 * part.parse::<u64>().unwrap_or_default(),
        None => argument(call, 3).parse().unwrap_or_default(),
    };
    let is_thin = what == "thin";
    // A thin pool has metadata, and a spare of the same size.
    let metadata = if is_thin {
        (size / 1000)
            .clamp(EXTENT, 128 << 20)
            .next_multiple_of(EXTENT)
    } else {
        0
    };
    let is_part = argument(call, 3).contains('%');
    let size = if is_part {
        (size.saturating_sub(2 * metadata)) / EXTENT * EXTENT
    } else {
        size.next_multiple_of(EXTENT)
    };
    if size == 0 || size + 2 * metadata > free {
        let text = format!(
            "Volume group \"{group_name}\" has insufficient free space ({} extents): {} required.",
            free / EXTENT,
            (size + 2 * metadata) / EXTENT
        );
        return Ok(Reply::failed(5, text));
    }
    let attributes = if is_thin { "twi-a-tz--" } else { "-wi-a-----" };
    volumes.push(Volume::new(name, size, attributes));
    host.put(kind::LOGICAL, group_name, &volumes)?;
    let left = free - size - 2 * metadata;
    group["free"] = left.into();
    group["lvcount"] = (group["lvcount"].as_u64().unwrap_or_default() + 1).into();
    if let Some(child) = group["children"].get_mut(0) {
        child["free"] = left.into();
    }
    host.put(kind::VOLUME_GROUP, &format!("lvm/{group_name}"), &group)?;
    if is_thin {
        let pool = json!({
            "lv": name, "vg": group_name, "lv_size": size, "used": 0, "metadata_size": metadata,
            "metadata_used": metadata / 100,
        });
        host.put(
            kind::VOLUME_GROUP,
            &format!("lvmthin/{group_name}/{name}"),
            &pool,
        )?;
    }
    Ok(Reply::success(format!(
        "Logical volume \"{name}\" created.\n"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_made_it() {
        let volume = Volume::new("data", 4 << 20, "twi-a-tz--");
        let line = format!(
            "logical {} {} {} {}",
            volume.name, volume.size, volume.attributes, volume.pool
        );
        assert_eq!(Volume::read(&line), Some(volume));
        assert_eq!(Volume::read("group pve 1 1"), None);
    }
}
