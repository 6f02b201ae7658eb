//! Pools with their members.

use model::kind;
use serde_json::{Map, Value, json};
use twin_pve::Pool;

use super::{Cell, Loaded, Scope, Vantage, objects, row, success, text};
use crate::preview::reader::Reading;

pub(super) const CELLS: &[Cell] = &[Cell {
    kinds: &[kind::POOL],
    what: "the pools",
    scope: Scope::Cluster,
    needs: &[("/pool", &["Pool.Audit"])],
    reads,
    load,
}];

fn names(answer: &Reading) -> impl Iterator<Item = String> {
    objects(answer).map(|pool| text(pool, "poolid"))
}

/// The list first, then each pool by a query: a nested pool's name has slashes.
fn reads(_: &Vantage, answers: &[Reading]) -> Vec<String> {
    let [list] = answers else {
        return super::once(answers, &["/pools".to_owned()]);
    };
    let query = |name: String| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("poolid", &name)
            .finish();
        format!("/pools?{query}")
    };
    names(list).map(query).collect()
}

fn load(_: &Vantage, answers: &[Reading]) -> Loaded {
    let names = names(success(answers, 0)?);
    let mut rows = Vec::new();
    for (name, place) in names.zip(1..) {
        let described = objects(success(answers, place)?).next();
        let pool = described.map(loaded).unwrap_or_default();
        rows.push(row(kind::POOL, name, json!(pool)));
    }
    Ok(rows)
}

fn loaded(pool: &Map<String, Value>) -> Pool {
    let members = pool.get("members").and_then(Value::as_array);
    let members: Vec<&Map<String, Value>> = members
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .collect();
    let named = |field: &str, wanted: &dyn Fn(&str) -> bool| {
        let fitting = members
            .iter()
            .filter(|member| wanted(&text(member, "type")));
        let mut names: Vec<String> = fitting.map(|member| text(member, field)).collect();
        names.sort();
        names.dedup();
        names
    };
    Pool {
        comment: Some(text(pool, "comment")).filter(|comment| !comment.is_empty()),
        vms: named("vmid", &|kind| matches!(kind, "qemu" | "lxc")),
        storage: named("storage", &|kind| kind == "storage"),
    }
}
