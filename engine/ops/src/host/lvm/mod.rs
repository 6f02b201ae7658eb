//! LVM: a volume group on empty disks, and a thin pool or a volume in it.

mod group;

use runbook::{
    action::{Change, Compared},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::{Operation, told::told},
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    host::{
        Ask as _, Told as _,
        verb::{ABSENT, Lvm, LvmDo, Signatures},
    },
};

use self::group::{Group, bytes, check_empty, check_serial};
use crate::{info::Effect, operate::Operate};

const LVM: &str = "host::lvm";

/// Ensures a volume group and, where they are named, a thin pool and a logical volume in it. Only empty disks are taken:
/// one that has a partition table, a file system, a volume or a mount is refused, naming what is on it. What is there is
/// never made smaller or removed. Answers `group`, `size`, `free` (bytes), `devices` and `volumes` (name, size, pool).
///
/// Errors: a disk isn't empty, isn't there, or is another one than the serial number says; there's no room.
///
/// ```rhai
/// host::lvm("pve1", "fast", #{ devices: [#{ device: "/dev/nvme1n1", serial: "S7DNNJ0W512207A" }], thin_pool: "fast" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LvmSpec {
    /// The host.
    host: String,
    /// The volume group.
    group: String,
    /// The disks that it's on. Those that it isn't on yet have to be empty. Default: as they are.
    #[serde(default)]
    devices: Vec<Disk>,
    /// The thin pool in it.
    thin_pool: Option<String>,
    /// The logical volume in it.
    volume: Option<String>,
    /// The size of the pool or volume when it's made: `"10 GiB"`, or `"100%FREE"`, a part of what is free. Default:
    /// `100%FREE`.
    size: Option<String>,
}

impl Operate for LvmSpec {
    const NAME: &str = LVM;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "group"];

    fn resource(&self) -> String {
        format!("volume group {} on {}", self.group, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let size = size(&self)?;
        let mut group = find(operation, &self).await?;
        let missing = missing(operation, &self, group.as_ref()).await?;
        if group.is_none() && missing.is_empty() {
            let text = format!("{} has no volume group {}", self.host, self.group);
            return Err(Failure::new(code::host::no_group, text)
                .help("name the empty disks that it's to be on: `devices`")
                .into());
        }
        if !missing.is_empty() {
            take(operation, &self, group.as_ref(), &missing).await?;
            group = find(operation, &self).await?;
        }
        for (what, name) in [("thin", &self.thin_pool), ("volume", &self.volume)] {
            let Some(name) = name else { continue };
            let known = group.as_ref().and_then(|group| group.volume(name));
            match known {
                None => {
                    make(operation, &self, &[what, name, &size]).await?;
                    group = find(operation, &self).await?;
                }
                Some(volume) if volume.is_pool != (what == "thin") => {
                    return Err(other_kind(&self, name, what).into());
                }
                Some(_) => {}
            }
        }
        let group = group.unwrap_or_default();
        let mut fields = Fields::new();
        fields.insert("group".to_owned(), json!(self.group));
        fields.insert("size".to_owned(), json!(group.size));
        fields.insert("free".to_owned(), json!(group.free));
        fields.insert("devices".to_owned(), json!(group.devices));
        fields.insert("volumes".to_owned(), group.volumes_json());
        Ok(fields)
    }
}

/// A disk.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Disk {
    /// Its path: `/dev/sdb`, or one below `/dev/disk/by-id`.
    device: String,
    /// Its serial number: another disk at that path is refused. Default: not compared.
    serial: Option<String>,
}

/// The size as the verb takes it.
fn size(spec: &LvmSpec) -> Result<String, Failure> {
    let text = spec.size.as_deref().unwrap_or("100%FREE");
    let part = text.to_ascii_uppercase();
    let is_part = part
        .strip_suffix("%FREE")
        .is_some_and(|number| matches!(number.trim().parse(), Ok(1_u8..=100)));
    if is_part {
        return Ok(part.replace(' ', ""));
    }
    let bytes = bytes(text).map(|bytes| bytes.to_string());
    bytes.ok_or_else(|| {
        let text = format!(
            "{LVM}: `size` is '{text}', and not a size (10 GiB) or a part of what is free (50%FREE)"
        );
        Failure::new(code::runbook::argument, text)
    })
}

