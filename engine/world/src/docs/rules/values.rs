//! A cell that looks like an address, a network or a MAC address is one; networks don't overlap.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
};

use ipnet::IpNet;

use crate::docs::{Cell, Column, Docs, DocsError, Row, Table, Value};

pub(super) fn check(docs: &Docs) -> Vec<DocsError> {
    let gateways = docs.tables().flat_map(foreign_gateways);
    let addresses = docs
        .tables()
        .flat_map(|table| foreign_addresses(docs, table));
    gateways
        .chain(addresses)
        .chain(strays(docs))
        .chain(cells(docs))
        .collect()
}

/// A node whose address is in no network of docs: no runbook could say how it's reached.
fn strays(docs: &Docs) -> Vec<DocsError> {
    let tables = (
        docs.table("HARDWARE", "Nodes"),
        docs.table("NETWORK", "VLANs"),
    );
    let (Ok(nodes), Ok(vlans)) = tables else {
        return Vec::new();
    };
    let network = |row: &Row| match row.get("network")?.value {
        Value::Network(network) => Some(network),
        _ => None,
    };
    let networks: Option<Vec<IpNet>> = vlans.rows.iter().map(network).collect();
    let Some(networks) = networks else {
        return Vec::new();
    };
    let stray = |row: &Row| {
        let cell = row.get("address")?;
        let Value::Interface(address) = &cell.value else {
            return None;
        };
        let is_home = |network: &IpNet| network.contains(&address.addr());
        (!networks.iter().any(is_home)).then(|| DocsError::BadValue {
            place: nodes.place_of(cell),
            row: row.key.as_str().into(),
            column: "address".into(),
            text: cell.text.as_str().into(),
            what: "an address in a network of NETWORK/VLANs".into(),
            nearest: None,
            optional: nodes.may_be_empty(row, "address"),
        })
    };
    nodes.rows.iter().filter_map(stray).collect()
}

/// An address with a prefix that isn't in the network of the row that its own one refers to reaches nothing there.
fn foreign_addresses(docs: &Docs, table: &Table) -> Vec<DocsError> {
    let columns = table.columns.iter();
    let there = |column: &Column| Some((column.name.clone(), networks(docs, column)?));
    let networks: Vec<(String, HashMap<&str, IpNet>)> = columns.filter_map(there).collect();
    let row_error = |row: &Row| {
        let cell = row.get("address")?;
        let Value::Interface(address) = &cell.value else {
            return None;
        };
        let mut named = networks
            .iter()
            .filter_map(|(column, own)| own.get(row.text(column)?));
        let network = named.find(|network| !network.contains(&address.addr()))?;
        Some(DocsError::BadValue {
            place: table.place_of(cell),
            row: row.key.as_str().into(),
            column: "address".into(),
            text: cell.text.as_str().into(),
            what: format!("an address in {network}").into(),
            nearest: None,
            optional: table.may_be_empty(row, "address"),
        })
    };
    table.rows.iter().filter_map(row_error).collect()
}

/// The networks of the table that a column points to, by the keys of their rows.
fn networks<'d>(docs: &'d Docs, column: &Column) -> Option<HashMap<&'d str, IpNet>> {
    let target = column.reference.as_ref()?;
    let there = docs.table(&target.document, &target.title).ok()?;
    let network = |row: &'d Row| match row.get("network")?.value {
        Value::Network(network) => Some((row.key.as_str(), network)),
        _ => None,
    };
    Some(there.rows.iter().filter_map(network).collect())
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
            place: table.place_of(gateway),
            row: row.key.as_str().into(),
            column: "gateway".into(),
            text: gateway.text.as_str().into(),
            what: "an address in the row's network".into(),
            nearest: None,
            optional: table.may_be_empty(row, "gateway"),
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
    let mut seen = Networks::default();
    let mut errors = Vec::new();
    for (row, cell) in cells_of(table, column) {
        let Value::Network(net) = &cell.value else {
            continue;
        };
        if let Some((other, first)) = seen.overlapping(net) {
            errors.push(DocsError::Overlap {
                place: table.place_of(cell),
                row: row.key.as_str().into(),
                column: column.name.as_str().into(),
                network: net.to_string(),
                other: other.to_string(),
                first,
            });
        }
        seen.add(net, row.line);
    }
    errors
}

/// Networks with their lines, by address and prefix: a large table is searched in no more steps than an address has bits.
#[derive(Default)]
struct Networks(BTreeMap<(IpAddr, u8), usize>);

