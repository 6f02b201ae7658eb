//! The types of cells: a small closed language, as pages of schemas write it.

use super::plain::{self, Plain};
use crate::docs::{Reference, Value, columns, nearest};

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A format: `size`, `address/prefix`.
    Plain(&'static Plain),
    /// `number 1 to 4094`.
    Number {
        /// The least one.
        least: i64,
        /// The greatest one.
        most: i64,
    },
    /// `one of ext4, xfs`.
    OneOf(Vec<String>),
    /// `row of HARDWARE/Nodes`: the key of one.
    Row(Reference),
    /// `Interface of HARDWARE/Interfaces where Node is Name`: a cell of a row there.
    Cell(Lookup),
    /// `list of …`, with commas between, or blanks where no item can have one.
    List(Box<Self>),
    /// `… or …`.
    Either(Vec<Self>),
}

/// Which cells of another table are meant. Columns are given by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The column.
    pub column: String,
    /// Its table.
    pub table: Reference,
    /// A column there and one here that say the same; none for any row.
    pub same: Option<(String, String)>,
}

/// A text, or an item of a list, that isn't what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What stands there.
    pub text: String,
    /// What is wanted, with an article: `a size: 64 GiB`.
    pub what: String,
    /// What may have been meant.
    pub nearest: Option<String>,
}

impl Kind {
    /// Reads the words of a type; none if they are no type.
    pub(super) fn parse(words: &str) -> Option<Self> {
        if let Some(plain) = plain::find(words) {
            return Some(Self::Plain(plain));
        }
        if let Some(item) = words.strip_prefix("list of ") {
            return Some(Self::List(Box::new(Self::parse(item)?)));
        }
        if words.contains(" or ") {
            let parts = words.split(" or ").map(Self::parse);
            return parts.collect::<Option<_>>().map(Self::Either);
        }
        if let Some(texts) = words.strip_prefix("one of ") {
            return Some(Self::OneOf(texts.split(", ").map(str::to_owned).collect()));
        }
        number(words).or_else(|| elsewhere(words))
    }

    /// Reads a text that isn't empty; whether rows of other tables are there isn't looked at.
    ///
    /// # Errors
    /// It's something else.
    pub fn read(&self, text: &str) -> Result<Value, Unfit> {
        let found = match self {
            Self::Plain(plain) => return plain.read(text),
            Self::Number { least, most } => text
                .parse()
                .ok()
                .filter(|number| (least..=most).contains(&number))
                .map(Value::Integer),
            Self::List(item) => {
                for part in item.items(text) {
                    item.read(part)?;
                }
                Some(Value::Text(text.to_owned()))
            }
            Self::OneOf(texts) => texts
                .iter()
                .find(|own| *own == text)
                .map(|own| Value::Text(own.clone())),
            Self::Either(kinds) => kinds.iter().find_map(|kind| kind.read(text).ok()),
            Self::Row(_) | Self::Cell(_) => Some(Value::Text(text.to_owned())),
        };
        found.ok_or_else(|| self.unfit(text, []))
    }

    /// The items of a list of this type.
    pub fn items<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let blanks = !matches!(self, Self::Row(_));
        let parts = text.split(move |c: char| c == ',' || (blanks && c.is_whitespace()));
        parts.map(str::trim).filter(|part| !part.is_empty())
    }

    /// That a text isn't of this type; `known` are the keys or cells that it could name.
    pub fn unfit<'a>(&'a self, text: &str, known: impl IntoIterator<Item = &'a str>) -> Unfit {
        Unfit {
            text: text.to_owned(),
            what: self.wanted(),
            nearest: nearest(text, self.texts().into_iter().chain(known)),
        }
    }

    /// What is wanted, with an article.
    #[must_use]
    pub fn wanted(&self) -> String {
        match self {
            Self::Plain(plain) => plain.wanted.to_owned(),
            Self::Number { least, most } if *most == i64::MAX => {
                format!("a whole number from {least} on")
            }
            Self::Number { least, most } => format!("a whole number between {least} and {most}"),
            Self::OneOf(texts) => format!("one of {}", texts.join(", ")),
            Self::Row(table) => format!("a row of {table}"),
            Self::Cell(lookup) => format!("in {}", lookup.table),
            Self::List(item) => item.wanted(),
            Self::Either(kinds) => {
                let all: Vec<String> = kinds.iter().map(Self::wanted).collect();
                all.join(", or ")
            }
        }
    }

    /// The table whose rows such cells name, one or a list.
    #[must_use]
    pub fn rows(&self) -> Option<&Reference> {
        match self {
            Self::Row(table) => Some(table),
            Self::List(item) => item.rows(),
            _ => None,
        }
    }

    /// When two texts of this type say the same.
    #[must_use]
    pub fn meaning(&self) -> super::Meaning {
        match self {
            Self::Plain(plain) => plain.meaning,
            Self::Either(kinds) => kinds.first().map_or(super::Meaning::Text, Self::meaning),
            _ => super::Meaning::Text,
        }
    }

    /// The texts that are allowed, where they can be listed.
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::OneOf(texts) => texts.iter().map(String::as_str).collect(),
            Self::Either(kinds) => kinds.iter().flat_map(Self::texts).collect(),
            _ => Vec::new(),
        }
    }
}

/// `number`, `number from 1`, `number 0 to 7`.
fn number(words: &str) -> Option<Kind> {
    let limits = words.strip_prefix("number")?.trim();
    let (least, most) = match (limits.strip_prefix("from "), limits.split_once(" to ")) {
        _ if limits.is_empty() => (i64::MIN, i64::MAX),
        (Some(least), _) => (least.parse().ok()?, i64::MAX),
        (None, Some((least, most))) => (least.parse().ok()?, most.parse().ok()?),
        (None, None) => return None,
    };
    Some(Kind::Number { least, most })
}

/// `row of TABLE`, `rows of TABLE`, `COLUMN of TABLE`, with `where THEIRS is OURS`.
fn elsewhere(words: &str) -> Option<Kind> {
    let (column, rest) = words.split_once(" of ")?;
    let (table, same) = match rest.split_once(" where ") {
        Some((table, same)) => (table, Some(same.split_once(" is ")?)),
        None => (rest, None),
    };
    table.contains('/').then_some(())?;
    let table = columns::reference("", table);
    if matches!(column, "row" | "rows") {
        return Some(Kind::Row(table));
    }
    let name = columns::name;
    Some(Kind::Cell(Lookup {
        column: name(column),
        table,
        same: same.map(|(there, here)| (name(there), name(here))),
    }))
}
