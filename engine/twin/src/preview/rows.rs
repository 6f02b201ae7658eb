//! A preview's rows: what was read from the world below, and over it what the plan would have written.

use model::{CellId, Fault, Key, Rows, kind};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use world::Origin;

/// What no world below shows, because it belongs to the model alone.
const OWN: &[&str] = &[kind::RUNNING, kind::TWIN, kind::FAULT];

/// What only the plan makes: there is none of it in the world below, and what it makes counts as touched.
const PLANNED: &[&str] = &[
    kind::STALE_UNIT,
    kind::STALE_LISTS,
    kind::CALL,
    kind::GUARD,
    kind::GUARDED,
    kind::RELOAD,
];

/// What a twin alone is told: no plan can ask for it, and does without.
const TOLD: &[&str] = &[kind::COMMAND, kind::OFFER];

/// What became of the reads of one row.
#[derive(Debug)]
pub(super) enum Piece {
    /// The row, or that there is none.
    Known(Option<Value>),
    /// It can't be known.
    Unknown(Origin),
}

/// Rows in memory, each list of a kind loaded as a whole.
#[derive(Debug, Default)]
pub(super) struct PreviewRows {
    loaded: BTreeMap<Key, Value>,
    lists: BTreeSet<(String, String)>,
    /// Rows that were read one by one, also those that aren't there.
    pieces: BTreeSet<Key>,
    /// Domains of which every row is known: those of nodes that the plan would have installed.
    whole: BTreeSet<String>,
    unknown: BTreeMap<(String, String), Origin>,
    unknown_pieces: BTreeMap<Key, Origin>,
    /// Lists that can't be known, of rows that can.
    unlisted: BTreeMap<(String, String), Origin>,
    predicted: BTreeMap<Key, Option<Value>>,
    /// Of what the plan would have changed, what nobody can know.
    lost: BTreeMap<Key, Origin>,
    touched: bool,
}

impl PreviewRows {
    /// Takes the rows of a kind as the world below has them; what was taken before stays.
    pub(super) fn load(&mut self, domain: &str, kind: &str, rows: Vec<(String, Value)>) {
        if !self.lists.insert((domain.to_owned(), kind.to_owned())) {
            return;
        }
        for (id, value) in rows {
            self.loaded.insert(Key::new(domain, kind, id), value);
        }
    }

    /// Forgets what the world below had: it may have changed. What belongs to the lab stays, as docs say it, or as nodes
    /// are met.
    pub(super) fn forget(&mut self) {
        self.loaded.retain(|key, _| key.domain.is_empty());
        self.lists.retain(|(domain, _)| domain.is_empty());
        self.pieces.retain(|key| key.domain.is_empty());
        self.unknown.clear();
        self.unknown_pieces.clear();
        self.unlisted.clear();
    }

    /// Says that a domain has no rows but those that the plan writes.
    pub(super) fn begin(&mut self, domain: impl Into<String>) {
        self.whole.insert(domain.into());
    }

    /// Whether a domain has no rows but those that the plan writes.
    pub(super) fn is_begun(&self, domain: &str) -> bool {
        self.whole.contains(domain)
    }

    /// Adds one row as the world below has it to a list that is known piece by piece.
    pub(super) fn add(&mut self, key: Key, value: Value) {
        self.loaded.entry(key).or_insert(value);
    }

    /// Takes one row as the world below has it now, in place of what was taken before.
    pub(super) fn renew(&mut self, key: Key, value: Value) {
        self.loaded.insert(key, value);
    }

    /// Takes one row as the world below has it; what was taken before stays.
    pub(super) fn load_piece(&mut self, key: Key, piece: Piece) {
        match piece {
            Piece::Known(row) => {
                if let Some(row) = row {
                    self.loaded.entry(key.clone()).or_insert(row);
                }
                self.pieces.insert(key);
            }
            Piece::Unknown(origin) => {
                self.unknown_pieces.insert(key, origin);
            }
        }
    }

    /// Says that the rows of a kind can't be known, and why.
    pub(super) fn set_unknown(&mut self, domain: &str, kind: &str, origin: Origin) {
        let list = (domain.to_owned(), kind.to_owned());
        self.unknown.insert(list, origin);
    }

    /// Says that nobody can list the rows of a kind, and why; each of them can be read.
    pub(super) fn set_unlisted(&mut self, domain: &str, kind: &str, origin: Origin) {
        let list = (domain.to_owned(), kind.to_owned());
        self.unlisted.insert(list, origin);
    }

