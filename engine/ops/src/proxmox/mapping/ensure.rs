//! Making or changing a mapping.

use std::collections::BTreeMap;

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::proxmox::{Identity, Param, PropertyString, Request, lenient};

use super::devices::{Device, entry, find};
use crate::{
    difference::{Difference, text},
    proxmox::first_node,
    spec::spec,
};

/// The argument of `proxmox::mapping::ensure`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingSpec {
    /// The mapping's name.
    id: String,
    /// The devices.
    devices: Vec<DeviceSpec>,
    /// A description. Default: as it is.
    description: Option<String>,
}
spec!(MappingSpec, |spec| format!("pci mapping {}", spec.id));

/// A device of a node.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DeviceSpec {
    /// The node's name.
    node: String,
    /// The device's address in the node: `0000:01:00.0`.
    slot: String,
}

pub(super) async fn run(operation: &Operation, spec: MappingSpec) -> Result<Fields, Halt> {
    let devices = probe(operation, &spec).await?;
    audit(operation, &spec.id, &devices);
    devices.iter().for_each(|device| device.learn(operation));
    let node = first_node(operation)?;
    let list = Request::get("/cluster/mapping/pci");
    let mappings = operation.read(&Identity::Root, &node, &list).await?;
    if let Some(write) = write(&spec, &node, &devices, mappings.item("id", &spec.id)) {
        operation.write(write).await?;
    }
    let mut fields = Fields::new();
    fields.insert("id".to_owned(), json!(spec.id));
    let described: Vec<Value> = devices
        .iter()
        .map(|device| device.described(&devices))
        .collect();
    fields.insert("devices".to_owned(), described.into());
    Ok(fields)
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

fn write(
    spec: &MappingSpec,
    node: &str,
    devices: &[Device],
    there: Option<&Value>,
) -> Option<Write> {
    let resource = format!("pci mapping {}", spec.id);
    let entries = entries(devices, there);
    let texts: Vec<String> = entries.iter().map(ToString::to_string).collect();
    let list = Request::get("/cluster/mapping/pci");
    let Some(observed) = there else {
        let request = Request::post("/cluster/mapping/pci")
            .with("id", &spec.id)
            .with("map", Param::List(texts.clone()))
            .with_some("description", spec.description.as_deref());
        let mut after = json!({ "map": texts });
        if let Some(description) = &spec.description {
            after["description"] = description.as_str().into();
        }
        let proof = Condition::Contains(json!({ "id": spec.id }));
        return Some(Write::request(
            Change::create(resource, after),
            &Identity::Root,
            node,
            request,
            (list, proof),
        ));
    };
    let difference = difference(spec, &entries, &texts, observed);
    if difference.is_empty() {
        return None;
    }
    let digest = Some(text(observed, "digest")).filter(|digest| !digest.is_empty());
    // The API replaces the whole list and wants it in every change.
    let request = Request::put(Request::path(&["cluster", "mapping", "pci", &spec.id]))
        .with("map", Param::List(texts))
        .with_some("description", spec.description.as_deref())
        .with_some("digest", digest);
    let mut wanted = difference.after.clone();
    wanted.insert("id".to_owned(), spec.id.as_str().into());
    let change = Change::update(resource, difference.before.into(), difference.after.into());
    let proof = (list, Condition::Contains(wanted.into()));
    Some(Write::request(
        change,
        &Identity::Root,
        node,
        request,
        proof,
    ))
}

fn difference(
    spec: &MappingSpec,
    entries: &[PropertyString],
    texts: &[String],
    observed: &Value,
) -> Difference {
    let mut difference = Difference::default();
    let is = stored(observed);
    if is.len() != entries.len() || !entries.iter().all(|entry| is.contains(entry)) {
        difference.add("map", observed.get("map"), json!(texts));
    }
    difference.text(observed, "description", spec.description.as_deref());
    difference
}

/// The entries of the mapping as they should be: one for each wanted node, those of other nodes as they are.
fn entries(devices: &[Device], there: Option<&Value>) -> Vec<PropertyString> {
    let mut by_node: BTreeMap<&str, Vec<&Device>> = BTreeMap::new();
    for device in devices {
        by_node.entry(&device.node).or_default().push(device);
    }
    let stored = there.map(stored).unwrap_or_default();
    let of_node = |node: &str| stored.iter().find(|entry| entry.get("node") == Some(node));
    let mut entries: Vec<PropertyString> = by_node
        .iter()
        .map(|(node, devices)| entry(devices, of_node(node)))
        .collect();
    let is_other = |entry: &&PropertyString| {
        !entry
            .get("node")
            .is_some_and(|node| by_node.contains_key(node))
    };
    entries.extend(stored.iter().filter(is_other).cloned());
    entries
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
    use super::{super::devices::tests::listed, *};

    fn spec() -> MappingSpec {
        serde_json::from_value(json!({"id": "gpu", "devices": [], "description": "card"})).unwrap()
    }

    fn gpu() -> Vec<Device> {
        ["0000:01:00.0", "0000:01:00.1"]
            .map(|slot| find("pve1", slot, &listed()).unwrap())
            .to_vec()
    }

    #[test]
    fn passes_the_devices_of_a_node_together() {
        let write = write(&spec(), "pve1", &gpu(), None).unwrap();
        let map = "node=pve1,path=0000:01:00,id=10de:27b2,subsystem-id=10de:181b,iommugroup=14";
        assert_eq!(
            write.change.after,
            json!({"map": [map], "description": "card"})
        );
    }

    #[test]
    fn compares_entries_as_values_and_keeps_other_nodes() {
        let mapping = json!({"id": "gpu", "description": "card", "digest": "d", "map": [
            "node=pve9,path=0000:05:00.0,id=10de:0001",
            "id=10de:27b2,iommugroup=14,node=pve1,subsystem-id=10de:181b,path=0000:01:00",
        ]});
        assert!(write(&spec(), "pve1", &gpu(), Some(&mapping)).is_none());
        let mut old = mapping;
        old["map"][1] = json!("node=pve1,path=0000:01:00.0,id=10de:27b2");
        let write = write(&spec(), "pve1", &gpu(), Some(&old)).unwrap();
        let map = write.change.after["map"].as_array().unwrap();
        assert_eq!(map.len(), 2);
        assert!(
            map.iter()
                .any(|entry| entry.as_str().unwrap().starts_with("node=pve9"))
        );
    }
}
