//! A node's own rows: network, names, time, options, services.

use model::{interfaces, kind};
use serde_json::{Map, Value, json};

use super::{Cell, Loaded, Scope, Vantage, objects, once, row, success, text, without};
use crate::preview::reader::Reading;

pub(super) const CELLS: &[Cell] = &[
    Cell {
        kinds: &[kind::INTERFACE, kind::INTERFACE_NEW],
        what: "the network interfaces",
        scope: Scope::Node,
        needs: &[("/sdn", &["SDN.Audit", "SDN.Use"])],
        reads: |place, answers| once(answers, &[below(place, "network")]),
        load: network,
    },
    Cell {
        kinds: &[kind::DNS],
        what: "the resolver",
        scope: Scope::Node,
        needs: &[],
        reads: |place, answers| once(answers, &[below(place, "dns")]),
        load: |_, answers| single(answers, kind::DNS, "dns", |_| true),
    },
    Cell {
        kinds: &[kind::HOSTS],
        what: "the file of hosts",
        scope: Scope::Node,
        needs: &[],
        reads: |place, answers| once(answers, &[below(place, "hosts")]),
        load: |_, answers| single(answers, kind::HOSTS, "hosts", |name| name == "data"),
    },
    Cell {
        kinds: &[kind::TIME],
        what: "the time zone",
        scope: Scope::Node,
        needs: &[],
        reads: |place, answers| once(answers, &[below(place, "time")]),
        load: |_, answers| single(answers, kind::TIME, "time", |name| name == "timezone"),
    },
    Cell {
        kinds: &[kind::NODE_CONFIG],
        what: "the node's options",
        scope: Scope::Node,
        needs: &[],
        reads: |place, answers| once(answers, &[below(place, "config")]),
        load: |_, answers| {
            single(answers, kind::NODE_CONFIG, "config", |name| {
                name != "digest"
            })
        },
    },
    Cell {
        kinds: &[kind::SERVICE],
        what: "the services",
        scope: Scope::Node,
        needs: &[],
        reads: |place, answers| once(answers, &[below(place, "services")]),
        load: services,
    },
];

/// A path below a node.
pub(super) fn below(place: &Vantage, path: &str) -> String {
    format!("/nodes/{}/{path}", place.node)
}

/// The one row that an answer is, with the fields that are wanted.
fn single(
    answers: &[Reading],
    kind: &'static str,
    id: &str,
    is_wanted: fn(&str) -> bool,
) -> Loaded {
    let data = success(answers, 0)?.data.as_object();
    let fields = data.cloned().unwrap_or_default();
    let wanted: Map<String, Value> = fields
        .into_iter()
        .filter(|(name, _)| is_wanted(name))
        .collect();
    Ok(vec![row(kind, id, wanted)])
}

fn network(_: &Vantage, answers: &[Reading]) -> Loaded {
    let answer = success(answers, 0)?;
    let (current, staged) = interfaces::load(answer.items(), answer.changes.as_deref());
    let rows = |kind: &'static str, interfaces: interfaces::Interfaces| {
        interfaces
            .into_iter()
            .map(move |(name, interface)| row(kind, name, interface))
    };
    let staged = staged.unwrap_or_default();
    Ok(rows(kind::INTERFACE, current)
        .chain(rows(kind::INTERFACE_NEW, staged))
        .collect())
}

fn services(_: &Vantage, answers: &[Reading]) -> Loaded {
    let loaded = |service: &Map<String, Value>| {
        let state = json!({ "state": text(service, "state") });
        row(kind::SERVICE, text(service, "service"), state)
    };
    Ok(objects(success(answers, 0)?).map(loaded).collect())
}

/// An object without a field, for lists whose items are rows.
pub(super) fn items(
    answer: &Reading,
    kind: &'static str,
    id: impl Fn(&Map<String, Value>) -> String,
    added: &[&str],
) -> Vec<super::Row> {
    objects(answer)
        .map(|object| row(kind, id(object), without(object, added)))
        .collect()
}