    /// Whether the list of a kind was loaded.
    pub(super) fn has(&self, domain: &str, kind: &str) -> bool {
        let list = (domain.to_owned(), kind.to_owned());
        self.lists.contains(&list)
    }

    /// Whether the plan would have changed anything in a domain.
    pub(super) fn is_changed(&self, domain: &str) -> bool {
        self.predicted
            .keys()
            .any(|key| key.domain == domain && !is_own(&key.kind))
    }

    /// What the plan would have made of a row: nothing if it leaves it alone, else the row, if it's still there.
    pub(super) fn predicted(&self, key: &Key) -> Option<Option<&Value>> {
        self.predicted.get(key).map(Option::as_ref)
    }

    /// A row as it would be, as far as it's known without a read. It doesn't count as touched.
    pub(super) fn peek(&self, key: &Key) -> Option<&Value> {
        match self.predicted.get(key) {
            Some(value) => value.as_ref(),
            None => self.loaded.get(key),
        }
    }

    /// Every row of a kind in a domain that is known without a read. It doesn't count as touched.
    pub(super) fn known(&self, domain: &str, kind: &str) -> BTreeMap<String, &Value> {
        let first = Key::new(domain, kind, "");
        let in_list = |key: &Key| key.domain == domain && key.kind == kind;
        let loaded = self.loaded.range(first.clone()..);
        let mut rows: BTreeMap<String, &Value> = loaded
            .take_while(|(key, _)| in_list(key))
            .map(|(key, value)| (key.id.clone(), value))
            .collect();
        let predicted = self.predicted.range(first..);
        for (key, value) in predicted.take_while(|(key, _)| in_list(key)) {
            match value {
                Some(value) => rows.insert(key.id.clone(), value),
                None => rows.remove(&key.id),
            };
        }
        rows
    }

    /// Begins to watch whether predicted rows are touched.
    pub(super) const fn watch(&mut self) {
        self.touched = false;
    }

    /// Whether a predicted row was touched since [`watch`](Self::watch).
    pub(super) const fn is_touched(&self) -> bool {
        self.touched
    }

    /// Whether a list is one that is known without the world below: the model's own, or put together from what
    /// nodes say of themselves.
    fn is_whole(&self, domain: &str, kind: &str) -> bool {
        is_own(kind)
            || PLANNED.contains(&kind)
            || TOLD.contains(&kind)
            || (domain.is_empty() && kind == kind::NODE)
            || self.whole.contains(domain)
            || self.has(domain, kind)
    }

    fn check(&self, domain: &str, kind: &str, id: Option<&str>) -> Result<(), Fault> {
        if self.is_whole(domain, kind) {
            return Ok(());
        }
        if let Some(id) = id {
            let key = Key::new(domain, kind, id);
            if self.pieces.contains(&key) {
                return Ok(());
            }
            if let Some(origin) = self.unknown_pieces.get(&key) {
                return Err(Fault::Unknown(origin.clone()));
            }
        }
        let list = (domain.to_owned(), kind.to_owned());
        let unlisted = self.unlisted.get(&list).filter(|_| id.is_none());
        match self.unknown.get(&list).or(unlisted) {
            Some(origin) => Err(Fault::Unknown(origin.clone())),
            None => Err(Fault::Missing(CellId {
                domain: list.0,
                kind: list.1,
                id: id.map(str::to_owned),
            })),
        }
    }

    fn set(&mut self, key: &Key, value: Option<Value>) {
        self.lost.remove(key);
        // What ends as it was is as it was: no answer that shows it is a prediction. What was never read may
        // have been anything.
        let before = self.loaded.get(key);
        let is_known = self.is_whole(&key.domain, &key.kind) || self.pieces.contains(key);
        if is_known && before == value.as_ref() {
            self.predicted.remove(key);
        } else {
            self.predicted.insert(key.clone(), value);
        }
    }
}

fn is_own(kind: &str) -> bool {
    OWN.contains(&kind)
}

impl Rows for PreviewRows {
    fn get(&mut self, key: &Key) -> Result<Option<Value>, Fault> {
        if let Some(origin) = self.lost.get(key) {
            self.touched = true;
            return Err(Fault::Unknown(origin.clone()));
        }
        if let Some(value) = self.predicted.get(key) {
            // Every request looks for its node's cluster: alone, that tells nothing of what it shows.
            self.touched |= !is_own(&key.kind) && key.kind != kind::NODE;
            return Ok(value.clone());
        }
        if let Some(value) = self.loaded.get(key) {
            return Ok(Some(value.clone()));
        }
        self.check(&key.domain, &key.kind, Some(&key.id))?;
        Ok(None)
    }

