//! A cell: the kinds of rows that it holds, what is read for them, and how the answers become rows.

use serde_json::{Map, Value};

use crate::{facts::Appliance, preview::reader::Reading};

/// Whose rows a cell holds, and with that who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::preview) enum Scope {
    /// A cluster's; any of its nodes is asked.
    Cluster,
    /// A node's own; that node is asked.
    Node,
    /// The lab's; the node is asked that the request was sent to.
    Lab,
}

/// Where a cell is read.
#[derive(Clone, Debug)]
pub(in crate::preview) struct Vantage {
    /// The node that is asked.
    pub(in crate::preview) node: String,
    /// The lab's appliances as docs name them.
    pub(in crate::preview) appliances: Vec<Appliance>,
}

/// A row as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::preview) struct Row {
    /// Its kind.
    pub(in crate::preview) kind: &'static str,
    /// Its id.
    pub(in crate::preview) id: String,
    /// The row.
    pub(in crate::preview) value: Value,
}

/// The rows of a cell, or why they can't be known.
pub(in crate::preview) type Loaded = Result<Vec<Row>, String>;

/// How the rows of some kinds are filled.
pub(in crate::preview) struct Cell {
    /// The kinds; the cell holds all of their rows in its domain.
    pub(in crate::preview) kinds: &'static [&'static str],
    /// What the rows are, for people.
    pub(in crate::preview) what: &'static str,
    /// Whose they are.
    pub(in crate::preview) scope: Scope,
    /// What a reader needs for its lists to be complete: any of some privileges on each path.
    pub(in crate::preview) needs: &'static [(&'static str, &'static [&'static str])],
    /// The paths to read next, by the answers so far; none when all was read.
    pub(in crate::preview) reads: fn(&Vantage, &[Reading]) -> Vec<String>,
    /// The rows in the answers.
    pub(in crate::preview) load: fn(&Vantage, &[Reading]) -> Loaded,
}

/// The paths to read first, and nothing after them.
pub(super) fn once(answers: &[Reading], paths: &[String]) -> Vec<String> {
    if answers.is_empty() {
        paths.to_vec()
    } else {
        Vec::new()
    }
}

/// The answer at a place, if it was a success.
pub(super) fn success(answers: &[Reading], place: usize) -> Result<&Reading, String> {
    let answer = answers.get(place).ok_or("it wasn't read")?;
    if answer.status == 200 {
        Ok(answer)
    } else {
        Err(format!("{} {}", answer.status, answer.reason))
    }
}

/// The objects of a list.
pub(super) fn objects(answer: &Reading) -> impl Iterator<Item = &Map<String, Value>> {
    answer.items().iter().filter_map(Value::as_object)
}

/// A field as text; numbers too.
pub(super) fn text(object: &Map<String, Value>, field: &str) -> String {
    let value = object.get(field);
    value
        .and_then(world::proxmox::lenient::text)
        .unwrap_or_default()
}

/// A field as a whole number, if it's there.
pub(super) fn integer(object: &Map<String, Value>, field: &str) -> Option<i64> {
    object.get(field).and_then(world::proxmox::lenient::integer)
}

/// The items of a comma list, sorted.
pub(super) fn list(text: &str) -> Vec<String> {
    let mut items = world::proxmox::lenient::list(text);
    items.sort();
    items
}

/// A row.
pub(super) fn row(kind: &'static str, id: impl Into<String>, value: impl Into<Value>) -> Row {
    Row {
        kind,
        id: id.into(),
        value: value.into(),
    }
}

/// An object without some fields.
pub(super) fn without(object: &Map<String, Value>, fields: &[&str]) -> Map<String, Value> {
    let kept = object
        .iter()
        .filter(|(name, _)| !fields.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
