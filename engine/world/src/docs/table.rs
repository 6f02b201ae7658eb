//! A fact table: columns, rows, cells.

use std::{fmt, sync::Arc};

use super::{DocsError, Place, Value, nearest};

/// A table of facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The file's name without `.md`: `HARDWARE`.
    pub document: String,
    /// The text of the heading above it: `Nodes`.
    pub title: String,
    /// The columns in order.
    pub columns: Arc<[Column]>,
    /// The rows in order.
    pub rows: Vec<Row>,
    /// The line of its header.
    pub line: usize,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name by which facts are read: `management_address`.
    pub name: String,
    /// The heading as it is written: `Management address`.
    pub heading: String,
    /// The table whose rows its cells name by their keys, for a reference column.
    pub reference: Option<Reference>,
}

/// The table that a reference column points to: `→ Nodes`, `→ HARDWARE/Nodes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The document; that of the column's own table if none is written.
    pub document: String,
    /// The table's title.
    pub title: String,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.document, self.title)
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The first cell's text, with following ones joined by `/` until no two rows have the same.
    pub key: String,
    /// The cells in the order of the columns.
    pub cells: Vec<Cell>,
    /// The row's line.
    pub line: usize,
    pub(super) columns: Arc<[Column]>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its text without emphasis and backticks.
    pub text: String,
    /// Its typed value.
    pub value: Value,
    /// Its line.
    pub line: usize,
    /// The character of the line at which its text starts, from 1.
    pub column: usize,
}

impl Table {
    /// Makes a table without columns and rows: what stands for one that docs don't have.
    #[must_use]
    pub fn empty(document: &str, title: &str) -> Self {
        Self {
            document: document.to_owned(),
            title: title.to_owned(),
            columns: Arc::new([]),
            rows: Vec::new(),
            line: 0,
        }
    }

    /// Finds a row by its key.
    #[must_use]
    pub fn row(&self, key: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.key == key)
    }

    /// Finds a column by its name.
    ///
    /// # Errors
    /// There is no such column; the error names the nearest one.
    pub fn column(&self, name: &str) -> Result<&Column, DocsError> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| DocsError::NoColumn {
                place: self.place(self.line),
                table: self.title.clone(),
                column: name.to_owned(),
                nearest: nearest(name, self.columns.iter().map(|column| column.name.as_str())),
            })
    }

    /// Names a line of this table's file.
    #[must_use]
    pub fn place(&self, line: usize) -> Place {
        Place {
            file: format!("{}.md", self.document).into(),
            line,
        }
    }

    /// Returns every cell with its row and column.
    pub fn cells(&self) -> impl Iterator<Item = (&Row, &Column, &Cell)> {
        self.rows
            .iter()
            .flat_map(|row| row.entries().map(move |(column, cell)| (row, column, cell)))
    }
}

impl Row {
    /// Returns the cell of a column; none if there is no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&Cell> {
        self.entries()
            .find(|(own, _)| own.name == column)
            .map(|(_, cell)| cell)
    }

    /// Returns a cell's text, if it isn't empty.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&str> {
        self.get(column)
            .filter(|cell| !cell.value.is_missing())
            .map(|cell| cell.text.as_str())
    }

    /// Returns the columns with their cells.
    pub fn entries(&self) -> impl Iterator<Item = (&Column, &Cell)> {
        self.columns.iter().zip(&self.cells)
    }
}

impl Cell {
    /// Returns the keys that a cell of a reference column lists.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        if self.value.is_missing() {
            return Vec::new();
        }
        self.text
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .collect()
    }
}
