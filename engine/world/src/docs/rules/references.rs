//! The cells of a reference column name rows of its table.

use crate::docs::{Column, Docs, DocsError, Reference, Table, nearest};

pub(super) fn check(docs: &Docs) -> Vec<DocsError> {
    docs.tables()
        .flat_map(|table| {
            let pointing = table
                .columns
                .iter()
                .filter_map(|column| Some((column, column.reference.as_ref()?)));
            pointing.flat_map(|(column, reference)| column_errors(docs, table, column, reference))
        })
        .collect()
}

fn column_errors(
    docs: &Docs,
    table: &Table,
    column: &Column,
    reference: &Reference,
) -> Vec<DocsError> {
    let target = format!("{}/{}", reference.document, reference.title);
    let Ok(there) = docs.table(&reference.document, &reference.title) else {
        return vec![DocsError::NoTarget {
            place: table.place(table.line),
            table: table.title.clone(),
            column: column.name.clone(),
            target,
        }];
    };
    let known: Vec<&str> = there
        .rows
        .iter()
        .filter_map(|row| row.cells.first())
        .map(|cell| cell.text.as_str())
        .collect();
    let cells = table
        .rows
        .iter()
        .filter_map(|row| Some((row, row.get(&column.name)?)));
    cells
        .flat_map(|(row, cell)| cell.keys().into_iter().map(move |key| (row, key)))
        .filter(|(_, key)| !known.contains(key))
        .map(|(row, key)| DocsError::Dangling {
            place: table.place(row.line),
            row: row.key.as_str().into(),
            column: column.name.as_str().into(),
            key: key.into(),
            target: target.clone(),
            nearest: nearest(key, known.iter().copied()),
        })
        .collect()
}
