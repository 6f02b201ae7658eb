//! The example lab's own keys: whoever has them would get into every node.

use formats::authorized_keys::Key;
use runbook::failure::Failure;
use world::{
    code,
    docs::{Docs, Row, Table},
};

use crate::exit::refused;

/// The example lab's software, as `homelab init` writes it.
pub(crate) const SOFTWARE: &str = include_str!("../../../docs/SOFTWARE.md");

/// The keys of a lab's docs that are the example's: a run on the lab itself doesn't give them to nodes.
pub(crate) fn keys(docs: &Docs) -> Vec<Failure> {
    let example = Docs::parse("SOFTWARE", SOFTWARE).unwrap_or_default();
    let samples: Vec<Key> = rows(&example).filter_map(|(_, row)| key(row)).collect();
    let is_sample = |row: &Row| key(row).is_some_and(|key| samples.iter().any(|own| own.is(&key)));
    rows(docs)
        .filter(|(_, row)| is_sample(row))
        .map(|(table, row)| failure(table, row))
        .collect()
}

fn rows(docs: &Docs) -> impl Iterator<Item = (&Table, &Row)> {
    let table = docs.table("SOFTWARE", "SSH keys").ok();
    let rows = table.into_iter().map(AsRef::as_ref);
    rows.flat_map(|table: &Table| table.rows.iter().map(move |row| (table, row)))
}

fn key(row: &Row) -> Option<Key> {
    Key::read(row.text("key")?.as_bytes())
}

fn failure(table: &Table, row: &Row) -> Failure {
    let text = format!("the key of {} is the example lab's", row.key);
    let mut failure = refused(code::docs::example, text)
        .help("put a key of your own into docs/SOFTWARE.md, SSH keys, or remove the row");
    let cell = row.get("key");
    failure.place = cell.map(|cell| table.place_of(cell));
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_keys_are_known_whatever_they_are_called() {
        let renamed = SOFTWARE.replace("example-admin@desk", "me@home");
        let docs = Docs::parse("SOFTWARE", &renamed).unwrap();
        let found: Vec<String> = keys(&docs).iter().map(|own| own.message.clone()).collect();
        assert_eq!(
            found,
            [
                "the key of admin is the example lab's",
                "the key of homelab is the example lab's"
            ]
        );
        let own = SOFTWARE.replace("AAAAC3NzaC1lZDI1NTE5AAAAI", "AAAAC3NzaC1lZDI1NTE5AAAAB");
        assert_eq!(keys(&Docs::parse("SOFTWARE", &own).unwrap()).len(), 0);
    }
}
