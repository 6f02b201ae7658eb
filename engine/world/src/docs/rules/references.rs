//! The cells of a reference column name rows of its table, by their keys.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use crate::docs::{Cell, Column, Docs, DocsError, Row, Table, nearest};

pub(super) fn check(docs: &Docs) -> Vec<DocsError> {
    let each = |table| move |column| column_errors(docs, table, column);
    docs.tables()
        .flat_map(|table| table.columns.iter().flat_map(each(table)))
        .collect()
}

/// The cells of a column that name rows that aren't there.
pub(super) fn column_errors(docs: &Docs, table: &Table, column: &Column) -> Vec<DocsError> {
    let cells = || {
        let cells = table
            .rows
            .iter()
            .filter_map(|row| Some((row, row.get(&column.name)?)));
        cells.flat_map(|(row, cell)| cell.keys().into_iter().map(move |key| (row, cell, key)))
    };
    let there = match target(docs, table, column) {
        Ok(Some(there)) => there,
        // A table that a lab does without may be pointed to, as long as no cell does.
        Err(error) if cells().next().is_some() => return vec![error],
        Ok(None) | Err(_) => return Vec::new(),
    };
    let known: HashSet<&str> = there.rows.iter().map(|row| row.key.as_str()).collect();
    cells()
        .filter(|(_, _, key)| !known.contains(key))
        .map(|(row, cell, key)| dangling(table, (row, cell), column, there, key))
        .collect()
}

/// One finding for each key that isn't there, with all its places: a row that was renamed is one mistake.
pub(super) fn together(docs: &Docs, errors: Vec<DocsError>) -> Vec<DocsError> {
    let mut firsts: HashMap<(String, Box<str>), usize> = HashMap::new();
    let mut all: Vec<DocsError> = Vec::new();
    for error in errors {
        let DocsError::Dangling {
            target, key, place, ..
        } = &error
        else {
            all.push(error);
            continue;
        };
        let first = *firsts
            .entry((target.clone(), key.clone()))
            .or_insert(all.len());
        match all.get_mut(first) {
            Some(DocsError::Dangling { others, .. }) => others.push(place.clone()),
            _ => all.push(error),
        }
    }
    all.iter_mut().for_each(|error| rename(docs, error));
    all
}

/// Of a key that several cells name, the row that no cell names is what it's called now.
fn rename(docs: &Docs, error: &mut DocsError) {
    let DocsError::Dangling {
        target,
        nearest: near,
        others,
        key,
        ..
    } = error
    else {
        return;
    };
    if others.is_empty() {
        return;
    }
    let pointing = docs.tables().flat_map(|table| {
        let to = |column: &&Column| {
            column
                .reference
                .as_ref()
                .is_some_and(|to| to.to_string() == *target)
        };
        let columns = table.columns.iter().filter(to);
        columns.flat_map(|column| table.rows.iter().filter_map(|row| row.get(&column.name)))
    });
    let named: HashSet<&str> = pointing.flat_map(Cell::keys).collect();
    let is_it = |table: &&Table| format!("{}/{}", table.document, table.title) == *target;
    let rows = docs.tables().filter(is_it).flat_map(|table| &table.rows);
    let free: Vec<&str> = rows
        .map(|row| row.key.as_str())
        .filter(|key| !named.contains(key))
        .collect();
    if let [only] = free.as_slice() {
        *near = Some((*only).to_owned());
    } else if let Some(free) = nearest(key, free) {
        *near = Some(free);
    }
}

/// The table that a column points to; none where it isn't a reference.
pub(in crate::docs) fn target<'d>(
    docs: &'d Docs,
    table: &Table,
    column: &Column,
) -> Result<Option<&'d Arc<Table>>, DocsError> {
    let Some(reference) = &column.reference else {
        return Ok(None);
    };
    let there = docs.table(&reference.document, &reference.title);
    there.map(Some).map_err(|_| DocsError::NoTarget {
        place: table.place(table.line),
        table: table.title.clone(),
        column: column.name.clone(),
        target: reference.to_string(),
    })
}

/// The place of the row that a key in a cell names.
pub(in crate::docs) fn find(
    table: &Table,
    at: (&Row, &Cell),
    column: &Column,
    there: &Table,
    key: &str,
) -> Result<usize, DocsError> {
    let found = there.rows.iter().position(|candidate| candidate.key == key);
    found.ok_or_else(|| dangling(table, at, column, there, key))
}

fn dangling(
    table: &Table,
    (row, cell): (&Row, &Cell),
    column: &Column,
    there: &Table,
    key: &str,
) -> DocsError {
    DocsError::Dangling {
        place: table.place_of(cell),
        row: row.key.as_str().into(),
        column: column.name.as_str().into(),
        key: key.into(),
        target: format!("{}/{}", there.document, there.title),
        nearest: nearest(key, there.rows.iter().map(|row| row.key.as_str())),
        others: Vec::new(),
    }
}
