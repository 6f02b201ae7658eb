//! From a lab's docs to the facts that the twin is built from. What is missing is an error by name.

use std::net::IpAddr;

use world::docs::{Docs, DocsError, Row, Table, Value};

use crate::facts::{Appliance, Disk, Gateway, LabFacts, NodeFacts, PciDevice, Port, Target};

/// Why docs can't become a twin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// A table isn't there, or not as it should be.
    #[error("{0}")]
    Docs(Box<DocsError>),
    /// A cell is empty or holds something else.
    #[error("docs/{file}.md:{line}: {table} needs {wanted} as '{column}', here it's '{text}'")]
    Cell {
        /// The document.
        file: Box<str>,
        /// The line.
        line: usize,
        /// The table.
        table: Box<str>,
        /// The column.
        column: Box<str>,
        /// What the cell holds.
        text: Box<str>,
        /// What it should hold.
        wanted: &'static str,
    },
    /// A table has no row for something.
    #[error("docs/{file}.md: {table} has no row for {wanted}")]
    Row {
        /// The document.
        file: String,
        /// The table.
        table: String,
        /// For what.
        wanted: String,
    },
}

impl From<DocsError> for FactsError {
    fn from(error: DocsError) -> Self {
        Self::Docs(Box::new(error))
    }
}

