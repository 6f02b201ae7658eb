//! What is wrong with a lab's docs, and where.

use crate::{
    Place,
    code::{self, Code},
};

impl Place {
    /// A line of a document.
    pub(super) fn line(document: &str, line: usize) -> Self {
        Self {
            file: format!("docs/{document}.md"),
            line,
            column: 1,
        }
    }
}

/// A mistake in a lab's docs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the fields' names say it: place, table, row, column, text …"
)]
pub enum DocsError {
    /// The folder or a file can't be read.
    #[error("{path} can't be read: {cause}")]
    Unreadable { path: String, cause: String },
    /// A file isn't UTF-8.
    #[error("{place:#}: the bytes from here on aren't UTF-8")]
    NotUtf8 { place: Place },
    /// No such document.
    #[error("there is no document '{document}' in docs/")]
    NoDocument {
        document: String,
        nearest: Option<String>,
    },
    /// No such table.
    #[error("docs/{document}.md has no table '{title}'")]
    NoTable {
        document: String,
        title: String,
        nearest: Option<String>,
    },
    /// No such column.
    #[error("{place:#}: the table '{table}' has no column '{column}'")]
    NoColumn {
        place: Place,
        table: String,
        column: String,
        nearest: Option<String>,
    },
    /// Two tables of a document have the same title.
    #[error("{place:#}: a second table '{title}'; the first is at line {first}")]
    TableTwice {
        place: Place,
        title: String,
        first: usize,
    },
    /// A column's heading is empty, or gives a name that another column has.
    #[error("{place:#}: the table '{table}' has two columns '{column}', or one without a name")]
    BadColumn {
        place: Place,
        table: String,
        column: String,
    },
    /// A row has another number of cells than the table has columns.
    #[error(
        "{place:#}: row '{row}' of the table '{table}' has {found} cells, its columns are {wanted}"
    )]
    Ragged {
        place: Place,
        table: String,
        row: String,
        found: usize,
        wanted: usize,
    },
    /// Two rows are the same.
    #[error(
        "{place:#}: row '{row}' of the table '{table}' stands there twice; the first is at line {first}"
    )]
    RowTwice {
        place: Place,
        table: String,
        row: String,
        first: usize,
    },
    /// Lines that look like rows and belong to no table.
    #[error("{place:#}: {}", stray(*count, after.as_deref()))]
    Stray {
        place: Place,
        count: usize,
        after: Option<String>,
    },
    /// Two rows of a table have the same key.
    #[error(
        "{place:#}: two rows of the table '{table}' are about {key}; the first is at line {first}"
    )]
    KeyTwice {
        place: Place,
        table: String,
        key: String,
        first: usize,
    },
    /// A cell that has to say something is empty.
    #[error(
        "{place:#}: row '{row}' of the table '{table}' says nothing in '{column}': {what} is needed"
    )]
    Empty {
        place: Place,
        table: Box<str>,
        row: Box<str>,
        column: Box<str>,
        what: String,
    },
    /// A cell says something in a row in which it isn't read.
    #[error(
        "{place:#}: row '{row}', column '{column}': '{text}' isn't read; it counts {case} alone"
    )]
    Unread {
        place: Place,
        row: Box<str>,
        column: Box<str>,
        text: Box<str>,
        case: String,
    },
    /// A table has no row that it needs.
    #[error("{place:#}: the table '{table}' has no row{}", no_row(key.as_deref(), by.as_deref()))]
    NoRow {
        place: Place,
        table: String,
        key: Option<String>,
        by: Option<String>,
    },
    /// Something that homelab knows under a name nearly like this one.
    #[error("{place:#}: homelab knows no {what} '{name}'{}", table.as_deref().map_or_else(String::new, |table| format!(" of {table}")))]
    Misspelt {
        place: Place,
        what: &'static str,
        name: String,
        table: Option<String>,
        nearest: String,
    },
    /// A line of a schema can't be read.
    #[error("{place:#}: {why}")]
    BadSchema { place: Place, why: String },
    /// A reference column points to a table that isn't there.
    #[error(
        "{place:#}: column '{column}' of the table '{table}' points to {target}, which isn't there"
    )]
    NoTarget {
        place: Place,
        table: String,
        column: String,
        target: String,
    },
    /// Cells name a key that their table doesn't have: the first one, and the others.
    #[error(
        "{place:#}: row '{row}', column '{column}': '{key}' is no row of {target}{}",
        also(others)
    )]
    Dangling {
        place: Place,
        row: Box<str>,
        column: Box<str>,
        key: Box<str>,
        target: String,
        nearest: Option<String>,
        others: Vec<Place>,
    },
    /// The same fact stands in two cells.
    #[error(
        "{place:#}: row '{row}', column '{column}': the {what} {text} also stands at {first:#}"
    )]
    TwoPlaces {
        place: Place,
        row: Box<str>,
        column: Box<str>,
        what: &'static str,
        text: String,
        first: Place,
    },
    /// Two networks overlap.
    #[error(
        "{place:#}: row '{row}', column '{column}': {network} overlaps {other} of line {first}"
    )]
    Overlap {
        place: Place,
        row: Box<str>,
        column: Box<str>,
        network: String,
        other: String,
        first: usize,
    },
    /// A VLAN's id stands twice.
    #[error("{place:#}: VLAN {vlan} stands there twice; the first is at line {first}")]
    VlanTwice {
        place: Place,
        vlan: i64,
        first: usize,
    },
    /// A VLAN's id is out of range.
    #[error("{place:#}: row '{row}': VLAN {vlan} isn't between 1 and 4094")]
    VlanRange {
        place: Place,
        row: String,
        vlan: i64,
    },
    /// A host's name stands twice.
    #[error("{place:#}: the host name '{name}' also stands at {first:#}")]
    HostTwice {
        place: Place,
        name: String,
        first: Place,
    },
    /// A cell isn't what its column says, or looks like an address, a network or a MAC address and isn't one.
    #[error("{place:#}: row '{row}', column '{column}': '{text}' isn't {what}")]
    BadValue {
        place: Place,
        row: Box<str>,
        column: Box<str>,
        text: Box<str>,
        what: Box<str>,
        nearest: Option<String>,
        /// Whether the cell may be empty.
        optional: bool,
    },
}

