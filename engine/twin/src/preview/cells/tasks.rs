//! The tasks that a node remembers.

use model::{Task, kind};
use serde_json::{Map, Value, json};
use world::clock::Moment;

use super::{Cell, Loaded, Scope, Vantage, integer, objects, once, row, success, text};
use crate::preview::reader::Reading;

/// How many tasks are read: more than any plan looks back.
const MOST: u32 = 1000;

pub(super) const CELLS: &[Cell] = &[Cell {
    kinds: &[kind::TASK],
    what: "the tasks",
    scope: Scope::Node,
    needs: &[("/nodes", &["Sys.Audit"])],
    reads: |place, answers| {
        let path = format!("/nodes/{}/tasks?source=all&limit={MOST}", place.node);
        once(answers, &[path])
    },
    load,
}];

fn load(_: &Vantage, answers: &[Reading]) -> Loaded {
    let rows = objects(success(answers, 0)?).map(|task| {
        let task = loaded(task);
        row(kind::TASK, task.upid.clone(), json!(task))
    });
    Ok(rows.collect())
}

fn loaded(task: &Map<String, Value>) -> Task {
    let moment = |field: &str| {
        let seconds = integer(task, field).and_then(|seconds| u64::try_from(seconds).ok());
        seconds.map(|seconds| Moment(seconds * 1000))
    };
    let start = moment("starttime").unwrap_or_default();
    let exitstatus = Some(text(task, "status")).filter(|status| !status.is_empty());
    Task {
        upid: text(task, "upid"),
        node: text(task, "node"),
        kind: text(task, "type"),
        id: text(task, "id"),
        // In lists a token's tasks name its user alone; the UPID names the token.
        user: text(task, "upid")
            .split(':')
            .nth(7)
            .unwrap_or_default()
            .to_owned(),
        start,
        end: moment("endtime").unwrap_or(start),
        outcome: exitstatus.clone().unwrap_or_default(),
        exitstatus,
        log: Vec::new(),
        effect: None,
    }
}
