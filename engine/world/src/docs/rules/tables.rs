//! Tables have the columns, the rows and the keys that their schemas say.

use std::collections::HashMap;

use crate::docs::{
    Docs, DocsError, Line, Row, Table, TableSchema, nearest,
    schema::{Needed, NeededRow},
};

pub(super) fn check(docs: &Docs) -> Vec<DocsError> {
    let known = |table: &&Table| table.schema.is_some();
    if docs.tables().find(known).is_none() {
        return Vec::new();
    }
    let all = docs.schema().tables();
    let mut missing: Vec<DocsError> = all.filter_map(|schema| missing(docs, schema)).collect();
    // A document that isn't there lacks all its tables.
    missing.dedup();
    let tables = docs
        .tables()
        .filter_map(|table| Some((table, table.schema.as_deref()?)));
    let inside = tables.flat_map(|(table, schema)| {
        let mut errors = columns(table, schema);
        errors.extend(rows(table, schema));
        let keys: Vec<&Line> = schema.keys().collect();
        errors.extend(doubled(table, &keys));
        let once = schema.lines.iter().filter(|line| line.once);
        errors.extend(once.flat_map(|line| doubled(table, &[line])));
        errors
    });
    missing.into_iter().chain(inside).collect()
}

/// A table that isn't there: every lab has it, or one is there whose title is nearly the same.
fn missing(docs: &Docs, schema: &TableSchema) -> Option<DocsError> {
    let name = &schema.name;
    let error = docs.table(&name.document, &name.title).err()?;
    if schema.needed {
        return Some(error);
    }
    let own = |table: &&Table| table.document == name.document && table.schema.is_none();
    let table = docs
        .tables()
        .filter(own)
        .find(|table| is_near(&table.title, &name.title))?;
    Some(DocsError::Misspelt {
        place: table.place(table.line),
        what: "table",
        name: table.title.clone(),
        table: None,
        nearest: name.title.clone(),
    })
}

fn columns(table: &Table, schema: &TableSchema) -> Vec<DocsError> {
    let has = |name: &str| table.columns.iter().any(|column| column.name == name);
    let unknown = || {
        let columns = table.columns.iter();
        columns.filter(|column| schema.lines_of(&column.name).next().is_none())
    };
    let mut errors = Vec::new();
    for line in schema.lines.iter().filter(|line| !has(&line.column)) {
        if table.rows.iter().any(|row| line.needs(row)) {
            errors.push(DocsError::NoColumn {
                place: table.place(table.line),
                table: table.title.clone(),
                column: line.column.clone(),
                nearest: nearest(&line.column, unknown().map(|column| column.name.as_str())),
            });
        } else if let Some(column) = unknown().find(|own| is_near(&own.name, &line.column)) {
            errors.push(DocsError::Misspelt {
                place: table.place(table.line),
                what: "column",
                name: column.heading.clone(),
                table: Some(schema.name.to_string()),
                nearest: line.heading.clone(),
            });
        }
    }
    errors.dedup();
    errors
}

/// The rows that a table needs, and those whose keys are nearly that of one that is known.
fn rows(table: &Table, schema: &TableSchema) -> Vec<DocsError> {
    let place = || table.place(table.line);
    let title = || table.title.clone();
    let no_row = |key: Option<String>, by: Option<String>| DocsError::NoRow {
        place: place(),
        table: title(),
        key,
        by,
    };
    let mut errors = Vec::new();
    if schema.needed && table.rows.is_empty() {
        errors.push(no_row(None, None));
    }
    let misspelt = misspelt_rows(table, schema);
    let is_there = |row: &NeededRow| {
        let renamed = || misspelt.iter().any(|(_, key)| **key == row.key);
        table.row(&row.key).is_some() || (row.by.is_some() && renamed())
    };
    let lacking = schema.rows.iter().filter(|row| !is_there(row));
    errors.extend(lacking.map(|row| no_row(Some(row.key.clone()), row.by.clone())));
    errors.extend(misspelt.iter().map(|(row, key)| DocsError::Misspelt {
        place: table.place(row.line),
        what: "row",
        name: row.key.clone(),
        table: Some(schema.name.to_string()),
        nearest: (*key).clone(),
    }));
    errors
}

/// Rows whose keys are nearly those of known ones that aren't there.
fn misspelt_rows<'a>(table: &'a Table, schema: &'a TableSchema) -> Vec<(&'a Row, &'a String)> {
    let is_known = |row: &Row| cases(schema).any(|key| *key == row.key);
    let near = |row: &'a Row| {
        let mut lacking = cases(schema).filter(|key| table.row(key).is_none());
        Some((row, lacking.find(|key| is_near(&row.key, key))?))
    };
    let unknown = table.rows.iter().filter(|row| !is_known(row));
    unknown.filter_map(near).collect()
}

/// The keys of rows that have lines of their own.
fn cases(schema: &TableSchema) -> impl Iterator<Item = &String> {
    let key = schema.keys().next().map(|line| line.column.as_str());
    let cases = schema.lines.iter().filter_map(|line| line.case.as_ref());
    cases
        .filter(move |case| Some(case.column.as_str()) == key)
        .flat_map(|case| &case.texts)
}

/// Rows that say the same in columns that tell rows apart, however they write it.
fn doubled(table: &Table, keys: &[&Line]) -> Vec<DocsError> {
    let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
    let mut errors = Vec::new();
    let text = |row: &Row, line: &Line| {
        let text = row.text(&line.column).unwrap_or_default();
        line.kind.meaning().bare(text)
    };
    for row in &table.rows {
        let key: Vec<String> = keys.iter().map(|line| text(row, line)).collect();
        if key.iter().all(String::is_empty) {
            continue;
        }
        let first = *seen.entry(key.clone()).or_insert(row.line);
        if first != row.line {
            errors.push(DocsError::KeyTwice {
                place: table.place(row.line),
                table: table.title.clone(),
                key: said(keys, &key),
                first,
            });
        }
    }
    errors
}

/// `Node pve1 and Device /dev/sda`.
fn said(keys: &[&Line], texts: &[String]) -> String {
    let both = keys.iter().zip(texts).filter(|(_, text)| !text.is_empty());
    let all: Vec<String> = both
        .map(|(line, text)| format!("{} {text}", line.heading))
        .collect();
    all.join(" and ")
}

impl Line {
    /// Whether a row that has no such column lacks it.
    pub(crate) fn needs(&self, row: &Row) -> bool {
        let case = self.case.as_ref();
        self.needed == Needed::Yes && case.is_none_or(|case| case.holds(|other| row.text(other)))
    }

    /// Whether what a row says there isn't read.
    pub(super) fn passes_over(&self, row: &Row) -> bool {
        let case = self.case.as_ref().filter(|_| self.needed == Needed::Only);
        case.is_some_and(|case| !case.holds(|other| row.text(other)))
    }
}

/// Whether one name is the other one misspelt: they differ in case and marks alone, or by a letter or two.
fn is_near(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let (one, other) = (plain(one), plain(other));
    let distance = strsim::osa_distance(&one, &other);
    distance <= 1 || (distance == 2 && one.len().min(other.len()) > 7)
}
