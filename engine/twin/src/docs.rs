//! From a lab's docs to the facts that the twin is built from. What docs have to say, their schema tells.

use world::{
    docs::{Docs, DocsError, Row, Table, Value},
    units::Speed,
};

use crate::facts::{Appliance, Disk, Gateway, LabFacts, NodeFacts, PciDevice, Port, Target};

/// What the twin runs where docs don't say it.
const NEWEST: &str = "9.2";

type Result<T> = std::result::Result<T, DocsError>;

impl LabFacts {
    /// Reads the facts of a lab from its docs.
    ///
    /// # Errors
    /// A table, row or cell that the twin needs is missing or holds something else.
    pub fn from_docs(docs: &Docs) -> Result<Self> {
        let mut nodes = Vec::new();
        let table = docs.table("HARDWARE", "Nodes")?;
        for row in &table.rows {
            nodes.push(node(docs, table, row)?);
        }
        if nodes.is_empty() {
            let (place, table) = (table.place(table.line), table.title.clone());
            return Err(DocsError::NoRow {
                place,
                table,
                key: None,
                by: None,
            });
        }
        let settings = optional(docs, "NETWORK", "Settings");
        let setting = |name: &str| {
            let row = settings?
                .rows
                .iter()
                .find(|row| row.key.eq_ignore_ascii_case(name))?;
            row.text("value").map(str::to_owned)
        };
        let documented = name_servers(docs);
        Ok(Self {
            version: version(docs),
            nodes,
            appliances: appliances(docs)?,
            gateways: gateways(docs)?,
            search: setting("Search domain").unwrap_or_default(),
            timezone: setting("Time zone").unwrap_or_default(),
            login_key: login_key(docs),
            name_servers: documented
                .iter()
                .filter_map(|server| server.parse().ok())
                .collect(),
            outside_name: setting("Outside name").unwrap_or_default(),
            // The installer takes one.
            nameservers: documented.into_iter().take(1).collect(),
        })
    }
}

/// homelab's own key among those that log in, without its comment.
fn login_key(docs: &Docs) -> String {
    let rows = optional(docs, "SOFTWARE", "SSH keys").map(|table| table.rows.iter());
    let mut rows = rows.into_iter().flatten();
    let own = rows.find(|row| maybe(row, "owner") == "homelab");
    let key = own.map(|row| maybe(row, "key")).unwrap_or_default();
    let words: Vec<&str> = key.split_whitespace().take(2).collect();
    words.join(" ")
}

/// The name servers of the table, in their order.
fn name_servers(docs: &Docs) -> Vec<String> {
    let order = |row: &&Row| match row.get("order").map(|cell| &cell.value) {
        Some(Value::Integer(order)) => *order,
        _ => i64::MAX,
    };
    let table = optional(docs, "NETWORK", "DNS");
    let mut rows: Vec<&Row> = table.into_iter().flat_map(|table| &table.rows).collect();
    rows.sort_by_key(order);
    let vlans = optional(docs, "NETWORK", "VLANs");
    let server = |row: &Row| match maybe(row, "gateway_of") {
        vlan if vlan.is_empty() => maybe(row, "address"),
        vlan => {
            let row = vlans.and_then(|table| table.row(&vlan));
            row.map(|row| maybe(row, "gateway")).unwrap_or_default()
        }
    };
    let servers = rows.into_iter().map(server);
    servers.filter(|server| !server.is_empty()).collect()
}

/// A table that a lab may do without.
fn optional<'a>(docs: &'a Docs, document: &str, title: &str) -> Option<&'a Table> {
    docs.table(document, title).ok().map(AsRef::as_ref)
}

/// A cell's text; the cell may not be empty.
fn text(table: &Table, row: &Row, column: &str) -> Result<String> {
    table.needed(row, column, |value| Some(value.to_string()))
}

fn maybe(row: &Row, column: &str) -> String {
    row.text(column).unwrap_or_default().to_owned()
}

fn whole(table: &Table, row: &Row, column: &str) -> Result<u64> {
    let above = |value: &Value| u64::try_from(value.integer()?).ok();
    table.needed(row, column, above)
}

/// The rows of a table that belong to something: whose column `node` or `appliance` names it.
fn rows_of<'a>(
    table: Option<&'a Table>,
    owner: &'a str,
) -> impl Iterator<Item = (&'a Table, &'a Row)> {
    let rows = table
        .into_iter()
        .flat_map(|table| table.rows.iter().map(move |row| (table, row)));
    rows.filter(move |(_, row)| {
        let names = row.get("node").or_else(|| row.get("appliance"));
        names.is_some_and(|cell| cell.text == owner)
    })
}

fn node(docs: &Docs, table: &Table, row: &Row) -> Result<NodeFacts> {
    let name = text(table, row, "name")?;
    let address = |value: &Value| match value {
        Value::Interface(address) => Some(address.to_string()),
        _ => None,
    };
    Ok(NodeFacts {
        address: table.needed(row, "address", address)?,
        interface: text(table, row, "management_interface")?,
        cores: whole(table, row, "cores")?,
        memory: table.needed(row, "memory", Value::size)?,
        root: text(table, row, "root_file_system")?,
        raid: maybe(row, "raid"),
        serial: maybe(row, "serial"),
        disks: disks(docs, &name)?,
        ports: rows_of(Some(docs.table("HARDWARE", "Interfaces")?), &name)
            .map(|(table, row)| {
                Ok(Port {
                    name: text(table, row, "interface")?,
                    mac: text(table, row, "mac")?,
                    speed: table.maybe(row, "speed", speed)?.map_or(0, |speed| speed.0),
                })
            })
            .collect::<Result<_>>()?,
        pci: pci(docs, &name)?,
        name,
    })
}

