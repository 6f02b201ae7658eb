//! From a table's lines to its rows, each with its key.

use std::{collections::HashMap, sync::Arc};

use super::{
    Cell, Column, DocsError, Line, Row, TableSchema, Value,
    markdown::{RawRow, RawTable},
    value,
};
use crate::Place;

/// Reads the rows of `raw`; every mistake is reported, not just the first.
pub(super) fn read(
    document: &str,
    raw: RawTable,
    columns: &Arc<[Column]>,
    schema: Option<&TableSchema>,
) -> Result<Vec<Row>, Vec<DocsError>> {
    let place = |line| Place::line(document, line);
    let mut errors = Vec::new();
    let mut rows = Vec::new();
    for line in raw.rows {
        if line.cells.len() == columns.len() {
            rows.push(row(line, columns, schema));
        } else {
            errors.push(DocsError::Ragged {
                place: place(line.line),
                table: raw.title.clone(),
                row: line
                    .cells
                    .first()
                    .map(|cell| cell.text.clone())
                    .unwrap_or_default(),
                found: line.cells.len(),
                wanted: columns.len(),
            });
        }
    }
    for (first, second) in set_keys(&mut rows) {
        errors.push(DocsError::RowTwice {
            place: place(rows[second].line),
            table: raw.title.clone(),
            row: rows[second].key.clone(),
            first: rows[first].line,
        });
    }
    if errors.is_empty() {
        Ok(rows)
    } else {
        Err(errors)
    }
}

fn row(raw: RawRow, columns: &Arc<[Column]>, schema: Option<&TableSchema>) -> Row {
    let line = raw.line;
    let texts: Vec<String> = raw.cells.iter().map(|cell| cell.text.clone()).collect();
    let other = |name: &str| {
        let at = columns.iter().position(|column| column.name == name)?;
        texts
            .get(at)
            .map(String::as_str)
            .filter(|text| !value::is_missing(text))
    };
    let cells: Vec<Cell> = raw
        .cells
        .into_iter()
        .zip(columns.iter())
        .map(|(cell, column)| Cell {
            value: typed(
                &cell.text,
                schema.and_then(|table| table.line(&column.name, other)),
            ),
            text: cell.text,
            line,
            column: cell.column,
        })
        .collect();
    Row {
        key: String::new(),
        cells,
        line,
        columns: columns.clone(),
    }
}

/// A text that isn't as its schema says is found by the rules; until then it's what it looks like.
fn typed(text: &str, line: Option<&Line>) -> Value {
    let typed = line.filter(|_| !value::is_missing(text));
    let typed = typed.and_then(|line| line.kind.read(text).ok());
    typed.unwrap_or_else(|| Value::parse(text))
}

/// Makes keys of as few columns as tell all rows apart; returns the pairs that no column tells apart.
fn set_keys(rows: &mut [Row]) -> Vec<(usize, usize)> {
    let width = rows.first().map_or(0, |row| row.cells.len());
    for count in 1..=width {
        for row in rows.iter_mut() {
            let parts: Vec<&str> = row.cells[..count]
                .iter()
                .map(|cell| cell.text.as_str())
                .collect();
            row.key = parts.join("/");
        }
        if twins(rows).is_empty() {
            return Vec::new();
        }
    }
    twins(rows)
}

fn twins(rows: &[Row]) -> Vec<(usize, usize)> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut twins = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        match seen.get(row.key.as_str()) {
            Some(first) => twins.push((*first, i)),
            None => {
                seen.insert(&row.key, i);
            }
        }
    }
    twins
}
