//! A fact table: columns, rows, cells.

use std::{fmt, sync::Arc};

use super::{DocsError, Line, TableSchema, Value, nearest};
use crate::Place;

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
    /// What it's to say; none for a table that nothing is known of.
    pub schema: Option<Arc<TableSchema>>,
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
            schema: None,
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
        Place::line(&self.document, line)
    }

    /// Where a cell stands.
    #[must_use]
    pub fn place_of(&self, cell: &Cell) -> Place {
        Place {
            column: cell.column,
            ..self.place(cell.line)
        }
    }

    /// What a cell of a row is to say; none where nothing is known of it.
    #[must_use]
    pub fn line_of(&self, row: &Row, column: &str) -> Option<&Line> {
        self.schema.as_ref()?.line(column, |other| row.text(other))
    }

    /// Whether a cell may be empty: no schema says that its row needs it.
    pub(crate) fn may_be_empty(&self, row: &Row, column: &str) -> bool {
        !self
            .line_of(row, column)
            .is_some_and(|line| line.needs(row))
    }

    /// The value of a cell that may be empty; `take` gives it in its type.
    ///
    /// # Errors
    /// It says something else.
    pub fn maybe<T>(
        &self,
        row: &Row,
        column: &str,
        take: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>, DocsError> {
        match row.get(column).filter(|cell| !cell.value.is_missing()) {
            Some(cell) => take(&cell.value)
                .map(Some)
                .ok_or_else(|| self.unfit(row, column, cell)),
            None => Ok(None),
        }
    }

    /// The value of a cell that has to say something.
    ///
    /// # Errors
    /// There is no such column, the cell is empty, or says something else.
    pub fn needed<T>(
        &self,
        row: &Row,
        column: &str,
        take: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<T, DocsError> {
        self.column(column)?;
        let found = self.maybe(row, column, take)?;
        found.ok_or_else(|| self.empty_cell(row, column))
    }

    /// That a cell says nothing, and has to.
    pub(super) fn empty_cell(&self, row: &Row, column: &str) -> DocsError {
        DocsError::Empty {
            place: row
                .get(column)
                .map_or_else(|| self.place(row.line), |cell| self.place_of(cell)),
            table: self.title.as_str().into(),
            row: row.key.as_str().into(),
            column: column.into(),
            what: self.wanted(row, column),
        }
    }

    fn unfit(&self, row: &Row, column: &str, cell: &Cell) -> DocsError {
        let read = self
            .line_of(row, column)
            .map(|line| line.kind.read(&cell.text));
        DocsError::BadValue {
            place: self.place_of(cell),
            row: row.key.as_str().into(),
            column: column.into(),
            text: cell.text.as_str().into(),
            what: self.wanted(row, column).into(),
            nearest: read.and_then(Result::err).and_then(|unfit| unfit.nearest),
            optional: self.may_be_empty(row, column),
        }
    }

    fn wanted(&self, row: &Row, column: &str) -> String {
        self.line_of(row, column)
            .map_or_else(|| "a value".to_owned(), |line| line.kind.wanted())
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