impl Networks {
    fn add(&mut self, net: &IpNet, line: usize) {
        let key = (net.network(), net.prefix_len());
        self.0.entry(key).or_insert(line);
    }

    /// The first line with a network that holds one or lies in it.
    fn overlapping(&self, net: &IpNet) -> Option<(IpNet, usize)> {
        let above = (0..net.prefix_len()).filter_map(|length| {
            let wider = IpNet::new(net.addr(), length).ok()?;
            let line = self.0.get(&(wider.network(), length))?;
            Some((wider.trunc(), *line))
        });
        let range = (net.network(), 0)..=(net.broadcast(), u8::MAX);
        let within = self.0.range(range).filter_map(|((address, length), line)| {
            Some((IpNet::new(*address, *length).ok()?, *line))
        });
        above.chain(within).min_by_key(|(_, line)| *line)
    }
}

fn cells_of<'a>(table: &'a Table, column: &Column) -> impl Iterator<Item = (&'a Row, &'a Cell)> {
    let at = table.columns.iter().position(|own| own.name == column.name);
    let cell = move |row: &'a Row| Some((row, row.cells.get(at?)?));
    table.rows.iter().filter_map(cell)
}

/// Where no schema says what a column holds, its name or its other cells do.
fn bad_values(table: &Table, column: &Column) -> Vec<DocsError> {
    let known = table.schema.as_ref();
    if known.is_some_and(|schema| schema.lines_of(&column.name).next().is_some()) {
        return Vec::new();
    }
    let values = || cells_of(table, column).map(|(_, cell)| &cell.value);
    let addresses = matches!(column.name.as_str(), "address" | "gateway" | "network")
        || values().any(|v| {
            matches!(
                v,
                Value::Address(_) | Value::Interface(_) | Value::Network(_)
            )
        });
    let macs = column.name == "mac" || values().any(|v| matches!(v, Value::Mac(_)));
    let wrong = |cell: &Cell| match &cell.value {
        Value::Text(text) if macs && text.contains(':') => Some(("a MAC address", None)),
        Value::Text(text) if addresses && looks_like_address(text) => Some(("an address", None)),
        Value::Interface(net) if column.name == "network" => {
            Some(("a network", Some(net.trunc().to_string())))
        }
        _ => None,
    };
    let error = |(row, cell): (&Row, &Cell)| {
        let (what, nearest) = wrong(cell)?;
        Some(DocsError::BadValue {
            place: table.place_of(cell),
            row: row.key.as_str().into(),
            column: column.name.as_str().into(),
            text: cell.text.as_str().into(),
            what: what.into(),
            nearest,
            optional: table.may_be_empty(row, &column.name),
        })
    };
    cells_of(table, column).filter_map(error).collect()
}

/// Digits and dots, or hexadecimal digits and colons, with nothing else: a misspelt address.
fn looks_like_address(text: &str) -> bool {
    let head = text.split('/').next().unwrap_or_default();
    let count = |mark: char| text.matches(mark).count();
    let four = count('.') >= 2 && head.chars().all(|c| c.is_ascii_digit() || c == '.');
    let six = count(':') >= 2 && head.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
    four || six
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_network_that_holds_one_or_lies_in_it_is_found() {
        let mut seen = Networks::default();
        for (line, net) in [
            "10.0.4.0/24",
            "10.1.0.0/16",
            "10.0.0.0/8",
            "10.0.4.0/24",
            "fd00::/64",
        ]
        .iter()
        .enumerate()
        {
            seen.add(&net.parse().unwrap(), line + 1);
        }
        for (net, found) in [
            ("10.0.4.128/25", Some(("10.0.4.0/24", 1))),
            ("10.0.0.0/16", Some(("10.0.4.0/24", 1))),
            ("10.1.2.3/32", Some(("10.1.0.0/16", 2))),
            ("10.9.0.0/24", Some(("10.0.0.0/8", 3))),
            ("0.0.0.0/0", Some(("10.0.4.0/24", 1))),
            ("fd00::1/128", Some(("fd00::/64", 5))),
            ("192.168.0.0/16", None),
            ("fd01::/64", None),
        ] {
            let found = found.map(|(net, line)| (net.parse().unwrap(), line));
            assert_eq!(seen.overlapping(&net.parse().unwrap()), found, "{net}");
        }
    }
}
