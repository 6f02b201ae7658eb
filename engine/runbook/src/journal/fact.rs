//! What an operation sees of the world that docs have a place for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use world::{docs::Learnable, free_text};

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
