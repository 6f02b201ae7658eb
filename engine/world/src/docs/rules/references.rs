//! The cells of a reference column name rows of its table, by their keys.

use std::sync::Arc;

use crate::docs::{Column, Docs, DocsError, Row, Table, nearest};

pub(super) fn check(docs: &Docs) -> Vec<DocsError> {
    let each = |table| move |column| column_errors(docs, table, column);
    docs.tables()
        .flat_map(|table| table.columns.iter().flat_map(each(table)))
        .collect()
}

fn column_errors(docs: &Docs, table: &Table, column: &Column) -> Vec<DocsError> {
    let there = match target(docs, table, column) {
        Ok(Some(there)) => there,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![error],
    };
    let cells = table
        .rows
        .iter()
        .filter_map(|row| Some((row, row.get(&column.name)?)));
    cells
        .flat_map(|(row, cell)| cell.keys().into_iter().map(move |key| (row, key)))
        .filter_map(|(row, key)| find(table, row, column, there, key).err())
        .collect()
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
    row: &Row,
    column: &Column,
    there: &Table,
    key: &str,
) -> Result<usize, DocsError> {
    let found = there.rows.iter().position(|candidate| candidate.key == key);
    found.ok_or_else(|| DocsError::Dangling {
        place: table.place(row.line),
        row: row.key.as_str().into(),
        column: column.name.as_str().into(),
        key: key.into(),
        target: format!("{}/{}", there.document, there.title),
        nearest: nearest(key, there.rows.iter().map(|row| row.key.as_str())),
    })
}
