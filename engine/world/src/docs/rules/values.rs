//! A cell that looks like an address, a network or a MAC address is one; networks don't overlap.

use ipnet::IpNet;

use crate::docs::{Column, Docs, DocsError, Row, Table, Value};

pub(super) fn check(docs: &Docs) -> Vec<DocsError> {
    let gateways = docs.tables().flat_map(foreign_gateways);
    gateways.chain(cells(docs)).collect()
}

/// A gateway that isn't in its row's network can't be reached from it.
fn foreign_gateways(table: &Table) -> Vec<DocsError> {
    let row_error = |row: &Row| {
        let Some(Value::Network(network)) = row.get("network").map(|cell| &cell.value) else {
            return None;
        };
        let gateway = row.get("gateway")?;
        let address = gateway.value.address()?;
        (!network.contains(&address)).then(|| DocsError::BadValue {
            place: table.place(row.line),
            row: row.key.as_str().into(),
            column: "gateway".into(),
            text: gateway.text.clone(),
            what: "an address in the row's network",
            nearest: None,
        })
    };
    table.rows.iter().filter_map(row_error).collect()
}

fn cells(docs: &Docs) -> Vec<DocsError> {
    docs.tables()
        .flat_map(|table| {
            let columns = table
                .columns
                .iter()
                .filter(|column| column.reference.is_none());
            columns.flat_map(|column| {
                let mut errors = overlaps(table, column);
                errors.extend(bad_values(table, column));
                errors
            })
        })
        .collect()
}

fn overlaps(table: &Table, column: &Column) -> Vec<DocsError> {
    let mut seen: Vec<(IpNet, usize)> = Vec::new();
    let mut errors = Vec::new();
    for row in &table.rows {
        let Some(Value::Network(net)) = row.get(&column.name).map(|cell| &cell.value) else {
            continue;
        };
        let other = seen
            .iter()
            .find(|(other, _)| other.contains(net) || net.contains(other));
        if let Some((other, first)) = other {
            errors.push(DocsError::Overlap {
                place: table.place(row.line),
                row: row.key.as_str().into(),
                column: column.name.as_str().into(),
                network: net.to_string(),
                other: other.to_string(),
                first: *first,
            });
        }
        seen.push((*net, row.line));
    }
    errors
}

fn bad_values(table: &Table, column: &Column) -> Vec<DocsError> {
    let values = || {
        table
            .rows
            .iter()
            .filter_map(|row| row.get(&column.name))
            .map(|cell| &cell.value)
    };
    let addresses = matches!(column.name.as_str(), "address" | "gateway" | "network")
        || values().any(|v| {
            matches!(
                v,
                Value::Address(_) | Value::Interface(_) | Value::Network(_)
            )
        });
    let macs = column.name == "mac" || values().any(|v| matches!(v, Value::Mac(_)));
    let error = |row: &Row, text: &str, what, nearest| DocsError::BadValue {
        place: table.place(row.line),
        row: row.key.as_str().into(),
        column: column.name.as_str().into(),
        text: text.to_owned(),
        what,
        nearest,
    };
    let mut errors = Vec::new();
    for row in &table.rows {
        let Some(cell) = row.get(&column.name) else {
            continue;
        };
        match &cell.value {
            Value::Text(text) if macs && text.contains(':') => {
                errors.push(error(row, text, "a MAC address", None))
            }
            Value::Text(text) if addresses && looks_like_address(text) => {
                errors.push(error(row, text, "an address", None));
            }
            Value::Interface(net) if column.name == "network" => {
                errors.push(error(
                    row,
                    &cell.text,
                    "a network",
                    Some(net.trunc().to_string()),
                ));
            }
            _ => {}
        }
    }
    errors
}

/// Digits and dots, or hexadecimal digits and colons, with nothing else: a misspelt address.
fn looks_like_address(text: &str) -> bool {
    let head = text.split('/').next().unwrap_or_default();
    let count = |mark: char| text.matches(mark).count();
    let four = count('.') >= 2 && head.chars().all(|c| c.is_ascii_digit() || c == '.');
    let six = count(':') >= 2 && head.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
    four || six
}
