//! What operations learn of the world that docs have a place for: recorded in the run, offered as edits later.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use world::{Confidence, clock::Moment, docs::Learnable, free_text};

use crate::{
    journal::{Entry, OperationKey, Stored, entry},
    operation::Operation,
};

/// The longest text that goes into a cell, in bytes.
const LONGEST: usize = 200;

/// What an operation saw of the world, and the cell of docs that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// The document: `HARDWARE`.
    pub document: String,
    /// The table's title: `Nodes`.
    pub table: String,
    /// The texts of the columns by which the row is found, in the order that learnable columns name them.
    pub row: Vec<String>,
    /// The column's heading: `Host key`.
    pub column: String,
    /// What was seen.
    pub value: String,
}

/// A fact, with where and when it was learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The fact.
    pub fact: Fact,
    /// The operation that saw it.
    pub operation: OperationKey,
    /// When, by the world's clock.
    pub at: Moment,
}

free_text!(Fact { value; document, table, row, column });

impl Fact {
    /// The cell that it belongs to: document, table, row, column.
    #[must_use]
    pub fn cell(&self) -> (&str, &str, &[String], &str) {
        (&self.document, &self.table, &self.row, &self.column)
    }

    /// Whether the column is this one.
    #[must_use]
    pub fn is_in(&self, learnable: &Learnable) -> bool {
        self.document == learnable.document
            && self.table == learnable.table
            && self.column == learnable.heading
    }
}

/// What a run learned, in the order in which it did.
#[must_use]
pub fn learned(entries: &[Stored]) -> Vec<Learned> {
    let of = |stored: &Stored| match &stored.entry {
        Entry::Learned(learned) => Some(Learned {
            fact: learned.fact.clone(),
            operation: learned.operation.clone(),
            at: stored.at,
        }),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

impl Operation {
    /// Says what the operation saw of the world, for a cell of docs: the row whose key columns hold `row`.
    ///
    /// Nothing is recorded of what isn't sure, as in a plan; of what docs have no row for; of what can't stand in a
    /// cell; and never what holds a secret.
    pub fn learn(&self, learnable: &Learnable, row: &[&str], value: &str) {
        let value = value.trim();
        let run = self.run();
        let is_sure = self.confidence() == Confidence::Read;
        let is_cell = is_cell(value) && !run.redactor.finds(value);
        if !is_sure || !is_cell || !self.has_place(learnable, row) {
            return;
        }
        let fact = Fact {
            document: learnable.document.to_owned(),
            table: learnable.table.to_owned(),
            row: row.iter().map(|&key| key.to_owned()).collect(),
            column: learnable.heading.to_owned(),
            value: value.to_owned(),
        };
        let operation = self.key().clone();
        let is_new = run
            .state()
            .learned
            .insert((operation.clone(), fact.clone()));
        if is_new {
            run.note_entry(entry::Learned { operation, fact });
        }
    }

    /// Whether docs have a row whose key columns hold `row`, and the column or room for it.
    #[must_use]
    pub fn has_place(&self, learnable: &Learnable, row: &[&str]) -> bool {
        let table = learnable.table_in(&self.run().docs);
        table.is_some_and(|table| learnable.fits(table) && learnable.row_in(table, row).is_some())
    }
}

/// Whether a text can be a cell's value.
fn is_cell(value: &str) -> bool {
    let is_missing = matches!(value, "" | "-" | "–" | "—");
    !is_missing && value.len() <= LONGEST && !value.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_one_line_that_says_something() {
        assert!(is_cell("SHA256:abc"));
        for value in ["", "-", "—", "a\nb", "a\tb", &"x".repeat(201)] {
            assert!(!is_cell(value), "{value:?}");
        }
    }
}
