//! The disks of a node, and a thin pool on an empty one.

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    proxmox::{Identity, Method, Request, lenient},
};

use crate::{
    difference::text,
    field::size,
    info::{Effect, Sent, with_task},
    learns,
    operate::{Operate, answered},
};

/// Lists the disks of a node.
///
/// Answers `disks`: a list of maps with `device`, `size` (bytes), `model`, `serial`, `used` (what is on it;
/// empty text if nothing).
///
/// Errors: the node can't be reached.
///
/// ```rhai
/// proxmox::disk::list(#{ node: "pve1" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListSpec {
    /// The node's name.
    node: String,
}

impl Operate for ListSpec {
    const NAME: &str = "proxmox::disk::list";
    const EFFECT: Effect = Effect::Read;

    fn requests() -> Vec<Sent> {
        vec![(Method::Get, "/nodes/{node}/disks/list")]
    }

    fn resource(&self) -> String {
        format!("disks of {}", self.node)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let answer = operation
            .read(
                &Identity::Root,
                &self.node,
                &Request::get(path(&self.node, "list")),
            )
            .await?;
        learn(operation, &self.node, answer.items());
        let mut disks: Vec<Value> = answer.items().iter().map(described).collect();
        disks.sort_by_key(|disk| text(disk, "device"));
        Ok(answered([("disks", disks.into())]))
    }
}

/// Ensures a thin pool on an empty disk. A disk that holds anything is never touched.
///
/// The disk can't be used for anything else afterwards: ask with `confirm` first. Answers `node` and `name`.
///
/// Errors: there is no such disk; it isn't empty (what is on it is named); its serial is another one; the
/// task failed.
///
/// ```rhai
/// let disk = facts::table("HARDWARE", "Disks").find(|disk| disk.purpose == "empty");
/// proxmox::disk::lvmthin(#{ node: disk.node.name, device: disk.device, serial: disk.serial, name: "spare" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LvmThinSpec {
    /// The node's name.
    node: String,
    /// The disk: `/dev/nvme1n1`. It must be empty.
    device: String,
    /// The name of the volume group and of the pool in it.
    name: String,
    /// The disk's serial number; if it's given, a disk with another one isn't touched.
    serial: Option<String>,
}

impl Operate for LvmThinSpec {
    const NAME: &str = "proxmox::disk::lvmthin";
    const EFFECT: Effect = Effect::Destroy;

    fn requests() -> Vec<Sent> {
        with_task(&[
            (Method::Get, "/nodes/{node}/disks/lvmthin"),
            (Method::Get, "/nodes/{node}/disks/list"),
            (Method::Post, "/nodes/{node}/disks/lvmthin"),
        ])
    }

    fn resource(&self) -> String {
        format!("thin pool {} on {}", self.name, self.node)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let pools = Request::get(path(&self.node, "lvmthin"));
        let there = json!({ "lv": self.name, "vg": self.name });
        let condition = Condition::Contains(there);
        let answer = operation.read(&Identity::Root, &self.node, &pools).await?;
        if !condition.holds(Some(&answer.data)) {
            let disks = operation
                .read(
                    &Identity::Root,
                    &self.node,
                    &Request::get(path(&self.node, "list")),
                )
                .await?;
            let disk = empty_disk(&self, disks.items())?;
            learn(operation, &self.node, disks.items());
            let trace = operation
                .trace(&Identity::Root, &self.node, "lvmthincreate")
                .await?;
            let request = Request::post(path(&self.node, "lvmthin"))
                .with("device", &self.device)
                .with("name", &self.name);
            let change = Change::create(
                format!("thin pool {} on {}", self.name, self.node),
                json!({ "device": self.device, "disk": shown(disk) }),
            );
            let write = Write::request(
                change,
                &Identity::Root,
                &self.node,
                request,
                (pools, condition),
            );
            operation.write(write.traced(trace)).await?;
        }
        Ok(answered([
            ("node", json!(self.node)),
            ("name", json!(self.name)),
        ]))
    }
}

fn path(node: &str, what: &str) -> String {
    Request::path(&["nodes", node, "disks", what])
}

