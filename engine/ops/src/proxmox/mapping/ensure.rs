//! Making or changing a mapping.

use formats::{comment, property::PropertyString};
use std::collections::BTreeMap;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    proxmox::{Identity, Method, Request, lenient},
};

use super::devices::{Device, entry, find};
use crate::{
    info::Sent,
    proxmox::object::{At, Object, Wanted},
};

/// Ensures a name under which guests ask for PCI devices, with what the API lists of each device.
///
/// Devices of one node are passed together. The IOMMU groups are audited: no IOMMU, and devices that share a
/// group and aren't in the mapping, are remarked on. Entries of other nodes are kept. Answers `id`, `devices` (maps with
/// `node`, `slot`, `id`, `iommugroup`, `siblings`: slots that share the group outside the mapping).
///
/// Errors: a node has no device at a slot; devices of one node are different ones, and no functions of one card; the
/// description has a character that Proxmox garbles there (beyond Latin-1: `—`).
///
/// ```rhai
/// let device = facts::table("HARDWARE", "PCI devices")[0];
/// proxmox::mapping::ensure("example", #{ devices: [#{ node: device.node.name, slot: device.slot }] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappingSpec {
    /// The mapping's name.
    id: String,
    /// The devices.
    devices: Vec<DeviceSpec>,
    /// A description. Default: as it is.
    description: Option<String>,
    /// The devices as their nodes list them.
    #[serde(skip)]
    found: Vec<Device>,
}

impl Object for MappingSpec {
    const NAME: &str = "proxmox::mapping::ensure";
    const NOUN: &str = "pci mapping";
    const ID: &str = "id";
    const AT: At = At::List("/cluster/mapping/pci/{id}");
    const GUARDED: bool = true;
    const BESIDES: &[Sent] = &[(Method::Get, "/nodes/{node}/hardware/pci")];

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self) -> Result<(), Failure> {
        let description = self.description.as_deref().unwrap_or_default();
        if comment::is_latin1(description) {
            return Ok(());
        }
        Err(Failure::new(
            code::runbook::argument,
            format!(
                "the description of mapping {} has a character that Proxmox doesn't keep there: '{description}'",
                self.id
            ),
        )
        .help("write it in letters of Latin-1 (`-` for a dash); docs/SOFTWARE.md, PCI mappings, Comment"))
    }

    fn want(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure> {
        let is = stored(wanted.there());
        let entries = entries(&self.found, &is)?;
        let texts: Vec<String> = entries.iter().map(ToString::to_string).collect();
        if is.len() != entries.len() || !entries.iter().all(|entry| is.contains(entry)) {
            wanted.set("map", wanted.there().get("map"), json!(texts));
        }
        wanted.text("description", self.description.as_deref());
        // The API replaces the whole list and wants it in every change.
        wanted.send("map", texts);
        if let Some(description) = &self.description {
            wanted.send("description", description);
        }
        if wanted.is_new() {
            wanted.prove_nothing("map");
            wanted.prove_nothing("description");
        }
        Ok(())
    }

    async fn look(&mut self, operation: &Operation, _: Option<&Value>) -> Result<(), Halt> {
        self.found = probe(operation, self).await?;
        audit(operation, &self.id, &self.found);
        self.found.iter().for_each(|device| device.learn(operation));
        Ok(())
    }

    async fn follow(&self, _: &Operation, answer: &mut Fields) -> Result<(), Halt> {
        let all = &self.found;
        let described: Vec<Value> = all.iter().map(|device| device.described(all)).collect();
        answer.insert("devices".to_owned(), described.into());
        Ok(())
    }
}

/// A device of a node.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DeviceSpec {
    /// The node's name.
    node: String,
    /// The device's address in the node: `0000:01:00.0`.
    slot: String,
}

/// What the nodes list of the devices.
async fn probe(operation: &Operation, spec: &MappingSpec) -> Result<Vec<Device>, Halt> {
    let mut listed: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut devices = Vec::new();
    for wanted in &spec.devices {
        if !listed.contains_key(wanted.node.as_str()) {
            let request = Request::get(Request::path(&["nodes", &wanted.node, "hardware", "pci"]));
            let answer = operation
                .read(&Identity::Root, &wanted.node, &request)
                .await?;
            listed.insert(&wanted.node, answer.items().to_vec());
        }
        let rows = listed
            .get(wanted.node.as_str())
            .map(Vec::as_slice)
            .unwrap_or_default();
        devices.push(find(&wanted.node, &wanted.slot, rows)?);
    }
    Ok(devices)
}