/// Where else the same is wrong.
fn also(others: &[Place]) -> String {
    let mut files: Vec<(&str, Vec<String>)> = Vec::new();
    for place in others {
        let line = place.line.to_string();
        match files.last_mut().filter(|(file, _)| *file == &*place.file) {
            Some((_, lines)) => lines.push(line),
            None => files.push((&place.file, vec![line])),
        }
    }
    let files: Vec<String> = files
        .iter()
        .map(|(file, lines)| format!("{file}:{}", lines.join(",")))
        .collect();
    match others.len() {
        0 => String::new(),
        1 => format!("; one other cell says the same: {}", files.join(" ")),
        count => format!("; {count} other cells say the same: {}", files.join(" ")),
    }
}

fn stray(count: usize, after: Option<&str>) -> String {
    let what = match count {
        1 => "this row belongs to no table".to_owned(),
        _ => format!("these {count} rows belong to no table"),
    };
    match after {
        Some(title) => format!("{what}: '{title}' ended before"),
        None => what,
    }
}

/// Which row, and what needs it.
fn no_row(key: Option<&str>, by: Option<&str>) -> String {
    let key = key.map(|key| format!(" '{key}'")).unwrap_or_default();
    let by = by
        .map(|by| format!(", which {by} needs"))
        .unwrap_or_default();
    format!("{key}{by}")
}

