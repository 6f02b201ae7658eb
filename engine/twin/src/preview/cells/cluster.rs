//! A cluster's own rows: corosync, options, guests, storages, mappings, backup jobs, what is kept running.

use model::kind;
use serde_json::{Map, Value, json};

use super::{Cell, Loaded, Row, Scope, Vantage, objects, once, row, success, text, without};
use crate::preview::reader::Reading;

pub(super) const CELLS: &[Cell] = &[
    Cell {
        kinds: &[kind::CLUSTER],
        what: "the cluster's options",
        scope: Scope::Cluster,
        needs: &[("/", &["Sys.Audit"])],
        reads: |_, answers| {
            let paths = ["/cluster/options", "/cluster/config/totem"];
            once(answers, &paths.map(str::to_owned))
        },
        load: cluster,
    },
    Cell {
        kinds: &[kind::COROSYNC_NODE],
        what: "the nodes of the cluster",
        scope: Scope::Cluster,
        needs: &[],
        reads: |_, answers| once(answers, &["/cluster/config/nodes".to_owned()]),
        load: |_, answers| list(answers, kind::COROSYNC_NODE, "node", &["node"]),
    },
    Cell {
        kinds: &[kind::GUEST],
        what: "the guests",
        scope: Scope::Cluster,
        needs: &[("/vms", &["VM.Audit"])],
        reads: |_, answers| once(answers, &["/cluster/resources?type=vm".to_owned()]),
        load: guests,
    },
    Cell {
        kinds: &[kind::STORAGE],
        what: "the storages",
        scope: Scope::Cluster,
        needs: &[("/storage", &["Datastore.Audit", "Datastore.AllocateSpace"])],
        reads: |_, answers| once(answers, &["/storage".to_owned()]),
        load: |_, answers| list(answers, kind::STORAGE, "storage", &["storage", "digest"]),
    },
    Cell {
        kinds: &[kind::BACKUP],
        what: "the backup jobs",
        scope: Scope::Cluster,
        needs: &[],
        reads: |_, answers| once(answers, &["/cluster/backup".to_owned()]),
        load: |_, answers| list(answers, kind::BACKUP, "id", &["id", "type", "next-run"]),
    },
    Cell {
        kinds: &[kind::HA_RESOURCE],
        what: "the resources that are kept running",
        scope: Scope::Cluster,
        needs: &[("/", &["Sys.Audit"])],
        reads: |_, answers| once(answers, &["/cluster/ha/resources".to_owned()]),
        load: |_, answers| list(answers, kind::HA_RESOURCE, "sid", &["digest"]),
    },
    Cell {
        kinds: &[kind::PCI_MAPPING],
        what: "the mappings of PCI devices",
        scope: Scope::Cluster,
        needs: &[("/mapping", MAPPING)],
        reads: |_, answers| once(answers, &["/cluster/mapping/pci".to_owned()]),
        load: |_, answers| {
            list(
                answers,
                kind::PCI_MAPPING,
                "id",
                &["id", "digest", "checks"],
            )
        },
    },
    Cell {
        kinds: &[kind::USB_MAPPING],
        what: "the mappings of USB devices",
        scope: Scope::Cluster,
        needs: &[("/mapping", MAPPING)],
        reads: |_, answers| once(answers, &["/cluster/mapping/usb".to_owned()]),
        load: |_, answers| {
            list(
                answers,
                kind::USB_MAPPING,
                "id",
                &["id", "digest", "checks"],
            )
        },
    },
    Cell {
        kinds: &[kind::DIR_MAPPING],
        what: "the mappings of directories",
        scope: Scope::Cluster,
        needs: &[("/mapping", MAPPING)],
        reads: |_, answers| once(answers, &["/cluster/mapping/dir".to_owned()]),
        load: |_, answers| {
            list(
                answers,
                kind::DIR_MAPPING,
                "id",
                &["id", "digest", "checks"],
            )
        },
    },
    Cell {
        kinds: &[kind::APPLIANCE],
        what: "the lab's appliances",
        scope: Scope::Lab,
        needs: &[],
        reads: |_, _| Vec::new(),
        load: appliances,
    },
];

const MAPPING: &[&str] = &["Mapping.Modify", "Mapping.Use", "Mapping.Audit"];

/// The rows of a list that shows everything of them, without what a list adds.
fn list(answers: &[Reading], kind: &'static str, id: &str, added: &[&str]) -> Loaded {
    let loaded = |object: &Map<String, Value>| -> Row {
        row(kind, text(object, id), without(object, added))
    };
    Ok(objects(success(answers, 0)?).map(loaded).collect())
}

fn cluster(_: &Vantage, answers: &[Reading]) -> Loaded {
    let options = success(answers, 0)?.data.as_object().cloned();
    let options = options.unwrap_or_default();
    // Which tags the reader may use follows from the others and from the guests.
    let options = without(&options, &["allowed-tags", "digest"]);
    let mut rows = vec![row(kind::CLUSTER, "options", options)];
    let totem = success(answers, 1)?.data.as_object();
    // A node that is in no cluster answers with nothing.
    if let Some(totem) = totem.filter(|totem| totem.contains_key("cluster_name")) {
        rows.push(row(kind::CLUSTER, "totem", totem.clone()));
    }
    Ok(rows)
}

fn guests(_: &Vantage, answers: &[Reading]) -> Loaded {
    let loaded = |guest: &Map<String, Value>| -> Row {
        let config: Map<String, Value> = ["name", "tags", "lock", "template"]
            .into_iter()
            .filter_map(|field| Some((field.to_owned(), guest.get(field)?.clone())))
            .collect();
        let value = json!({
            "type": text(guest, "type"), "node": text(guest, "node"),
            "status": text(guest, "status"), "config": config,
        });
        row(kind::GUEST, text(guest, "vmid"), value)
    };
    Ok(objects(success(answers, 0)?).map(loaded).collect())
}

/// Nobody can ask an appliance through a node before it's used: docs say what it offers.
fn appliances(place: &Vantage, _: &[Reading]) -> Loaded {
    if place.appliances.is_empty() {
        return Err("docs name none".to_owned());
    }
    let named = place.appliances.iter();
    Ok(named
        .map(|appliance| row(kind::APPLIANCE, appliance.name.as_str(), json!(appliance)))
        .collect())
}