type Result<T> = std::result::Result<T, FactsError>;

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
            let (file, table) = ("HARDWARE".to_owned(), "Nodes".to_owned());
            return Err(FactsError::Row {
                file,
                table,
                wanted: "a node".to_owned(),
            });
        }
        let settings = optional(docs, "NETWORK", "Settings");
        let setting = |name: &str| {
            let row = settings?
                .rows
                .iter()
                .find(|row| row.key.eq_ignore_ascii_case(name))?;
            row.get("value").map(|cell| cell.text.clone())
        };
        let given = setting("DNS server").or_else(|| setting("Name server"));
        let given = given.map(|text| words(&text));
        let documented = given.clone().unwrap_or_else(|| name_servers(docs));
        // The installer takes one of the table.
        let installed = given.unwrap_or_else(|| documented.iter().take(1).cloned().collect());
        Ok(Self {
            version: version(docs)?,
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
            nameservers: installed,
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

/// What stands between commas or blanks.
fn words(text: &str) -> Vec<String> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
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

fn wrong(table: &Table, row: &Row, column: &str, wanted: &'static str) -> FactsError {
    FactsError::Cell {
        file: table.document.as_str().into(),
        line: row.line,
        table: table.title.as_str().into(),
        column: column.into(),
        text: row
            .get(column)
            .map(|cell| cell.text.as_str())
            .unwrap_or_default()
            .into(),
        wanted,
    }
}

/// A cell's text; the column has to be there, and the cell may not be empty.
fn text(table: &Table, row: &Row, column: &str) -> Result<String> {
    table.column(column)?;
    match row.get(column) {
        Some(cell) if cell.value != Value::Missing => Ok(cell.text.clone()),
        _ => Err(wrong(table, row, column, "a value")),
    }
}

fn maybe(row: &Row, column: &str) -> String {
    match row.get(column) {
        Some(cell) if cell.value != Value::Missing => cell.text.clone(),
        _ => String::new(),
    }
}

fn integer(table: &Table, row: &Row, column: &str) -> Result<i64> {
    table.column(column)?;
    match row.get(column).map(|cell| &cell.value) {
        Some(Value::Integer(number)) => Ok(*number),
        _ => Err(wrong(table, row, column, "a whole number")),
    }
}

fn size(table: &Table, row: &Row, column: &str) -> Result<u64> {
    table.column(column)?;
    match row.get(column).map(|cell| &cell.value) {
        Some(Value::Size(bytes)) => Ok(bytes.0),
        _ => Err(wrong(table, row, column, "a size")),
    }
}

/// The bits a second in `2.5 Gbit/s`; 0 if it says nothing of the kind.
fn speed(text: &str) -> u64 {
    let text = text.trim();
    let (number, unit) =
        text.split_at(text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len()));
    let thousandth: u64 = match unit {
        "Gbit/s" => 1_000_000,
        "Mbit/s" => 1000,
        _ => return 0,
    };
    let (whole, part) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    let digits = format!("{whole}{part:0<3.3}");
    digits
        .parse()
        .map_or(0, |thousandths: u64| thousandths * thousandth)
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
    let address = match row.get("address").map(|cell| &cell.value) {
        Some(Value::Interface(address)) => address.to_string(),
        _ => return Err(wrong(table, row, "address", "an address with its prefix")),
    };
    let root = text(table, row, "root_file_system")?;
    if !matches!(root.as_str(), "ext4" | "xfs" | "zfs" | "btrfs") {
        return Err(wrong(
            table,
            row,
            "root_file_system",
            "ext4, xfs, zfs or btrfs",
        ));
    }
    let whole = |column| {
        let number = integer(table, row, column)?;
        u64::try_from(number).map_err(|_| wrong(table, row, column, "a number above 0"))
    };
    Ok(NodeFacts {
        address,
        interface: text(table, row, "management_interface")?,
        cores: whole("cores")?,
        memory: size(table, row, "memory")?,
        root,
        raid: maybe(row, "raid"),
        serial: maybe(row, "serial"),
        disks: disks(docs, &name)?,
        ports: rows_of(Some(docs.table("HARDWARE", "Interfaces")?), &name)
            .map(|(table, row)| {
                Ok(Port {
                    name: text(table, row, "interface")?,
                    mac: text(table, row, "mac")?,
                    speed: speed(&maybe(row, "speed")),
                })
            })
            .collect::<Result<_>>()?,
        pci: pci(docs, &name)?,
        name,
    })
}

fn disks(docs: &Docs, node: &str) -> Result<Vec<Disk>> {
    rows_of(Some(docs.table("HARDWARE", "Disks")?), node)
        .map(|(table, row)| {
            Ok(Disk {
                device: text(table, row, "device")?,
                size: size(table, row, "size")?,
                model: maybe(row, "model"),
                serial: maybe(row, "serial"),
                usage: text(table, row, "purpose").or_else(|_| text(table, row, "use"))?,
            })
        })
        .collect()
}

fn pci(docs: &Docs, node: &str) -> Result<Vec<PciDevice>> {
    rows_of(optional(docs, "HARDWARE", "PCI devices"), node)
        .map(|(table, row)| {
            let group = match row.get("iommu_group").map(|cell| &cell.value) {
                Some(Value::Integer(group)) => *group,
                _ => -1,
            };
            Ok(PciDevice {
                slot: text(table, row, "slot")?,
                id: text(table, row, "id")?,
                subsystem: maybe(row, "subsystem"),
                class: text(table, row, "class")?,
                vendor: maybe(row, "vendor"),
                device: maybe(row, "device"),
                iommu_group: group,
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
            address: address(row),
            exports: rows_of(exports, &name)
                .map(|(table, row)| {
                    text(table, row, "path").or_else(|_| text(table, row, "export"))
                })
                .collect::<Result<_>>()?,
            targets: rows_of(targets, &name)
                .map(|(table, row)| {
                    let lun = integer(table, row, "lun")?;
                    Ok(Target {
                        target: text(table, row, "target")?,
                        lun: u64::try_from(lun)
                            .map_err(|_| wrong(table, row, "lun", "a number from 0"))?,
                        size: size(table, row, "size")?,
                        chap: maybe(row, "chap_user"),
                    })
                })
                .collect::<Result<_>>()?,
            name,
        });
    }
    Ok(found)
}

fn address(row: &Row) -> Option<IpAddr> {
    match row.get("address").map(|cell| &cell.value) {
        Some(Value::Address(address)) => Some(*address),
        Some(Value::Interface(address)) => Some(address.addr()),
        _ => None,
    }
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

fn version(docs: &Docs) -> Result<String> {
    let table = docs.table("SOFTWARE", "Versions")?;
    let row = table.row("Proxmox VE").ok_or_else(|| FactsError::Row {
        file: "SOFTWARE".to_owned(),
        table: "Versions".to_owned(),
        wanted: "Proxmox VE".to_owned(),
    })?;
    text(table, row, "version")
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
        assert!(!facts.login_key.ends_with("homelab@operator"));
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
            "docs/HARDWARE.md:4: Nodes needs an address with its prefix as 'address', here it's '10.0.0.1'"
        );
    }
}
