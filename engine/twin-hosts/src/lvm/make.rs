//! What LVM's commands make of empty devices and free room.

use model::{Stop, kind};
use serde_json::{Value, json};
use world::host::{
    Ask as _, Reply, Told as _,
    verb::{Block, Signatures},
};

use super::state::{Device, State, Volume};
use crate::{
    Host,
    typed::{Said, fails},
};

/// The size of LVM's extents.
const EXTENT: u64 = 4 << 20;

/// Makes a group of devices, or adds them to one.
pub(super) fn of_devices(
    host: &mut Host<'_, '_>,
    what: &str,
    name: &str,
    devices: &[String],
) -> Said<String> {
    let mut blocks = Vec::new();
    for device in devices {
        let Some(block) = host.block(device)? else {
            return fails(5, format!("No device found for {device}."));
        };
        if !block.used.is_empty() {
            let text = format!("{device} isn't empty: {}", block.used.join(","));
            return fails(73, text);
        }
        blocks.push((device, block));
    }
    let mut state = match (what, host.volume_group(name)?) {
        ("group", Some(_)) => {
            let text = format!("A volume group called {name} already exists.");
            return fails(5, text);
        }
        ("group", None) => State::default(),
        (_, Some(state)) => state,
        (_, None) => return Err(no_group(name).into()),
    };
    for (device, block) in blocks {
        // LVM keeps a MiB for itself.
        let size = block.size.saturating_sub(1 << 20) / EXTENT * EXTENT;
        state.size += size;
        state.free += size;
        state.devices.push(Device {
            path: block.real.clone(),
            size,
        });
        mark(host, device, block)?;
    }
    host.keep_volume_group(name, &state)?;
    Ok(format!("Volume group \"{name}\" successfully changed"))
}

fn no_group(name: &str) -> Reply {
    let text = format!("Volume group \"{name}\" not found\nCannot process volume group {name}");
    Reply::failed(5, text)
}

/// A device is one of LVM's from now on.
fn mark(host: &mut Host<'_, '_>, name: &str, mut block: Block) -> Result<(), Stop> {
    match host.get::<Value>(kind::DISK, &block.real) {
        Ok(Some(mut disk)) => {
            disk["used"] = "LVM".into();
            host.put(kind::DISK, &block.real, &disk)
        }
        Err(stop) if stop.is_unknown() => {
            block.used.push("LVM2_member".to_owned());
            let call = Signatures::new(name).call();
            host.set_own_answer(&call, block.reply().text())
        }
        other => other.map(drop),
    }
}

/// Makes a logical volume or a thin pool: its name and size.
pub(super) fn volume(
    host: &mut Host<'_, '_>,
    what: &str,
    group: &str,
    wanted: &[String],
) -> Said<String> {
    let [name, size] = wanted else {
        return fails(64, "it takes a name and a size");
    };
    let Some(mut state) = host.volume_group(group)? else {
        return Err(no_group(group).into());
    };
    if state.volumes.iter().any(|own| own.name == *name) {
        let text = format!("Logical Volume \"{name}\" already exists in volume group \"{group}\"");
        return fails(5, text);
    }
    let room = Room::of(size, state.free, what == "thin");
    // The pools of a group share one spare for their metadata.
    let has_spare = state.volumes.iter().any(Volume::is_pool);
    let taken = room.size + room.metadata * if has_spare { 1 } else { 2 };
    if room.size == 0 || taken > state.free {
        let text = format!(
            "Volume group \"{group}\" has insufficient free space ({} extents): {} required.",
            state.free / EXTENT,
            taken / EXTENT
        );
        return fails(5, text);
    }
    let attributes = if what == "thin" {
        "twi-a-tz--"
    } else {
        "-wi-a-----"
    };
    state.volumes.push(Volume::new(name, room.size, attributes));
    state.free -= taken;
    host.keep_volume_group(group, &state)?;
    if what == "thin" {
        let pool = json!({
            "lv": name, "vg": group, "lv_size": room.size, "used": 0, "metadata_size": room.metadata,
            "metadata_used": room.metadata / 100,
        });
        host.put(
            kind::VOLUME_GROUP,
            &format!("lvmthin/{group}/{name}"),
            &pool,
        )?;
    }
    Ok(format!("Logical volume \"{name}\" created."))
}

/// The room of a volume, and of a pool's metadata. LVM leaves as much again for a spare, also where there is one.
struct Room {
    size: u64,
    metadata: u64,
}

impl Room {
    fn of(wanted: &str, free: u64, is_thin: bool) -> Self {
        let part = wanted.split_once('%').map(|(part, _)| part);
        let size = match part {
            // A part of the free extents, of which there are only whole ones.
            Some(part) => free / EXTENT * part.parse::<u64>().unwrap_or_default() / 100 * EXTENT,
            None => wanted.parse::<u64>().unwrap_or_default(),
        };
        let metadata = if is_thin {
            (size / 1000)
                .clamp(EXTENT, 128 << 20)
                .next_multiple_of(EXTENT)
        } else {
            0
        };
        let size = match part {
            Some(_) => size.saturating_sub(2 * metadata) / EXTENT * EXTENT,
            None => size.next_multiple_of(EXTENT),
        };
        Self { size, metadata }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_what_is_free_is_whole_extents() {
        // As LVM 2.03 made them of two disks of 1 GiB.
        let half = Room::of("50%FREE", 428 * EXTENT, false);
        assert_eq!(half.size, 214 * EXTENT);
        let pool = Room::of("100%FREE", 214 * EXTENT, true);
        assert_eq!((pool.size, pool.metadata), (212 * EXTENT, EXTENT));
    }
}
