//! From a table's header to its columns.

use super::{Column, DocsError, Reference, TableSchema, markdown::RawTable};
use crate::Place;

/// Reads the header of `raw`, a table of `document`. Where its schema says that a column refers to a table, no arrow is needed.
pub(super) fn read(
    document: &str,
    raw: &RawTable,
    schema: Option<&TableSchema>,
) -> Result<Vec<Column>, DocsError> {
    let mut columns: Vec<Column> = Vec::new();
    for cell in &raw.header {
        let mut column = column(document, &cell.text);
        let known = || schema?.reference(&column.name).cloned();
        column.reference = column.reference.clone().or_else(known);
        if column.name.is_empty() || columns.iter().any(|other| other.name == column.name) {
            return Err(DocsError::BadColumn {
                place: Place {
                    column: cell.column,
                    ..Place::line(document, raw.line)
                },
                table: raw.title.clone(),
                column: column.heading,
            });
        }
        columns.push(column);
    }
    Ok(columns)
}

fn column(document: &str, heading: &str) -> Column {
    let arrow = heading.split_once('→').or_else(|| heading.split_once("->"));
    let (label, reference) = match arrow {
        Some((label, target)) => (label.trim(), Some(reference(document, target.trim()))),
        None => (heading, None),
    };
    Column {
        name: name(label),
        heading: heading.to_owned(),
        reference,
    }
}

/// `Nodes`, of the same document, or `HARDWARE/Nodes`.
pub(super) fn reference(document: &str, target: &str) -> Reference {
    let (document, title) = target.split_once('/').unwrap_or((document, target));
    Reference {
        document: document.trim().to_owned(),
        title: title.trim().to_owned(),
    }
}

/// `Management address` -> `management_address`.
pub(super) fn name(label: &str) -> String {
    label
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_columns_and_their_targets() {
        let own = column("HARDWARE", "Node → Nodes");
        assert_eq!(
            (own.name.as_str(), own.heading.as_str()),
            ("node", "Node → Nodes")
        );
        let reference = own.reference.unwrap();
        assert_eq!(
            (reference.document.as_str(), reference.title.as_str()),
            ("HARDWARE", "Nodes")
        );
        let other = column("SOFTWARE", "Runs on -> HARDWARE/PCI devices");
        assert_eq!(other.name, "runs_on");
        assert_eq!(other.reference.unwrap().title, "PCI devices");
        assert_eq!(column("X", "Management address").name, "management_address");
    }
}
