//! A fact stands in one place: addresses, MAC addresses, serials, host names, VLANs.

use std::collections::HashMap;

use crate::Place;
use crate::docs::{Cell, Column, Docs, DocsError, Table, Value};

pub(super) fn check(docs: &Docs) -> Vec<DocsError> {
    let mut facts: HashMap<(&'static str, String), Place> = HashMap::new();
    let mut hosts: HashMap<String, Place> = HashMap::new();
    let mut errors = Vec::new();
    for table in docs.tables() {
        let mut vlans: HashMap<i64, usize> = HashMap::new();
        for (row, column, cell) in table.cells() {
            if column.reference.is_some() || cell.value.is_missing() {
                continue;
            }
            let place = table.place_of(cell);
            if let Some((what, text)) = fact(column, cell) {
                if let Some(first) = facts.get(&(what, text.clone())) {
                    let (row, column, first) = (
                        row.key.as_str().into(),
                        column.name.as_str().into(),
                        first.clone(),
                    );
                    errors.push(DocsError::TwoPlaces {
                        place,
                        row,
                        column,
                        what,
                        text,
                        first,
                    });
                } else {
                    facts.insert((what, text), place);
                }
            } else if is_host_name(table, column) {
                if let Some(first) = hosts.get(&cell.text.to_lowercase()) {
                    let (name, first) = (cell.text.clone(), first.clone());
                    errors.push(DocsError::HostTwice { place, name, first });
                } else {
                    hosts.insert(cell.text.to_lowercase(), place);
                }
            } else if let (true, Value::Integer(vlan)) = (is_vlan(table, column), &cell.value) {
                errors.extend(vlan_error(&mut vlans, *vlan, place, &row.key));
            }
        }
    }
    errors
}

/// The fact that a cell states, if it is one of the kind that may stand once only.
fn fact(column: &Column, cell: &Cell) -> Option<(&'static str, String)> {
    if let Some(address) = cell.value.address() {
        return Some(("address", address.to_string()));
    }
    match &cell.value {
        Value::Mac(mac) => Some(("MAC address", mac.clone())),
        _ if column.name == "serial"
            || column.name.ends_with("_serial")
            || column.name == "serial_number" =>
        {
            Some(("serial", cell.text.clone()))
        }
        _ => None,
    }
}

/// The key of a table of things that have an address is a host's name.
fn is_host_name(table: &Table, column: &Column) -> bool {
    let first = table
        .columns
        .first()
        .is_some_and(|first| first.name == column.name);
    let named =
        column.name == "name" && first && table.columns.iter().any(|other| other.name == "address");
    named || matches!(column.name.as_str(), "host_name" | "hostname")
}

/// Where a schema says what the column is, it says what it may hold.
fn is_vlan(table: &Table, column: &Column) -> bool {
    table.schema.is_none() && matches!(column.name.as_str(), "vlan" | "vlan_id")
}

fn vlan_error(
    vlans: &mut HashMap<i64, usize>,
    vlan: i64,
    place: Place,
    row: &str,
) -> Option<DocsError> {
    if !(1..=4094).contains(&vlan) {
        return Some(DocsError::VlanRange {
            place,
            row: row.to_owned(),
            vlan,
        });
    }
    let line = place.line;
    let first = *vlans.entry(vlan).or_insert(line);
    (first != line).then_some(DocsError::VlanTwice { place, vlan, first })
}
