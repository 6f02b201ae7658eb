//! In which rows a line of a schema counts: `where Type is nfs, iscsi`, `without Gateway of`.

use std::fmt;

use crate::docs::columns;

/// Which rows are meant, by another cell of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The other column's name.
    pub column: String,
    /// The texts that its cell may have; none if it's empty.
    pub texts: Vec<String>,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.column.replace('_', " ");
        match self.texts.as_slice() {
            [] => write!(f, "without {column}"),
            texts => write!(f, "where {column} is {}", texts.join(", ")),
        }
    }
}

impl Condition {
    /// Reads `where COLUMN is TEXT, …` and `without COLUMN`.
    pub(super) fn parse(words: &str) -> Option<Self> {
        if let Some(heading) = words.strip_prefix("without ") {
            let (column, texts) = (columns::name(heading), Vec::new());
            return Some(Self { column, texts });
        }
        let (heading, texts) = words.strip_prefix("where ")?.split_once(" is ")?;
        Some(Self {
            column: columns::name(heading),
            texts: texts.split(", ").map(str::to_owned).collect(),
        })
    }

    /// Whether a row is meant; `text` gives the texts of its cells that aren't empty.
    pub fn holds<'a>(&self, text: impl Fn(&str) -> Option<&'a str>) -> bool {
        match text(&self.column) {
            Some(text) => self.texts.iter().any(|own| own == text),
            None => self.texts.is_empty(),
        }
    }
}
