//! Fact tables in scripts. Every read is recorded, so that a step depends on the cells that it looked at.

use std::sync::Arc;

use rhai::{Array, Dynamic, EvalAltResult, NativeCallContext};
use world::docs::{self, Docs, DocsError, Value};

use super::tag::Tag;

use super::{
    network::{Address, InterfaceAddress, Network},
    reads::ReadKey,
    tag::recorder,
};

type Failed = Box<EvalAltResult>;

/// A fact table.
#[derive(Clone, Debug)]
pub struct Table(pub(super) Arc<docs::Table>);

/// A row of a fact table.
#[derive(Clone, Debug)]
pub struct Row {
    pub(super) table: Arc<docs::Table>,
    index: usize,
}

impl Table {
    /// The table under the heading `title` of `document`.
    ///
    /// # Errors
    /// There is no such document or table; the error names the nearest one.
    pub fn find(docs: &Docs, document: &str, title: &str) -> Result<Self, Box<DocsError>> {
        docs.table(document, title)
            .map(|table| Self(Arc::clone(table)))
            .map_err(Box::new)
    }

    /// The same, empty where docs have no such table.
    #[must_use]
    pub fn optional(docs: &Docs, document: &str, title: &str) -> Self {
        let empty = |_| docs::Table::empty(document, title).into();
        Self(docs.table(document, title).map_or_else(empty, Arc::clone))
    }

    /// The facts themselves; what is read of them isn't recorded.
    #[must_use]
    pub fn facts(&self) -> &docs::Table {
        &self.0
    }

    /// The table's name: `HARDWARE/Nodes`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.0.document, self.0.title)
    }

    /// The row at `index`; that it was read isn't recorded.
    pub(super) fn row(&self, index: usize) -> Option<Row> {
        (index < self.0.rows.len()).then(|| Row {
            table: Arc::clone(&self.0),
            index,
        })
    }

    /// The rows as a list of [`Row`]s; records which rows there are.
    #[must_use]
    pub fn rows(&self, context: &NativeCallContext) -> Array {
        record_rows(context, &self.0);
        (0..self.0.rows.len())
            .filter_map(|index| self.row(index))
            .map(Dynamic::from)
            .collect()
    }
}

impl From<Arc<docs::Table>> for Table {
    fn from(table: Arc<docs::Table>) -> Self {
        Self(table)
    }
}

impl Row {
    /// The row's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.facts().key
    }

    /// The row's name: `HARDWARE/Nodes/pve1`.
    #[must_use]
    pub fn name(&self) -> String {
        format!(
            "{}/{}/{}",
            self.table.document,
            self.table.title,
            self.key()
        )
    }

    /// The table that the row is of.
    #[must_use]
    pub fn table(&self) -> Table {
        Table(Arc::clone(&self.table))
    }

    /// The facts themselves; what is read of them isn't recorded.
    #[must_use]
    pub fn facts(&self) -> &docs::Row {
        &self.table.rows[self.index]
    }

    /// The row's place in its table.
    pub(super) const fn index(&self) -> usize {
        self.index
    }

    /// Finds a cell and records that it was read.
    pub(super) fn cell(
        &self,
        context: &NativeCallContext,
        column: &str,
    ) -> Result<&docs::Cell, Failed> {
        let found = self.table.column(column).map_err(|error| thrown(&error))?;
        let cell = self.facts().get(&found.name);
        let cell = cell.ok_or_else(|| format!("row {} has no cell for '{column}'", self.key()))?;
        if let Some(recorder) = recorder(context) {
            let key = ReadKey::Cell {
                document: self.table.document.clone(),
                table: self.table.title.clone(),
                row: self.key().to_owned(),
                column: column.to_owned(),
            };
            recorder.record(key, cell.text.clone());
        }
        Ok(cell)
    }

    /// The value of a cell as scripts see it; that of a reference column is the row that it names.
    pub(super) fn value(
        &self,
        context: &NativeCallContext,
        column: &str,
    ) -> Result<Dynamic, Failed> {
        let cell = self.cell(context, column)?;
        if !self.is_reference(column) || cell.value.is_missing() {
            return Ok(of_cell(&cell.value));
        }
        let mut rows = self.referred(context, column)?;
        if rows.len() > 1 {
            let (name, count) = (self.name(), rows.len());
            return Err(format!(
                "row {name} names {count} rows in '{column}': row.rows(\"{column}\") has them all"
            )
            .into());
        }
        Ok(rows.pop().map_or(Dynamic::UNIT, Dynamic::from))
    }

    /// The rows that a cell of a reference column names; the cell counts as read.
    pub(super) fn referred(
        &self,
        context: &NativeCallContext,
        column: &str,
    ) -> Result<Vec<Self>, Failed> {
        self.cell(context, column)?;
        if !self.is_reference(column) {
            let name = &self.table.title;
            return Err(format!("the column '{column}' of the table {name} refers to no other table: 'Heading → TABLE'").into());
        }
        let docs = Tag::of(context).unwrap_or_default().docs;
        let column = self.table.column(column).map_err(|error| thrown(&error))?;
        let found = docs.referred(&self.table, self.facts(), column);
        let found = found.map_err(|error| thrown(&error))?.into_iter();
        Ok(found.map(|(table, index)| Self { table, index }).collect())
    }

    fn is_reference(&self, column: &str) -> bool {
        let found = self.table.column(column);
        found.is_ok_and(|column| column.reference.is_some())
    }
}

/// Two rows are the same if their table and their key are.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

pub(super) fn record_rows(context: &NativeCallContext, table: &docs::Table) {
    if let Some(recorder) = recorder(context) {
        let key = ReadKey::Rows {
            document: table.document.clone(),
            table: table.title.clone(),
        };
        recorder.record(key, rows_text(table));
    }
}

fn thrown(error: &DocsError) -> Failed {
    crate::failure::Failure::of(error.code(), error)
        .help(error.help())
        .throw(rhai::Position::NONE)
}

/// The keys of a table's rows as the text that a read of the rows gives.
#[must_use]
pub fn rows_text(table: &docs::Table) -> String {
    let keys: Vec<&str> = table.rows.iter().map(|row| row.key.as_str()).collect();
    keys.join("\u{1f}")
}

/// The names of a table's columns as the text that a read of the columns gives.
#[must_use]
pub fn columns_text(table: &docs::Table) -> String {
    let names: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    names.join("\u{1f}")
}

/// The value of a cell as scripts see it: `()` if it's missing.
pub fn of_cell(value: &Value) -> Dynamic {
    match value {
        Value::Text(text) | Value::Mac(text) => text.clone().into(),
        Value::Integer(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Address(address) => Dynamic::from(Address(*address)),
        Value::Interface(interface) => Dynamic::from(InterfaceAddress(*interface)),
        Value::Network(network) => Dynamic::from(Network(*network)),
        Value::Size(size) => Dynamic::from(*size),
        Value::Speed(speed) => speed.to_string().into(),
        Value::Duration(duration) => Dynamic::from(*duration),
        Value::Missing => Dynamic::UNIT,
    }
}