async fn find(operation: &Operation, spec: &LvmSpec) -> Result<Option<Group>, Halt> {
    let told = operation.ask(&spec.host, Lvm::new(&spec.group)).await?;
    Ok(told.map(Group::of))
}

/// The disks that the group isn't on; each has to be there, be the one that is meant, and be empty.
async fn missing<'a>(
    operation: &Operation,
    spec: &'a LvmSpec,
    group: Option<&Group>,
) -> Result<Vec<&'a str>, Halt> {
    let mut missing = Vec::new();
    for disk in &spec.devices {
        let ask = Signatures::new(&disk.device);
        let reply = operation.call(&spec.host, ask.call()).await?;
        if reply.status == ABSENT {
            let text = format!("{} has no disk {}", spec.host, disk.device);
            return Err(Failure::new(code::host::no_disk, text)
                .help("`lsblk` there shows what it has; correct docs/HARDWARE.md, or look at the cable")
                .into());
        }
        let block = told::<Signatures>(&spec.host, &reply)?;
        check_serial(&block, &spec.host, disk)?;
        let is_on = group.is_some_and(|group| group.devices.contains(&block.real));
        if !is_on {
            check_empty(&block, &spec.host)?;
            missing.push(disk.device.as_str());
        }
    }
    Ok(missing)
}

async fn take(
    operation: &Operation,
    spec: &LvmSpec,
    group: Option<&Group>,
    devices: &[&str],
) -> Result<(), Halt> {
    let resource = format!("volume group {} on {}", spec.group, spec.host);
    let read = Lvm::new(&spec.group).call();
    let (what, change, proof) = match group {
        None => (
            "group",
            Change::create(resource, json!({ "devices": devices })),
            (read, Compared::Starts, format!("group {} ", spec.group)),
        ),
        Some(group) => {
            let all = group
                .devices
                .iter()
                .map(String::as_str)
                .chain(devices.iter().copied());
            let change = Change::update(
                resource,
                json!({ "devices": group.devices }),
                json!({ "devices": all.collect::<Vec<_>>() }),
            );
            (
                "extend",
                change,
                (read, Compared::Differs, Some(group.told.clone()).shown()),
            )
        }
    };
    let devices: Vec<String> = devices.iter().map(ToString::to_string).collect();
    let call = LvmDo::new(what, &spec.group, devices);
    operation
        .write(Write::call(change, &spec.host, call, proof))
        .await?;
    Ok(())
}

async fn make(operation: &Operation, spec: &LvmSpec, wanted: &[&str; 3]) -> Result<(), Halt> {
    let [what, name, size] = *wanted;
    let group = find(operation, spec).await?.unwrap_or_default();
    let word = if what == "thin" {
        "thin pool"
    } else {
        "logical volume"
    };
    let size_json = size
        .parse::<u64>()
        .map_or_else(|_| size.into(), Value::from);
    let change = Change::create(
        format!("{word} {}/{name} on {}", spec.group, spec.host),
        json!({ "size": size_json }),
    );
    let call = LvmDo::new(what, &spec.group, [name.to_owned(), size.to_owned()]);
    let read = Lvm::new(&spec.group).call();
    let proof = (read, Compared::Differs, Some(group.told).shown());
    operation
        .write(Write::call(change, &spec.host, call, proof))
        .await?;
    Ok(())
}

fn other_kind(spec: &LvmSpec, name: &str, what: &str) -> Failure {
    let wanted = if what == "thin" {
        "a thin pool"
    } else {
        "a plain volume"
    };
    let text = format!(
        "{}/{name} on {} is there and isn't {wanted}",
        spec.group, spec.host
    );
    Failure::new(code::host::other_volume, text)
        .help("give it another name; nothing is converted or removed")
}
