//! What a step read that isn't the world, as keyed hashes; and whether it all still stands.

use world::docs::Docs;

use crate::{
    journal::Read,
    run::Run,
    value::{ReadKey, Recorder},
};

/// The reads that a body's recorder holds.
#[must_use]
pub(crate) fn of(run: &Run, recorder: &Recorder) -> Vec<Read> {
    let reads = recorder.reads().into_iter();
    reads
        .map(|(key, text)| Read {
            what: name(&key),
            hash: run.hash(text.as_bytes()),
        })
        .collect()
}

/// Whether every recorded read would give the same now.
#[must_use]
pub(crate) fn still_hold(run: &Run, reads: &[Read]) -> bool {
    reads.iter().all(|read| {
        let now = current(run, &read.what);
        now.is_some_and(|text| run.hash(text.as_bytes()) == read.hash)
    })
}

fn name(key: &ReadKey) -> String {
    let parts: Vec<&str> = match key {
        ReadKey::Cell {
            document,
            table,
            row,
            column,
        } => vec!["cell", document, table, row, column],
        ReadKey::Rows { document, table } => vec!["rows", document, table],
        ReadKey::Columns { document, table } => vec!["columns", document, table],
        ReadKey::Environment { name } => vec!["env", name],
        ReadKey::Argument { name } => vec!["arg", name],
        ReadKey::Table { document, table } => vec!["table", document, table],
    };
    parts.join("\u{1f}")
}

/// What a read gives now; nothing if what was read is gone.
fn current(run: &Run, what: &str) -> Option<String> {
    let parts: Vec<&str> = what.split('\u{1f}').collect();
    match parts.as_slice() {
        ["cell", document, table, row, column] => cell(&run.docs, document, table, row, column),
        ["rows", document, table] => {
            // A table that isn't there has no rows, see `facts::optional`.
            let table = run.docs.table(document, table);
            Some(table.map_or_else(|_| String::new(), |table| crate::value::rows_text(table)))
        }
        ["columns", document, table] => {
            let table = run.docs.table(document, table).ok()?;
            Some(crate::value::columns_text(table))
        }
        ["table", document, table] => Some(run.docs.table(document, table).is_ok().to_string()),
        ["env", name] => Some(run.variable(name).ok().flatten().unwrap_or_default()),
        ["arg", name] => Some(
            run.options
                .selection
                .arguments
                .get(*name)
                .cloned()
                .unwrap_or_default(),
        ),
        _ => None,
    }
}

fn cell(docs: &Docs, document: &str, table: &str, row: &str, column: &str) -> Option<String> {
    let table = docs.table(document, table).ok()?;
    let row = table.rows.iter().find(|candidate| candidate.key == row)?;
    Some(row.get(column)?.text.clone())
}
