//! The facts of a lab: the tables in the Markdown files of `docs/`.
//!
//! A fact table is the first table under a heading; its title is the heading's text, its document the file's
//! name without `.md`. Text around tables is prose. Structure is checked on loading, meaning by [`rules`]; what each table
//! says, its [`schema`] tells.

mod columns;
mod document;
pub mod edit;
mod error;
mod facts;
mod learnable;
mod markdown;
mod rows;
pub mod rules;
pub mod schema;
mod table;
mod value;

pub use document::{Document, NotWritten};
pub use error::DocsError;
pub use facts::Docs;
pub use learnable::{Absent, Learnable};
pub use schema::{Line, Meaning, Schema, TableSchema};
pub use table::{Cell, Column, Reference, Row, Table};
pub use value::Value;

/// Finds the candidate nearest to `name`, if one is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::jaro_winkler(&name.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}
