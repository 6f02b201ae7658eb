//! What operations learn of the world that docs have a place for: recorded in the run, offered as edits later.

use world::{Confidence, docs::Learnable};

use crate::{
    journal::{Fact, entry},
    operation::Operation,
};

/// The longest text that goes into a cell, in bytes.
const LONGEST: usize = 200;

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