/// Says what stands in the way of passing the devices to a guest.
fn audit(operation: &Operation, id: &str, devices: &[Device]) {
    for device in devices {
        let Device {
            node, slot, group, ..
        } = device;
        let left_out = device.left_out(devices);
        match group {
            None => operation.remark(format!(
                "{slot} of {node} (mapping {id}) has no IOMMU group: the IOMMU is off, so it can't be passed to a guest yet"
            )),
            Some(group) if !left_out.is_empty() => operation.remark(format!(
                "{slot} of {node} (mapping {id}) shares the IOMMU group {group} with {}: a group can only be passed as a whole",
                left_out.join(", ")
            )),
            Some(_) => {}
        }
    }
}

/// The entries of the mapping as they should be: one for each wanted node, those of other nodes as they are.
fn entries(devices: &[Device], stored: &[PropertyString]) -> Result<Vec<PropertyString>, Failure> {
    let mut by_node: BTreeMap<&str, Vec<&Device>> = BTreeMap::new();
    for device in devices {
        by_node.entry(&device.node).or_default().push(device);
    }
    let of_node = |node: &str| stored.iter().find(|entry| entry.get("node") == Some(node));
    let mut entries: Vec<PropertyString> = by_node
        .iter()
        .map(|(node, devices)| entry(devices, of_node(node)))
        .collect::<Result<_, _>>()?;
    let is_other = |entry: &&PropertyString| {
        !entry
            .get("node")
            .is_some_and(|node| by_node.contains_key(node))
    };
    entries.extend(stored.iter().filter(is_other).cloned());
    Ok(entries)
}

fn stored(observed: &Value) -> Vec<PropertyString> {
    let entries = observed.get("map").and_then(Value::as_array);
    let texts = entries.into_iter().flatten().filter_map(lenient::text);
    texts
        .filter_map(|text| PropertyString::parse(&text, None).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use runbook::write::Write;

    use super::{super::devices::tests::listed, *};
    use crate::proxmox::object::write;

    fn gpu(there: Option<&Value>) -> Option<Write> {
        let wanted = json!({"id": "gpu", "devices": [], "description": "card"});
        let mut spec: MappingSpec = serde_json::from_value(wanted).unwrap();
        let slots = ["0000:01:00.0", "0000:01:00.1"];
        spec.found = slots
            .map(|slot| find("pve1", slot, &listed()).unwrap())
            .to_vec();
        write(&spec, "pve1", there).unwrap()
    }

    #[test]
    fn passes_the_devices_of_a_node_together() {
        let write = gpu(None).unwrap();
        let map = "node=pve1,path=0000:01:00,id=10de:27b2,subsystem-id=10de:181b,iommugroup=14";
        assert_eq!(
            write.change.after,
            json!({"map": [map], "description": "card"})
        );
    }

    #[test]
    fn refuses_a_description_that_would_come_back_as_another_one() {
        let check = |description: &str| {
            let spec = json!({"id": "gpu", "devices": [], "description": description});
            serde_json::from_value::<MappingSpec>(spec).unwrap().check()
        };
        assert!(check("für Spiele").is_ok());
        assert!(
            check("card — gaming")
                .unwrap_err()
                .message
                .contains("'card — gaming'")
        );
    }

    #[test]
    fn compares_entries_as_values_and_keeps_other_nodes() {
        let mapping = json!({"id": "gpu", "description": "card", "digest": "d", "map": [
            "node=pve9,path=0000:05:00.0,id=10de:0001",
            "id=10de:27b2,iommugroup=14,node=pve1,subsystem-id=10de:181b,path=0000:01:00",
        ]});
        assert!(gpu(Some(&mapping)).is_none());
        let mut old = mapping;
        old["map"][1] = json!("node=pve1,path=0000:01:00.0,id=10de:27b2");
        let write = gpu(Some(&old)).unwrap();
        let map = write.change.after["map"].as_array().unwrap();
        assert_eq!(map.len(), 2);
        assert!(
            map.iter()
                .any(|entry| entry.as_str().unwrap().starts_with("node=pve9"))
        );
    }
}
