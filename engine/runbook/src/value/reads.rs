//! Remembers which facts a body read, so that a step is done again only when one of them changed.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

/// What was read that isn't the world: facts of `docs/`, the environment, arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadKey {
    /// One cell.
    Cell {
        /// The document, without `.md`.
        document: String,
        /// The table's title.
        table: String,
        /// The row's key.
        row: String,
        /// The column's name.
        column: String,
    },
    /// Which rows a table has, in their order.
    Rows {
        /// The document, without `.md`.
        document: String,
        /// The table's title.
        table: String,
    },
    /// Which columns a table has.
    Columns {
        /// The document, without `.md`.
        document: String,
        /// The table's title.
        table: String,
    },
    /// Whether a table is there.
    Table {
        /// The document, without `.md`.
        document: String,
        /// The table's title.
        table: String,
    },
    /// A name of the environment.
    Environment {
        /// The name.
        name: String,
    },
    /// An argument of the command line.
    Argument {
        /// The argument's name.
        name: String,
    },
}

/// Collects reads and the text that was found; clones share what they collect.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<BTreeMap<ReadKey, String>>>);

impl Recorder {
    /// Remembers that `key` was read and what stood there.
    pub fn record(&self, key: ReadKey, text: impl Into<String>) {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reads.insert(key, text.into());
    }

    /// All that was read.
    #[must_use]
    pub fn reads(&self) -> BTreeMap<ReadKey, String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