/// Which disk a node has under which name.
fn learn(operation: &Operation, node: &str, disks: &[Value]) {
    for disk in disks {
        let serial = text(disk, "serial");
        // What the API says of a disk that tells none.
        if serial != "unknown" {
            let row = [node, &text(disk, "devpath")];
            operation.learn(&learns::DISK_SERIAL, &row, &serial);
        }
    }
}

fn described(disk: &Value) -> Value {
    json!({
        "device": text(disk, "devpath"),
        "size": disk.get("size").and_then(lenient::integer),
        "model": text(disk, "model"),
        "serial": text(disk, "serial"),
        "used": text(disk, "used"),
    })
}

/// The wanted disk, if nothing is on it.
fn empty_disk<'a>(spec: &LvmThinSpec, disks: &'a [Value]) -> Result<&'a Value, Failure> {
    let LvmThinSpec { node, device, .. } = spec;
    let Some(disk) = disks.iter().find(|disk| text(disk, "devpath") == *device) else {
        let all: Vec<String> = disks.iter().map(|disk| text(disk, "devpath")).collect();
        return Err(
            Failure::new(code::disk::missing, format!("{node} has no disk {device}")).help(
                format!("it has {}; correct docs/HARDWARE.md, Disks", all.join(", ")),
            ),
        );
    };
    let serial = text(disk, "serial");
    if let Some(wanted) = spec.serial.as_deref().filter(|wanted| *wanted != serial) {
        let message =
            format!("{device} of {node} has the serial {serial}, not {wanted}; it wasn't touched");
        return Err(Failure::new(code::disk::other_disk, message)
            .help("device names move when disks are added: correct docs/HARDWARE.md, Disks"));
    }
    let used = text(disk, "used");
    let partitions = disks
        .iter()
        .filter(|part| text(part, "parent") == *device)
        .count();
    if used.is_empty()
        && partitions == 0
        && disk.get("mounted").and_then(lenient::boolean) != Some(true)
    {
        return Ok(disk);
    }
    let what = if used.is_empty() {
        "partitions".to_owned()
    } else {
        used
    };
    Err(Failure::new(
        code::disk::not_empty,
        format!("{device} of {node} isn't empty ({what}); it wasn't touched"),
    )
    .cause(shown(disk))
    .help("look at what is on it; if it's worth nothing, wipe it by hand and resume"))
}

/// A disk in a few words.
fn shown(disk: &Value) -> String {
    let bytes = disk
        .get("size")
        .and_then(lenient::integer)
        .and_then(|bytes| u64::try_from(bytes).ok());
    let parts = [
        text(disk, "model"),
        text(disk, "serial"),
        bytes.map(size).unwrap_or_default(),
    ];
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use world::code;

    use super::*;

    fn spec(serial: Option<&str>) -> LvmThinSpec {
        serde_json::from_value(
            json!({"node": "pve1", "device": "/dev/sdb", "name": "fast", "serial": serial}),
        )
        .unwrap()
    }

    #[test]
    fn takes_only_an_empty_disk() {
        let disk = |extra: Value| {
            let mut disk =
                json!({"devpath": "/dev/sdb", "serial": "S1", "model": "M", "size": 1024});
            disk.as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            vec![disk]
        };
        let table = [
            (disk(json!({})), Some("S1"), None),
            (disk(json!({"used": ""})), None, None),
            (
                disk(json!({"used": "LVM"})),
                None,
                Some(code::disk::not_empty),
            ),
            (
                disk(json!({"mounted": 1})),
                None,
                Some(code::disk::not_empty),
            ),
            (disk(json!({})), Some("S2"), Some(code::disk::other_disk)),
            (vec![], None, Some(code::disk::missing)),
        ];
        for (disks, serial, code) in table {
            let result = empty_disk(&spec(serial), &disks);
            assert_eq!(result.err().map(|failure| failure.code), code, "{disks:?}");
        }
        let mut parted = disk(json!({}));
        parted.push(json!({"devpath": "/dev/sdb1", "parent": "/dev/sdb"}));
        assert!(empty_disk(&spec(None), &parted).is_err());
    }
}
