//! What each table of docs says, column by column: `docs/reference/tables.md`, and a lab's own `docs/TABLES.md`.
//!
//! The page is the data: what people read there is what docs are read and checked by. A table that no schema has is free.

mod condition;
mod kind;
mod meaning;
mod page;
mod plain;

use std::sync::{Arc, LazyLock};

pub use condition::Condition;
pub use kind::{Kind, Lookup, Unfit};
pub use meaning::Meaning;

use super::{DocsError, Reference};

/// The page of homelab's own tables.
const PAGE: &str = include_str!("../../../../../docs/reference/tables.md");
/// The document in which a lab declares tables of its own.
pub(super) const DOCUMENT: &str = "TABLES";

/// The tables that are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    tables: Vec<Arc<TableSchema>>,
}

/// A table as its section says it.
#[derive(Clone, Debug, PartialEq)]
pub struct TableSchema {
    /// Which table.
    pub name: Reference,
    /// What its rows are.
    pub says: String,
    /// Whether every lab has it, with a row at least.
    pub needed: bool,
    /// Whether its rows are all that is wanted of their kind.
    pub complete: bool,
    /// The rows that have to be there.
    pub rows: Vec<NeededRow>,
    /// What a lab's own section says of it, as Markdown; empty where homelab alone knows it.
    pub declared: String,
    /// What its columns hold, in order. A column whose cells depend on another one has a line for each case.
    pub lines: Vec<Line>,
}

/// A row that a table needs, or that is needed for some of what is done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededRow {
    /// Its key.
    pub key: String,
    /// What needs it: `an installation`; none for the table itself.
    pub by: Option<String>,
}

/// What the cells of a column hold, in all rows or in those of one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The column's name, by which facts are read: `root_file_system`.
    pub column: String,
    /// Its heading without an arrow: `Root file system`.
    pub heading: String,
    /// Its type.
    pub kind: Kind,
    /// Whether it's among those that tell rows apart: no two rows have the same.
    pub key: bool,
    /// Whether no two rows have the same there, beside the key.
    pub once: bool,
    /// Whether a cell may be empty.
    pub needed: Needed,
    /// The rows that the line is about; none for all.
    pub case: Option<Condition>,
    /// What it means.
    pub says: String,
}

/// Whether a cell may be empty, or its column be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// It may not.
    Yes,
    /// It may.
    No,
    /// It may, and isn't read in rows that aren't of the line's case.
    Only,
}

impl Schema {
    /// The tables that homelab itself reads.
    #[must_use]
    pub fn builtin() -> &'static Arc<Self> {
        static OWN: LazyLock<Arc<Schema>> = LazyLock::new(|| {
            let mut own = page::read("tables", PAGE)
                .expect("the page is part of the program, and a test reads it");
            for table in &mut own.tables {
                Arc::make_mut(table).declared.clear();
            }
            Arc::new(own)
        });
        &OWN
    }

    /// Adds what a lab declares: tables, and columns of tables that are known.
    ///
    /// # Errors
    /// A line can't be read, or says again what is known; every mistake is reported.
    pub fn with(&self, text: &str) -> Result<Self, Vec<DocsError>> {
        let mut all = self.clone();
        let mut errors = Vec::new();
        for table in page::read(DOCUMENT, text)?.tables {
            let known = all.tables.iter_mut().find(|known| known.name == table.name);
            let Some(known) = known else {
                all.tables.push(table);
                continue;
            };
            let again = |line: &&Line| known.lines_of(&line.column).next().is_some();
            if let Some(line) = table.lines.iter().find(again) {
                errors.push(page::known(text, &table.name, &line.heading));
            }
            let known = Arc::make_mut(known);
            known.lines.extend(table.lines.clone());
            known.declared.clone_from(&table.declared);
        }
        if errors.is_empty() {
            Ok(all)
        } else {
            Err(errors)
        }
    }

    /// Finds a table.
    #[must_use]
    pub fn table(&self, document: &str, title: &str) -> Option<&Arc<TableSchema>> {
        let is = |table: &&Arc<TableSchema>| {
            table.name.document == document && table.name.title == title
        };
        self.tables.iter().find(is)
    }

    /// All tables, in order.
    pub fn tables(&self) -> impl Iterator<Item = &TableSchema> {
        self.tables.iter().map(AsRef::as_ref)
    }
}

impl TableSchema {
    /// The lines about a column.
    pub fn lines_of<'s, 'c>(
        &'s self,
        column: &'c str,
    ) -> impl Iterator<Item = &'s Line> + use<'s, 'c> {
        self.lines.iter().filter(move |line| line.column == column)
    }

    /// The line about a cell: the one whose case the row is; `text` gives the texts of the row's other cells.
    /// A column's only line says the type in other rows, too.
    pub fn line<'a>(&self, column: &str, text: impl Fn(&str) -> Option<&'a str>) -> Option<&Line> {
        let applies = |line: &&Line| line.case.as_ref().is_none_or(|case| case.holds(&text));
        let mut lines = self.lines_of(column);
        let only = self.lines_of(column).next();
        let only = only.filter(|_| self.lines_of(column).count() == 1);
        lines.find(applies).or(only)
    }

    /// The columns that tell rows apart.
    pub fn keys(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.key)
    }

    /// The table whose rows every cell of a column names, if it's such a column.
    #[must_use]
    pub fn reference(&self, column: &str) -> Option<&Reference> {
        let mut lines = self.lines_of(column);
        let all = |line: &&Line| line.case.is_none() || line.needed == Needed::Only;
        let line = lines.next().filter(all)?;
        line.kind.rows()
    }
}

#[cfg(test)]
mod tests;