impl DocsError {
    /// Whether homelab can do without what is meant, so that it's pointed out, and refused by nothing.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        matches!(
            self,
            Self::Misspelt { .. } | Self::Unread { .. } | Self::NoRow { by: Some(_), .. }
        )
    }

    /// Where it is, if it is in a file.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::Unreadable { .. } | Self::NoDocument { .. } | Self::NoTable { .. } => None,
            Self::NotUtf8 { place }
            | Self::NoColumn { place, .. }
            | Self::TableTwice { place, .. }
            | Self::BadColumn { place, .. }
            | Self::Ragged { place, .. }
            | Self::RowTwice { place, .. }
            | Self::Stray { place, .. }
            | Self::KeyTwice { place, .. }
            | Self::Empty { place, .. }
            | Self::Unread { place, .. }
            | Self::NoRow { place, .. }
            | Self::Misspelt { place, .. }
            | Self::BadSchema { place, .. }
            | Self::NoTarget { place, .. }
            | Self::Dangling { place, .. }
            | Self::TwoPlaces { place, .. }
            | Self::Overlap { place, .. }
            | Self::VlanTwice { place, .. }
            | Self::VlanRange { place, .. }
            | Self::HostTwice { place, .. }
            | Self::BadValue { place, .. } => Some(place),
        }
    }

    /// The stable code of the class: `homelab::docs::dangling`.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } => code::docs::unreadable,
            Self::NotUtf8 { .. } => code::docs::not_utf8,
            Self::NoDocument { .. } => code::docs::no_document,
            Self::NoTable { .. } => code::docs::no_table,
            Self::NoColumn { .. } => code::docs::no_column,
            Self::TableTwice { .. } => code::docs::table_twice,
            Self::BadColumn { .. } => code::docs::bad_column,
            Self::Ragged { .. } => code::docs::ragged,
            Self::RowTwice { .. } | Self::KeyTwice { .. } => code::docs::row_twice,
            Self::Stray { .. } => code::docs::stray,
            Self::Empty { .. } => code::docs::empty,
            Self::Unread { .. } => code::docs::unread,
            Self::NoRow { .. } => code::docs::no_row,
            Self::Misspelt { .. } => code::docs::misspelt,
            Self::BadSchema { .. } => code::docs::bad_schema,
            Self::NoTarget { .. } => code::docs::no_target,
            Self::Dangling { .. } => code::docs::dangling,
            Self::TwoPlaces { .. } => code::docs::two_places,
            Self::Overlap { .. } => code::docs::overlap,
            Self::VlanTwice { .. } => code::docs::vlan_twice,
            Self::VlanRange { .. } => code::docs::vlan_range,
            Self::HostTwice { .. } => code::docs::host_twice,
            Self::BadValue { .. } => code::docs::bad_value,
        }
    }

    /// What the reader can do next.
    #[must_use]
    pub fn help(&self) -> String {
        let meant = |nearest: &Option<String>, otherwise: &str| match nearest {
            Some(nearest) => format!("did you mean '{nearest}'?"),
            None => otherwise.to_owned(),
        };
        match self {
            Self::Unreadable { .. } => "check that it is there and may be read".to_owned(),
            Self::NotUtf8 { .. } => "save the file as UTF-8".to_owned(),
            Self::NoDocument { nearest, document } => {
                meant(nearest, &format!("make docs/{document}.md"))
            }
            Self::NoTable { nearest, title, .. } => meant(
                nearest,
                &format!("put a heading '{title}' and a table below it"),
            ),
            Self::NoColumn { nearest, .. } => {
                meant(nearest, "add the column to the table's header")
            }
            Self::TableTwice { .. } => "give one of the two headings another text".to_owned(),
            Self::BadColumn { .. } => "give each column a heading of its own".to_owned(),
            Self::Ragged { .. } => {
                "add or remove '|'; write \\| for one that belongs to the text".to_owned()
            }
            Self::RowTwice { .. } | Self::KeyTwice { .. } => "remove one of the two rows".to_owned(),
            Self::Stray { .. } => {
                "a table ends at a blank line, a line of text or a comment: put the rows right below the others"
                    .to_owned()
            }
            Self::Empty { .. } => "fill the cell".to_owned(),
            Self::Unread { .. } => "leave the cell empty, or correct the other one".to_owned(),
            Self::NoRow { .. } => "add the row".to_owned(),
            Self::Misspelt { nearest, .. } => {
                format!("did you mean '{nearest}'? If it's the lab's own, declare it in docs/TABLES.md")
            }
            Self::BadSchema { .. } => "`homelab help tables` says how tables are declared".to_owned(),
            Self::NoTarget { .. } => {
                "write the table's title after the arrow, or DOCUMENT/TITLE".to_owned()
            }
            Self::Dangling {
                nearest, target, ..
            } => meant(nearest, &format!("add the row to {target}")),
            Self::TwoPlaces { .. } => {
                "keep the fact in one place; let the other column point there: 'Heading → TABLE'"
                    .to_owned()
            }
            Self::Overlap { .. } => "give the two networks ranges of their own".to_owned(),
            Self::VlanTwice { .. } => "give one of the two another id".to_owned(),
            Self::VlanRange { .. } => "choose an id between 1 and 4094".to_owned(),
            Self::HostTwice { .. } => "give one of the two hosts another name".to_owned(),
            Self::BadValue { nearest, optional: true, .. } => {
                meant(nearest, "correct the cell, or leave it empty")
            }
            Self::BadValue { nearest, .. } => meant(nearest, "correct the cell"),
        }
    }
}
