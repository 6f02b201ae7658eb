//! Fact tables in scripts. Every read is recorded, so that a step depends on the cells that it looked at.

use std::sync::Arc;

use rhai::{Array, Dynamic, EvalAltResult, NativeCallContext};
use world::docs::{self, Docs, DocsError, Value};

use super::{
    network::{Address, InterfaceAddress, Network},
    reads::{ReadKey, recorder},
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
            .map(|table| Self(Arc::new(table.clone())))
            .map_err(Box::new)
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

impl From<docs::Table> for Table {
    fn from(table: docs::Table) -> Self {
        Self(Arc::new(table))
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
        let cell = match self.table.column(column) {
            Ok(found) => self.facts().get(&found.name),
            Err(error) => return Err(error_text(&error)),
        };
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

fn error_text(error: &DocsError) -> Failed {
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
        Value::Duration(duration) => Dynamic::from(*duration),
        Value::Missing => Dynamic::UNIT,
    }
}
