//! From a page of schemas to the schemas: a heading a table, prose, and a table with a line a column.

use std::sync::Arc;

use super::{Condition, Kind, Line, Needed, NeededRow, Schema, TableSchema};
use crate::Place;
use crate::docs::{
    DocsError, Reference, columns,
    markdown::{self, RawCell, RawRow, RawTable},
};

/// The columns of each of the page's tables.
const COLUMNS: [&str; 4] = ["Column", "Type", "Needed", "Says"];
/// What a sentence of the prose says of a table to homelab.
const NEEDED: &str = "Every lab has it.";
const COMPLETE: &str = "What isn't here isn't wanted.";
/// Rows by their keys, and what needs them: the table itself (`it`), or some of what is done with it.
const ROWS: (&str, &str) = ("Rows that ", " needs: ");

/// Reads a page.
///
/// # Errors
/// A table isn't one of a schema, or a line can't be read; every mistake is reported.
pub(super) fn read(document: &str, text: &str) -> Result<Schema, Vec<DocsError>> {
    let mut schema = Schema::default();
    let mut errors = Vec::new();
    for raw in markdown::read(text).tables {
        match table(document, &raw) {
            Ok(table) => schema.tables.push(Arc::new(table)),
            Err(more) => errors.extend(more),
        }
    }
    if errors.is_empty() {
        Ok(schema)
    } else {
        Err(errors)
    }
}

/// A column that is declared though homelab knows it.
pub(super) fn known(text: &str, table: &Reference, heading: &str) -> DocsError {
    let title = table.to_string();
    let tables = markdown::read(text).tables;
    let raw = tables.iter().find(|raw| raw.title == title);
    let is_it = |row: &&RawRow| row.cells.first().is_some_and(|cell| cell.text == heading);
    let row = raw.and_then(|raw| raw.rows.iter().find(is_it));
    wrong(
        super::DOCUMENT,
        row.map_or(0, |row| row.line),
        format!("homelab knows the column '{heading}' of {title} already"),
    )
}

fn wrong(document: &str, line: usize, why: String) -> DocsError {
    let place = Place::line(document, line);
    DocsError::BadSchema { place, why }
}

fn table(document: &str, raw: &RawTable) -> Result<TableSchema, Vec<DocsError>> {
    let refuse = |line, why: String| vec![wrong(document, line, why)];
    let header: Vec<&str> = raw.header.iter().map(|cell| cell.text.as_str()).collect();
    if header != COLUMNS {
        let wanted = COLUMNS.join(", ");
        return Err(refuse(
            raw.line,
            format!("the columns of a schema are {wanted}"),
        ));
    }
    let Some((name, title)) = raw.title.split_once('/') else {
        let why = format!("'{}' names no table: write DOCUMENT/TITLE", raw.title);
        return Err(refuse(raw.line, why));
    };
    let read = raw
        .rows
        .iter()
        .map(|row| line(row).map_err(|why| wrong(document, row.line, why)));
    let (lines, errors): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    if !errors.is_empty() {
        return Err(errors.into_iter().filter_map(Result::err).collect());
    }
    let (says, facts) = parted(&raw.prose);
    Ok(TableSchema {
        name: Reference {
            document: name.to_owned(),
            title: title.to_owned(),
        },
        says,
        needed: facts.contains(&NEEDED),
        complete: facts.contains(&COMPLETE),
        rows: facts.iter().flat_map(|fact| rows(fact)).collect(),
        lines: lines.into_iter().flatten().collect(),
        declared: section(raw),
    })
}

/// A section as it's read.
fn section(raw: &RawTable) -> String {
    let line = |cells: &[RawCell]| -> String {
        let cells = cells
            .iter()
            .map(|cell| cell.text.replace('|', "\\|") + " |");
        format!("|{}\n", cells.collect::<String>())
    };
    let rows: String = raw.rows.iter().map(|row| line(&row.cells)).collect();
    let (title, header) = (&raw.title, line(&raw.header));
    format!("## {title}\n{header}|--|--|--|--|\n{rows}")
}

/// The prose for people, and the sentences in it that homelab reads.
fn parted(prose: &str) -> (String, Vec<&str>) {
    let sentences = prose.split_inclusive(". ").map(str::trim);
    let is_fact = |text: &&str| [NEEDED, COMPLETE].contains(text) || text.starts_with(ROWS.0);
    let (facts, says): (Vec<&str>, Vec<&str>) = sentences.partition(is_fact);
    (says.join(" "), facts)
}

/// The rows that a sentence names.
fn rows(fact: &str) -> Vec<NeededRow> {
    let said = fact
        .strip_prefix(ROWS.0)
        .and_then(|said| said.split_once(ROWS.1));
    let Some((by, keys)) = said else {
        return Vec::new();
    };
    let by = Some(by).filter(|by| *by != "it").map(str::to_owned);
    let row = |key: &str| NeededRow {
        key: key.to_owned(),
        by: by.clone(),
    };
    keys.trim_end_matches('.').split(", ").map(row).collect()
}

fn line(row: &RawRow) -> Result<Line, String> {
    let [heading, kind, needed, says] = row.cells.as_slice() else {
        return Err(format!("a line of a schema has {} cells", COLUMNS.len()));
    };
    let (key, words) = match needed.text.strip_prefix("key") {
        Some(rest) => (true, rest.trim_start_matches([',', ' '])),
        None => (false, needed.text.as_str()),
    };
    let (once, words) = match words {
        "once" => (true, "no"),
        words => (false, words),
    };
    let (needed, case) = need(words)?;
    let unread = || format!("'{}' is no type; `homelab help tables` has them", kind.text);
    Ok(Line {
        column: columns::name(&heading.text),
        heading: heading.text.clone(),
        kind: Kind::parse(&kind.text).ok_or_else(unread)?,
        key,
        once,
        needed,
        case,
        says: says.text.clone(),
    })
}

fn need(words: &str) -> Result<(Needed, Option<Condition>), String> {
    Ok(match words {
        "" | "yes" => (Needed::Yes, None),
        "no" | "or empty" => (Needed::No, None),
        _ => {
            let (needed, case) = match words.strip_prefix("only ") {
                Some(case) => (Needed::Only, case),
                None => (Needed::Yes, words),
            };
            let case = Condition::parse(case).ok_or_else(|| format!(
                "'{words}' isn't key, key or empty, yes, no, once, where COLUMN is TEXT, only where …, or without COLUMN"
            ))?;
            (needed, Some(case))
        }
    })
}