    fn put(&mut self, key: &Key, value: Value) -> Result<(), Fault> {
        self.set(key, Some(value));
        Ok(())
    }

    fn delete(&mut self, key: &Key) -> Result<(), Fault> {
        self.set(key, None);
        Ok(())
    }

    fn lose(&mut self, key: &Key, origin: Origin) -> Result<(), Fault> {
        // Lists have it as before: what it says is unknown, not that it's there.
        let before = self.peek(key).cloned();
        self.predicted.insert(key.clone(), before);
        self.lost.insert(key.clone(), origin);
        Ok(())
    }

    fn scan(&mut self, domain: &str, kind: &str) -> Result<Vec<(String, Value)>, Fault> {
        self.check(domain, kind, None)?;
        let first = Key::new(domain, kind, "");
        let changed = self.predicted.range(first..).next();
        let changed = changed.is_some_and(|(key, _)| key.domain == domain && key.kind == kind);
        self.touched |= changed && !is_own(kind);
        let rows = self.known(domain, kind);
        Ok(rows
            .into_iter()
            .map(|(id, value)| (id, value.clone()))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use model::rows::Pending;
    use serde_json::json;

    use super::*;

    #[test]
    fn asks_for_what_was_not_read_and_marks_what_was_written() {
        let mut rows = PreviewRows::default();
        let key = Key::new("etc/a", kind::POOL, "one");
        assert!(matches!(rows.get(&key), Err(Fault::Missing(_))));
        assert!(matches!(
            rows.scan("etc/a", kind::POOL),
            Err(Fault::Missing(_))
        ));
        rows.load(
            "etc/a",
            kind::POOL,
            vec![("one".to_owned(), json!({ "comment": "a" }))],
        );
        assert_eq!(rows.get(&key).unwrap().unwrap()["comment"], "a");
        assert!(!rows.is_touched() && !rows.is_changed("etc/a"));

        rows.delete(&key).unwrap();
        assert_eq!(rows.scan("etc/a", kind::POOL).unwrap(), []);
        assert!(rows.is_touched() && rows.is_changed("etc/a"));

        rows.put(&key, json!({ "comment": "a" })).unwrap();
        rows.watch();
        assert_eq!(rows.scan("etc/a", kind::POOL).unwrap().len(), 1);
        assert!(
            !rows.is_touched() && !rows.is_changed("etc/a"),
            "it is as it was"
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_absent() {
        let mut rows = PreviewRows::default();
        let origin = Origin {
            step: String::new(),
            what: "the pools".to_owned(),
        };
        rows.set_unknown("etc/a", kind::POOL, origin);
        let key = Key::new("etc/a", kind::POOL, "one");
        assert!(matches!(rows.get(&key), Err(Fault::Unknown(_))));
        rows.put(&key, json!({})).unwrap();
        assert!(
            rows.get(&key).unwrap().is_some(),
            "what the plan wrote is known"
        );
        assert!(matches!(
            rows.scan("etc/a", kind::POOL),
            Err(Fault::Unknown(_))
        ));
    }

    #[test]
    fn what_is_lost_is_unknown_until_it_is_written() {
        let mut rows = PreviewRows::default();
        let key = Key::new("node/a", kind::FILE, "/etc/one");
        rows.load_piece(key.clone(), Piece::Known(Some(json!("as it was"))));
        let mut pending = Pending::new(&mut rows);
        pending
            .lose(&key, Origin::of("the file".to_owned()))
            .unwrap();
        assert!(matches!(pending.get(&key), Err(Fault::Unknown(_))));
        pending.commit().unwrap();
        assert!(matches!(rows.get(&key), Err(Fault::Unknown(_))));
        assert!(rows.is_touched() && rows.is_changed("node/a"));
        rows.put(&key, json!("new")).unwrap();
        assert_eq!(rows.get(&key).unwrap(), Some(json!("new")));
    }

    #[test]
    fn rows_of_a_list_that_nobody_can_read_are_read_one_by_one() {
        let mut rows = PreviewRows::default();
        rows.set_unlisted("node/a", kind::UNIT, Origin::of("the units".to_owned()));
        let list = rows.scan("node/a", kind::UNIT);
        assert!(matches!(list, Err(Fault::Unknown(_))));
        let one = rows.get(&Key::new("node/a", kind::UNIT, "one.service"));
        assert!(matches!(one, Err(Fault::Missing(_))));
    }
}
