//! Cells: for each kind of row, the reads that fill it, and how their answers become rows.
//!
//! A cell holds all rows of its kinds in a domain: a row that its list doesn't show is absent. `load` undoes what
//! the model's handlers do: what the model answers to a cell's own reads is what they were answered below.

mod access;
mod cluster;
mod content;
mod disks;
mod node;
mod pools;
mod tasks;

use serde_json::{Map, Value};

use super::reader::Answer;
use crate::facts::Appliance;

/// Whose rows a cell holds, and with that who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A cluster's; any of its nodes is asked.
    Cluster,
    /// A node's own; that node is asked.
    Node,
    /// The lab's; the node is asked that the request was sent to.
    Lab,
}

/// Where a cell is read.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The node that is asked.
    pub(super) node: String,
    /// The lab's appliances as docs name them.
    pub(super) appliances: Vec<Appliance>,
}

/// A row as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Its kind.
    pub(super) kind: &'static str,
    /// Its id.
    pub(super) id: String,
    /// The row.
    pub(super) value: Value,
}

/// The rows of a cell, or why they can't be known.
pub(super) type Loaded = Result<Vec<Row>, String>;

/// How the rows of some kinds are filled.
pub(super) struct Cell {
    /// The kinds; the cell holds all of their rows in its domain.
    pub(super) kinds: &'static [&'static str],
    /// What the rows are, for people.
    pub(super) what: &'static str,
    /// Whose they are.
    pub(super) scope: Scope,
    /// What a reader needs for its lists to be complete: any of some privileges on each path.
    pub(super) needs: &'static [(&'static str, &'static [&'static str])],
    /// The paths to read next, by the answers so far; none when all was read.
    pub(super) reads: fn(&Place, &[Answer]) -> Vec<String>,
    /// The rows in the answers.
    pub(super) load: fn(&Place, &[Answer]) -> Loaded,
}

/// Every cell.
const CELLS: &[&[Cell]] = &[
    access::CELLS,
    cluster::CELLS,
    content::CELLS,
    disks::CELLS,
    node::CELLS,
    pools::CELLS,
    tasks::CELLS,
];

/// The cell of a kind in a domain.
pub(super) fn of(kind: &str, domain: &str) -> Option<&'static Cell> {
    let is_nodes = domain.starts_with("node/");
    all().find(|cell| cell.kinds.contains(&kind) && (cell.scope == Scope::Node) == is_nodes)
}

/// Every cell.
pub(super) fn all() -> impl Iterator<Item = &'static Cell> {
    CELLS.iter().copied().flatten()
}

/// The paths to read first, and nothing after them.
fn once(answers: &[Answer], paths: &[String]) -> Vec<String> {
    if answers.is_empty() {
        paths.to_vec()
    } else {
        Vec::new()
    }
}

/// The answer at a place, if it was a success.
fn success(answers: &[Answer], place: usize) -> Result<&Answer, String> {
    let answer = answers.get(place).ok_or("it wasn't read")?;
    if answer.status == 200 {
        Ok(answer)
    } else {
        Err(format!("{} {}", answer.status, answer.reason))
    }
}

/// The objects of a list.
fn objects(answer: &Answer) -> impl Iterator<Item = &Map<String, Value>> {
    answer.items().iter().filter_map(Value::as_object)
}

/// A field as text; numbers too.
fn text(object: &Map<String, Value>, field: &str) -> String {
    let value = object.get(field);
    value
        .and_then(world::proxmox::lenient::text)
        .unwrap_or_default()
}

/// A field as a whole number, if it's there.
fn integer(object: &Map<String, Value>, field: &str) -> Option<i64> {
    object.get(field).and_then(world::proxmox::lenient::integer)
}

/// The items of a comma list, sorted.
fn list(text: &str) -> Vec<String> {
    let mut items = world::proxmox::lenient::list(text);
    items.sort();
    items
}

/// A row.
fn row(kind: &'static str, id: impl Into<String>, value: impl Into<Value>) -> Row {
    Row {
        kind,
        id: id.into(),
        value: value.into(),
    }
}

/// An object without some fields.
fn without(object: &Map<String, Value>, fields: &[&str]) -> Map<String, Value> {
    let kept = object
        .iter()
        .filter(|(name, _)| !fields.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
