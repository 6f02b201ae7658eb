//! Rows: what the model's state is made of, and how handlers reach it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use world::{Origin, host::OPERATOR};

/// The address of a row: whose state it is, what it is, and which one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// A cluster's or a node's domain; empty for what belongs to neither. See [`super::Tx`].
    pub domain: String,
    /// The kind of row: a constant of [`super::kind`].
    pub kind: String,
    /// Which row of that kind.
    pub id: String,
}

impl Key {
    /// The key of row `id` of a kind in a domain.
    #[must_use]
    pub fn new(domain: impl Into<String>, kind: &str, id: impl Into<String>) -> Self {
        Self {
            domain: domain.into(),
            kind: kind.to_owned(),
            id: id.into(),
        }
    }
}

/// The domain of what belongs to one node alone.
#[must_use]
pub fn node_domain(node: &str) -> String {
    format!("node/{node}")
}

/// The domain of a host's rows.
#[must_use]
pub fn domain_of(host: &str) -> String {
    if host == OPERATOR {
        OPERATOR.to_owned()
    } else {
        node_domain(host)
    }
}

/// The domain of the cluster that a node founds; a node that is in no cluster is its own.
#[must_use]
pub fn founded_domain(node: &str) -> String {
    format!("etc/{node}")
}

/// What a preview has not loaded yet: one row, or the list of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId {
    /// The row's domain.
    pub domain: String,
    /// The row's kind.
    pub kind: String,
    /// The row's id; none for the list of all rows of the kind.
    pub id: Option<String>,
}

/// Why rows gave no answer. A handler passes it on with `?`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// A preview's cell has to be filled before the handler can run.
    #[error("the rows of {0:?} are not loaded")]
    Missing(CellId),
    /// A preview can't know the row.
    #[error("not known yet: {0}")]
    Unknown(Origin),
    /// The store failed.
    #[error("the twin's store failed: {0}")]
    Store(String),
}

/// State as rows: JSON objects at keys.
pub trait Rows {
    /// The row at `key`.
    ///
    /// # Errors
    /// See [`Fault`].
    fn get(&mut self, key: &Key) -> Result<Option<Value>, Fault>;

    /// Writes the row at `key`.
    ///
    /// # Errors
    /// See [`Fault`].
    fn put(&mut self, key: &Key, value: Value) -> Result<(), Fault>;

    /// Removes the row at `key`, if there is one.
    ///
    /// # Errors
    /// See [`Fault`].
    fn delete(&mut self, key: &Key) -> Result<(), Fault>;

    /// Says that nobody can know the row at `key` from now on; lists have it as before. Where rows are all that there is, they are known.
    ///
    /// # Errors
    /// See [`Fault`].
    fn lose(&mut self, key: &Key, _: Origin) -> Result<(), Fault> {
        Err(Fault::Store(format!("{key:?} is known here")))
    }

    /// Every row of a kind in a domain with its id, sorted by id.
    ///
    /// # Errors
    /// See [`Fault`].
    fn scan(&mut self, domain: &str, kind: &str) -> Result<Vec<(String, Value)>, Fault>;
}

/// Writes that are kept back until they are known to be wanted: a refused request leaves no trace.
pub struct Pending<'a> {
    below: &'a mut dyn Rows,
    writes: BTreeMap<Key, Write>,
}

/// What is to become of a row.
enum Write {
    Put(Value),
    Deleted,
    Lost(Origin),
}

impl<'a> Pending<'a> {
    /// Nothing written yet over `below`.
    pub const fn new(below: &'a mut dyn Rows) -> Self {
        Self {
            below,
            writes: BTreeMap::new(),
        }
    }

    /// Writes all that was kept back.
    pub fn commit(self) -> Result<(), Fault> {
        for (key, value) in self.writes {
            match value {
                Write::Put(value) => self.below.put(&key, value)?,
                Write::Deleted => self.below.delete(&key)?,
                Write::Lost(origin) => self.below.lose(&key, origin)?,
            }
        }
        Ok(())
    }
}

impl Rows for Pending<'_> {
    fn get(&mut self, key: &Key) -> Result<Option<Value>, Fault> {
        match self.writes.get(key) {
            Some(Write::Put(value)) => Ok(Some(value.clone())),
            Some(Write::Deleted) => Ok(None),
            Some(Write::Lost(origin)) => Err(Fault::Unknown(origin.clone())),
            None => self.below.get(key),
        }
    }

    fn put(&mut self, key: &Key, value: Value) -> Result<(), Fault> {
        self.writes.insert(key.clone(), Write::Put(value));
        Ok(())
    }

    fn delete(&mut self, key: &Key) -> Result<(), Fault> {
        self.writes.insert(key.clone(), Write::Deleted);
        Ok(())
    }

    fn lose(&mut self, key: &Key, origin: Origin) -> Result<(), Fault> {
        self.writes.insert(key.clone(), Write::Lost(origin));
        Ok(())
    }

    fn scan(&mut self, domain: &str, kind: &str) -> Result<Vec<(String, Value)>, Fault> {
        let mut rows: BTreeMap<String, Value> =
            self.below.scan(domain, kind)?.into_iter().collect();
        let first = Key::new(domain, kind, "");
        for (key, value) in self.writes.range(first..) {
            if key.domain != domain || key.kind != kind {
                break;
            }
            match value {
                Write::Put(value) => rows.insert(key.id.clone(), value.clone()),
                Write::Deleted => rows.remove(&key.id),
                Write::Lost(_) => None,
            };
        }
        Ok(rows.into_iter().collect())
    }
}

/// Rows in memory; the order of ids is that of their bytes.
#[derive(Clone, Debug, Default)]
pub struct MemoryRows(pub BTreeMap<Key, Value>);

impl Rows for MemoryRows {
    fn get(&mut self, key: &Key) -> Result<Option<Value>, Fault> {
        Ok(self.0.get(key).cloned())
    }

    fn put(&mut self, key: &Key, value: Value) -> Result<(), Fault> {
        self.0.insert(key.clone(), value);
        Ok(())
    }

    fn delete(&mut self, key: &Key) -> Result<(), Fault> {
        self.0.remove(key);
        Ok(())
    }

    fn scan(&mut self, domain: &str, kind: &str) -> Result<Vec<(String, Value)>, Fault> {
        let first = Key::new(domain, kind, "");
        Ok(self
            .0
            .range(first..)
            .take_while(|(key, _)| key.domain == domain && key.kind == kind)
            .map(|(key, value)| (key.id.clone(), value.clone()))
            .collect())
    }
}
