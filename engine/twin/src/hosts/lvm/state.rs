//! A volume group as a whole: from the rows that the API shows, or as its host tells.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    api::disks::groups,
    hosts::{Host, own},
    model::{Stop, kind},
};

/// A volume group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) size: u64,
    pub(super) free: u64,
    pub(super) devices: Vec<Device>,
    pub(super) volumes: Vec<Volume>,
}

/// A physical volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Device {
    pub(super) path: String,
    pub(super) size: u64,
}

/// A logical volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) attributes: String,
    pub(super) pool: String,
}

impl Volume {
    pub(super) fn new(name: &str, size: u64, attributes: &str) -> Self {
        Self {
            name: name.to_owned(),
            size,
            attributes: attributes.to_owned(),
            pool: "-".to_owned(),
        }
    }

    /// Whether it's a thin pool.
    pub(super) fn is_pool(&self) -> bool {
        self.attributes.starts_with('t')
    }
}

impl State {
    /// What the verb prints.
    pub(super) fn read(text: &str) -> Self {
        let mut state = Self::default();
        let number = |text: &str| text.parse().unwrap_or_default();
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["group", _, size, free] => (state.size, state.free) = (number(size), number(free)),
                ["physical", path, size] => state.devices.push(Device {
                    path: path.to_owned(),
                    size: number(size),
                }),
                ["logical", name, size, attributes, pool] => state.volumes.push(Volume {
                    pool: pool.to_owned(),
                    ..Volume::new(name, number(size), attributes)
                }),
                _ => {}
            }
        }
        state
    }

    /// What the verb prints of it.
    pub(super) fn text(&self, name: &str) -> String {
        let mut text = format!("group {name} {} {}\n", self.size, self.free);
        for Device { path, size } in &self.devices {
            text.push_str(&format!("physical {path} {size}\n"));
        }
        let mut volumes: Vec<&Volume> = self.volumes.iter().collect();
        volumes.sort_by(|a, b| a.name.cmp(&b.name));
        for volume in volumes {
            let Volume {
                name,
                size,
                attributes,
                pool,
            } = volume;
            text.push_str(&format!("logical {name} {size} {attributes} {pool}\n"));
        }
        text
    }

    /// The row in which the API lists it.
    fn row(&self, name: &str) -> Value {
        let mut left = self.free;
        let child = |device: &Device| {
            let free = left.min(device.size);
            left -= free;
            json!({ "name": device.path, "size": device.size, "free": free, "leaf": 1 })
        };
        let children: Vec<Value> = self.devices.iter().map(child).collect();
        json!({
            "name": name, "size": self.size, "free": self.free, "lvcount": self.volumes.len(), "leaf": 0,
            "children": children,
        })
    }

    fn of_row(row: &Value) -> Self {
        let number = |row: &Value, name: &str| row[name].as_u64().unwrap_or_default();
        let device = |child: &Value| Device {
            path: child["name"].as_str().unwrap_or_default().to_owned(),
            size: number(child, "size"),
        };
        let children = row["children"].as_array().into_iter().flatten();
        Self {
            size: number(row, "size"),
            free: number(row, "free"),
            devices: children.map(device).collect(),
            volumes: Vec::new(),
        }
    }
}

impl Host<'_, '_> {
    /// A volume group; none if there is none.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn volume_group(&mut self, name: &str) -> Result<Option<State>, Stop> {
        let row = match groups::volume_group(self.tx, name) {
            Ok(row) => row,
            Err(stop) if own::is_unknown(&stop) => return self.get(kind::LOGICAL, name),
            Err(stop) => return Err(stop),
        };
        let Some(row) = row else {
            return Ok(None);
        };
        let mut state = State::of_row(&row);
        match self.get::<State>(kind::LOGICAL, name)? {
            Some(own) => state.volumes = own.volumes,
            // What the installer makes of the system's disk.
            None if name == "pve" => {
                state.volumes = vec![
                    Volume::new("root", 96 << 30, "-wi-ao----"),
                    Volume::new("swap", 8 << 30, "-wi-ao----"),
                ];
            }
            None => {}
        }
        for pool in groups::thin_pools(self.tx)? {
            let lv = pool["lv"].as_str().unwrap_or_default();
            let is_new = !state.volumes.iter().any(|volume| volume.name == lv);
            if pool["vg"] == *name && is_new {
                let size = pool["lv_size"].as_u64().unwrap_or_default();
                state.volumes.push(Volume::new(lv, size, "twi-a-tz--"));
            }
        }
        Ok(Some(state))
    }

    /// Keeps a volume group, in the API's rows too where they are known.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn keep_volume_group(&mut self, name: &str, state: &State) -> Result<(), Stop> {
        self.put(kind::LOGICAL, name, state)?;
        match groups::volume_group(self.tx, name) {
            Ok(_) => self.put(kind::VOLUME_GROUP, &format!("lvm/{name}"), &state.row(name)),
            Err(stop) if own::is_unknown(&stop) => Ok(()),
            Err(stop) => Err(stop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_what_it_prints() {
        let text = "group fast 4000 100\nphysical /dev/sdb 4000\nlogical fast 3900 twi-a-tz-- -\nlogical vm 10 Vwi-a-tz-- fast\n";
        let state = State::read(text);
        assert_eq!(state.text("fast"), text);
        let mut shown = State::of_row(&state.row("fast"));
        shown.volumes.clone_from(&state.volumes);
        assert_eq!(shown, state);
    }
}
