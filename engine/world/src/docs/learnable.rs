//! The columns of docs that operations fill: what belongs there, and when two texts say the same.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Cell, Docs, Row, Table};

/// A column of docs whose cells a run can learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learnable {
    /// The document: `HARDWARE`.
    pub document: &'static str,
    /// The table's title: `Nodes`.
    pub table: &'static str,
    /// The columns by which a row is found, by their names: `node`, `device`.
    pub keys: &'static [&'static str],
    /// The column's heading: `Host key`.
    pub heading: &'static str,
    /// What its cells mean.
    pub meaning: Meaning,
    /// What is done where the table has no such column.
    pub absent: Absent,
}

/// What a cell means: texts that differ may say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Any text; how many blanks stand in it doesn't matter.
    Text,
    /// The same, of one thing alone: a serial number.
    Serial,
    /// A SHA-256 in hexadecimal, with colons or without, in either case.
    Fingerprint,
    /// A host key as OpenSSH prints it; `SHA256:` and the padding may be left out.
    HostKey,
    /// A MAC address, with colons or dashes, in either case.
    Mac,
    /// A version; docs may leave out its last parts: `9.2` is `9.2.1`.
    Version,
    /// An address; docs may leave out its prefix.
    Address,
    /// Hexadecimal identifiers, in either case.
    Hex,
}

/// What is done where a table has no column for what was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It's offered.
    Add,
    /// The table says by having the column that the lab wants it there.
    Leave,
}

impl Learnable {
    /// The column's name, by which facts are read: `host_key`.
    #[must_use]
    pub fn name(&self) -> String {
        super::columns::name(self.heading)
    }

    /// Finds the table that it's in.
    #[must_use]
    pub fn table_in<'a>(&self, docs: &'a Docs) -> Option<&'a Table> {
        docs.table(self.document, self.table)
            .ok()
            .map(AsRef::as_ref)
    }

    /// Finds the row whose key columns hold these texts.
    #[must_use]
    pub fn row_in<'a>(&self, table: &'a Table, keys: &[impl AsRef<str>]) -> Option<&'a Row> {
        let holds = |row: &Row| {
            self.keys.iter().zip(keys).all(|(column, key)| {
                row.get(column)
                    .is_some_and(|cell| cell.text == key.as_ref())
            })
        };
        let mut found = table.rows.iter().filter(|row| holds(row));
        found.next().filter(|_| keys.len() == self.keys.len())
    }

    /// Whether another row says what this one should.
    #[must_use]
    pub fn is_elsewhere(&self, table: &Table, row: &Row, text: &str) -> bool {
        let name = self.name();
        let says = |other: &Row| {
            let cell = other.get(&name);
            other.line != row.line
                && cell.is_some_and(|cell| self.meaning.is_same(&cell.text, text))
        };
        table.rows.iter().any(says)
    }

    /// Whether a table can hold it: it has the column, or may be given it.
    #[must_use]
    pub fn fits(&self, table: &Table) -> bool {
        self.absent == Absent::Add || table.column(&self.name()).is_ok()
    }

    /// What should stand in a cell for a learned value; nothing if the cell says the same already.
    #[must_use]
    pub fn correction(&self, cell: Option<&Cell>, learned: &str) -> Option<String> {
        let documented = cell.filter(|cell| !cell.value.is_missing());
        let Some(documented) = documented.map(|cell| cell.text.as_str()) else {
            return Some(learned.to_owned());
        };
        let written = self.meaning.as_detailed_as(documented, learned);
        (!self.meaning.is_same(documented, &written)).then_some(written)
    }
}

impl Meaning {
    /// Whether it tells one thing from all others: no two rows can say the same.
    #[must_use]
    pub const fn identifies(self) -> bool {
        matches!(self, Self::Serial | Self::Mac)
    }

    /// Whether two texts say the same.
    #[must_use]
    pub fn is_same(self, one: &str, other: &str) -> bool {
        match self {
            Self::Text | Self::Serial => one.split_whitespace().eq(other.split_whitespace()),
            Self::Version => one.trim() == other.trim(),
            Self::Address => address(one) == address(other),
            _ => self.bare(one) == self.bare(other),
        }
    }

    /// A text without what may be written in another way.
    fn bare(self, text: &str) -> String {
        let text = text.trim();
        match self {
            Self::Fingerprint => hexadecimal(text.trim_start_matches("SHA256:"), &[':', ' ']),
            Self::Mac => hexadecimal(text, &[':', '-']),
            Self::Hex => text.to_ascii_lowercase(),
            Self::HostKey => {
                let text = text.trim_end_matches('=');
                text.strip_prefix("SHA256:").unwrap_or(text).to_owned()
            }
            Self::Text | Self::Serial | Self::Version | Self::Address => text.to_owned(),
        }
    }

