//! Cells: for each kind of row, the reads that fill it, and how their answers become rows.
//!
//! A cell holds all rows of its kinds in a domain: a row that its list doesn't show is absent. `load` undoes what
//! the model's handlers do: what the model answers to a cell's own reads is what they were answered below.

mod access;
mod cell;
mod cluster;
mod content;
mod disks;
mod node;
mod pools;
mod tasks;

pub(super) use self::cell::{Cell, Row, Scope, Vantage};
use self::cell::{Loaded, integer, list, objects, once, row, success, text, without};

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
