//! The columns of docs that operations fill. What belongs in them, and when two texts say the same, their schema says.

use super::{Docs, Row, Schema, Table, schema::Meaning};

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
    /// What is done where the table has no such column.
    pub absent: Absent,
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

    /// What its cells mean.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        let table = Schema::builtin().table(self.document, self.table);
        let name = self.name();
        let line = table.and_then(|table| table.lines_of(&name).next());
        line.map_or(Meaning::Text, |line| line.kind.meaning())
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
        let (name, meaning) = (self.name(), self.meaning());
        let says = |other: &Row| {
            let cell = other.get(&name);
            other.line != row.line && cell.is_some_and(|cell| meaning.is_same(&cell.text, text))
        };
        table.rows.iter().any(says)
    }

    /// Whether a table can hold it: it has the column, or may be given it.
    #[must_use]
    pub fn fits(&self, table: &Table) -> bool {
        self.absent == Absent::Add || table.column(&self.name()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            document: "HARDWARE",
            absent: Absent::Leave,
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