    /// The learned value, as detailed as docs write it: of a version as many parts, an address without its prefix.
    fn as_detailed_as(self, documented: &str, learned: &str) -> String {
        match self {
            Self::Version => {
                let parts = documented.split('.').count();
                let kept: Vec<&str> = learned.split('.').take(parts).collect();
                kept.join(".")
            }
            Self::Address if !documented.contains('/') => {
                learned.split('/').next().unwrap_or(learned).to_owned()
            }
            _ => learned.to_owned(),
        }
    }
}

fn hexadecimal(text: &str, left_out: &[char]) -> String {
    text.replace(left_out, "").to_ascii_lowercase()
}

/// An address with its prefix; a text that is none stays one.
fn address(text: &str) -> Result<(IpAddr, Option<u8>), String> {
    let text = text.trim();
    if let Ok(net) = text.parse::<IpNet>() {
        return Ok((net.addr(), Some(net.prefix_len())));
    }
    text.parse()
        .map(|address| (address, None))
        .map_err(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnable(meaning: Meaning) -> Learnable {
        Learnable {
            document: "HARDWARE",
            table: "Nodes",
            keys: &["name"],
            heading: "Value",
            meaning,
            absent: Absent::Leave,
        }
    }

    #[test]
    fn what_means_the_same_needs_no_correction() {
        let table = [
            (Meaning::Fingerprint, "ab:CD", "AB:cd", None),
            (Meaning::Fingerprint, "abcd", "AB:CD", None),
            (Meaning::Fingerprint, "AB:CD", "AB:CE", Some("AB:CE")),
            (Meaning::Fingerprint, "-", "AB:CE", Some("AB:CE")),
            (Meaning::HostKey, "abc=", "SHA256:abc", None),
            (
                Meaning::HostKey,
                "SHA256:abC",
                "SHA256:abc",
                Some("SHA256:abc"),
            ),
            (Meaning::Mac, "3C-EC-EF-4A-10-20", "3c:ec:ef:4a:10:20", None),
            (
                Meaning::Mac,
                "",
                "3c:ec:ef:4a:10:20",
                Some("3c:ec:ef:4a:10:20"),
            ),
            (Meaning::Version, "9.2", "9.2.1", None),
            (Meaning::Version, "9.2", "9.3.1", Some("9.3")),
            (Meaning::Version, "9", "9.3.1", None),
            (Meaning::Version, "9.2.0", "9.2", Some("9.2")),
            (Meaning::Address, "10.0.0.1", "10.0.0.1/24", None),
            (
                Meaning::Address,
                "10.0.0.1/16",
                "10.0.0.1/24",
                Some("10.0.0.1/24"),
            ),
            (Meaning::Address, "fd00::1/64", "FD00:0::1/64", None),
            (
                Meaning::Address,
                "10.0.0.2",
                "10.0.0.1/24",
                Some("10.0.0.1"),
            ),
            (Meaning::Hex, "10DE:27b2", "10de:27B2", None),
            (Meaning::Text, "WD  Red ", "WD Red", None),
            (Meaning::Text, "wd red", "WD Red", Some("WD Red")),
        ];
        for (meaning, documented, learned, wanted) in table {
            let cell = Cell {
                text: documented.to_owned(),
                value: super::super::Value::parse(documented),
                line: 1,
                column: 1,
            };
            let found = learnable(meaning).correction(Some(&cell), learned);
            assert_eq!(found.as_deref(), wanted, "{documented} {learned}");
        }
        assert_eq!(
            learnable(Meaning::Text).correction(None, "x").as_deref(),
            Some("x")
        );
    }

    #[test]
    fn finds_a_row_by_all_its_keys() {
        let docs = Docs::parse(
            "HARDWARE",
            "## Disks\n| Node | Device | Serial |\n|--|--|--|\n| a | sda | 1 |\n| a | sdb | 2 |\n",
        )
        .unwrap();
        let disks = Learnable {
            table: "Disks",
            keys: &["node", "device"],
            heading: "Serial",
            ..learnable(Meaning::Text)
        };
        let table = disks.table_in(&docs).unwrap();
        assert_eq!(disks.row_in(table, &["a", "sdb"]).unwrap().line, 5);
        assert!(disks.row_in(table, &["b", "sdb"]).is_none());
        assert!(disks.row_in(table, &["a"]).is_none());
        assert!(disks.fits(table));
        let other = Learnable {
            heading: "Firmware",
            ..disks
        };
        assert!(!other.fits(table));
    }
}