fn speed(value: &Value) -> Option<Speed> {
    match value {
        Value::Speed(speed) => Some(*speed),
        _ => None,
    }
}

fn disks(docs: &Docs, node: &str) -> Result<Vec<Disk>> {
    rows_of(Some(docs.table("HARDWARE", "Disks")?), node)
        .map(|(table, row)| {
            Ok(Disk {
                device: text(table, row, "device")?,
                size: table.needed(row, "size", Value::size)?,
                model: maybe(row, "model"),
                serial: maybe(row, "serial"),
                usage: text(table, row, "purpose")?,
            })
        })
        .collect()
}

fn pci(docs: &Docs, node: &str) -> Result<Vec<PciDevice>> {
    rows_of(optional(docs, "HARDWARE", "PCI devices"), node)
        .map(|(table, row)| {
            let group = table.maybe(row, "iommu_group", Value::integer)?;
            Ok(PciDevice {
                slot: text(table, row, "slot")?,
                id: text(table, row, "id")?,
                subsystem: maybe(row, "subsystem"),
                class: text(table, row, "class")?,
                vendor: maybe(row, "vendor"),
                device: maybe(row, "device"),
                iommu_group: group.unwrap_or(-1),
            })
        })
        .collect()
}

fn appliances(docs: &Docs) -> Result<Vec<Appliance>> {
    let exports = optional(docs, "HARDWARE", "Exports");
    let targets = optional(docs, "HARDWARE", "Targets");
    let Some(table) = optional(docs, "HARDWARE", "Appliances") else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for row in &table.rows {
        let name = text(table, row, "name")?;
        found.push(Appliance {
            kind: text(table, row, "kind")?,
            address: table.maybe(row, "address", Value::address)?,
            exports: rows_of(exports, &name)
                .map(|(table, row)| text(table, row, "path"))
                .collect::<Result<_>>()?,
            targets: rows_of(targets, &name)
                .map(|(table, row)| {
                    Ok(Target {
                        target: text(table, row, "target")?,
                        lun: whole(table, row, "lun")?,
                        size: table.needed(row, "size", Value::size)?,
                        chap: maybe(row, "chap_user"),
                    })
                })
                .collect::<Result<_>>()?,
            name,
        });
    }
    Ok(found)
}

fn gateways(docs: &Docs) -> Result<Vec<Gateway>> {
    let table = docs.table("NETWORK", "VLANs")?;
    let rows = table
        .rows
        .iter()
        .filter(|row| !maybe(row, "gateway").is_empty());
    rows.map(|row| {
        Ok(Gateway {
            network: text(table, row, "network")?,
            gateway: text(table, row, "gateway")?,
        })
    })
    .collect()
}

fn version(docs: &Docs) -> String {
    let row = optional(docs, "SOFTWARE", "Versions").and_then(|table| table.row("Proxmox VE"));
    let version = row.and_then(|row| row.text("version"));
    version.unwrap_or(NEWEST).to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn lab(folder: &str) -> LabFacts {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(folder);
        LabFacts::from_docs(&Docs::load(&path).unwrap()).unwrap()
    }

    #[test]
    fn reads_the_example_lab() {
        let facts = lab("docs");
        assert_eq!(facts.nodes.len(), 3);
        assert!(facts.login_key.starts_with("ssh-ed25519 AAAA"));
        assert!(!facts.login_key.ends_with("example-homelab@operator"));
        let first = &facts.nodes[0];
        assert!(
            first
                .pci
                .iter()
                .any(|device| device.vendor.contains("NVIDIA")),
            "{first:?}"
        );
        assert!(
            facts
                .appliances
                .iter()
                .any(|appliance| !appliance.exports.is_empty())
        );
        assert!(
            facts
                .appliances
                .iter()
                .any(|appliance| !appliance.targets.is_empty())
        );
    }

    #[test]
    fn reads_the_labs_of_the_tests() {
        for case in ["recorded-one", "recorded-three", "second-lab"] {
            let facts = lab(&format!("tests/cases/{case}/docs"));
            assert!(!facts.nodes.is_empty(), "{case}");
        }
    }

    #[test]
    fn names_what_is_missing() {
        let docs = Docs::parse(
            "HARDWARE",
            "## Nodes\n| Name | Address |\n|--|--|\n| pve1 | 10.0.0.1 |\n",
        )
        .unwrap();
        let error = LabFacts::from_docs(&docs).unwrap_err().to_string();
        assert_eq!(
            error,
            "docs/HARDWARE.md:4: row 'pve1', column 'address': '10.0.0.1' isn't an address with its network's prefix: 10.10.10.11/24, or an address with a port: 10.10.10.5:8100"
        );
    }
}
