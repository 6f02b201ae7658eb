//! A volume group as a whole: from the rows that the API shows, or as its host tells.

use model::{Stop, kind, node::groups};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use world::host::verb::LvmLine;

use crate::Host;

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
    /// One that is in no pool.
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

    fn told(self) -> LvmLine {
        LvmLine::Logical {
            name: self.name,
            size: self.size,
            attributes: self.attributes,
            pool: Some(self.pool).filter(|pool| pool != "-"),
        }
    }
}

impl State {
    /// The state of a group that a host tells.
    pub(super) fn of(told: Vec<LvmLine>) -> Self {
        let mut state = Self::default();
        for line in told {
            match line {
                LvmLine::Group { size, free, .. } => (state.size, state.free) = (size, free),
                LvmLine::Physical { device: path, size } => {
                    state.devices.push(Device { path, size });
                }
                LvmLine::Logical {
                    name,
                    size,
                    attributes,
                    pool,
                } => state.volumes.push(Volume {
                    pool: pool.unwrap_or_else(|| "-".to_owned()),
                    ..Volume::new(&name, size, &attributes)
                }),
            }
        }
        state
    }

    /// What a host tells of it.
    pub(super) fn told(self, name: &str) -> Vec<LvmLine> {
        let mut lines = vec![LvmLine::Group {
            name: name.to_owned(),
            size: self.size,
            free: self.free,
        }];
        let physical = |Device { path, size }| LvmLine::Physical { device: path, size };
        lines.extend(self.devices.into_iter().map(physical));
        let mut volumes = self.volumes;
        volumes.sort_by(|a, b| a.name.cmp(&b.name));
        lines.extend(volumes.into_iter().map(Volume::told));
        lines
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
            Err(stop) if stop.is_unknown() => return self.get(kind::LOGICAL, name),
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
            Err(stop) if stop.is_unknown() => Ok(()),
            Err(stop) => Err(stop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_what_it_tells() {
        let state = State {
            size: 4000,
            free: 100,
            devices: vec![Device {
                path: "/dev/sdb".to_owned(),
                size: 4000,
            }],
            volumes: vec![
                Volume::new("fast", 3900, "twi-a-tz--"),
                Volume::new("vm", 10, "-wi-a-----"),
            ],
        };
        assert_eq!(State::of(state.clone().told("fast")), state);
        let mut shown = State::of_row(&state.row("fast"));
        shown.volumes.clone_from(&state.volumes);
        assert_eq!(shown, state);
    }
}
