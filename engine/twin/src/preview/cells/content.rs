//! What lies on storages: on shared ones for the cluster, on the others for each node.

use model::kind;
use serde_json::{Map, Value};

use super::{Cell, Loaded, Scope, Vantage, integer, node::below, objects, row, success, text};
use crate::preview::reader::Reading;

/// The cell of the shared storages; a node's own storages have another.
pub(super) const CELLS: &[Cell] = &[
    Cell {
        kinds: &[kind::CONTENT],
        what: "the volumes on shared storages",
        scope: Scope::Cluster,
        needs: NEEDS,
        reads: |place, answers| reads(place, answers, true),
        load: |_, answers| load(answers, true),
    },
    Cell {
        kinds: &[kind::CONTENT],
        what: "the volumes on the node's own storages",
        scope: Scope::Node,
        needs: NEEDS,
        reads: |place, answers| reads(place, answers, false),
        load: |_, answers| load(answers, false),
    },
];

const NEEDS: &[(&str, &[&str])] = &[("/storage", &["Datastore.Allocate"])];

/// The storages that can be looked into: active ones. What lies on others nobody can say.
fn storages(answer: &Reading, shared: bool) -> impl Iterator<Item = &Map<String, Value>> {
    objects(answer).filter(move |storage| {
        (integer(storage, "shared") == Some(1)) == shared
            && integer(storage, "active") == Some(1)
            // The units of a target are no volumes that somebody made.
            && text(storage, "type") != "iscsi"
    })
}

fn reads(place: &Vantage, answers: &[Reading], shared: bool) -> Vec<String> {
    match answers {
        [] => vec![below(place, "storage")],
        [list] => storages(list, shared)
            .map(|storage| {
                below(
                    place,
                    &format!("storage/{}/content", text(storage, "storage")),
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn load(answers: &[Reading], shared: bool) -> Loaded {
    let mut rows = Vec::new();
    for (_, place) in storages(success(answers, 0)?, shared).zip(1..) {
        let volumes = objects(success(answers, place)?);
        rows.extend(
            volumes.map(|volume| row(kind::CONTENT, text(volume, "volid"), volume.clone())),
        );
    }
    Ok(rows)
}
