//! A twin's state in SQLite: object rows and a few values of the twin itself. One request is one transaction.

use model::{Fault, Key, Rows};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde_json::Value;
use std::{path::Path, time::Duration};

/// A twin's store.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
}

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS objects (
        domain TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (domain, kind, id)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

impl Store {
    /// Opens the store at a path, or one in memory.
    pub(crate) fn open(path: Option<&Path>) -> rusqlite::Result<Self> {
        let connection = match path {
            Some(path) => {
                if !path.exists() {
                    let made = world::private::file(path);
                    made.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
                }
                Connection::open(path)?
            }
            None => Connection::open_in_memory()?,
        };
        connection.busy_timeout(Duration::from_secs(30))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A twin that is lost in a power cut is reset; a process that is killed loses nothing.
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection })
    }

    /// Does `work` in one transaction; its error undoes it.
    pub(crate) fn transaction<T, E: From<Fault>>(
        &mut self,
        work: impl FnOnce(&mut SqlRows<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(store_fault)?;
        let result = work(&mut SqlRows(&transaction))?;
        transaction.commit().map_err(store_fault)?;
        Ok(result)
    }
}

/// The rows of a store inside a transaction.
pub(crate) struct SqlRows<'a>(&'a Connection);

fn store_fault(error: rusqlite::Error) -> Fault {
    Fault::Store(error.to_string())
}

fn parse(body: &str) -> Result<Value, Fault> {
    serde_json::from_str(body).map_err(|error| Fault::Store(error.to_string()))
}

impl SqlRows<'_> {
    /// A value of the twin itself.
    pub(crate) fn meta(&self, key: &str) -> Result<Option<String>, Fault> {
        let mut query = self
            .0
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")
            .map_err(store_fault)?;
        query
            .query_row([key], |row| row.get(0))
            .optional()
            .map_err(store_fault)
    }

    /// Keeps a value of the twin itself.
    pub(crate) fn set_meta(&self, key: &str, value: &str) -> Result<(), Fault> {
        let mut insert = self
            .0
            .prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")
            .map_err(store_fault)?;
        insert.execute([key, value]).map_err(store_fault)?;
        Ok(())
    }

    /// Removes every row.
    pub(crate) fn clear(&self) -> Result<(), Fault> {
        self.0
            .execute("DELETE FROM objects", [])
            .map_err(store_fault)?;
        Ok(())
    }

    /// Every row, sorted by its key.
    pub(crate) fn all(&self) -> Result<Vec<(Key, Value)>, Fault> {
        let mut query = self
            .0
            .prepare_cached("SELECT domain, kind, id, body FROM objects ORDER BY domain, kind, id")
            .map_err(store_fault)?;
        let rows = query
            .query_map([], |row| {
                let key = Key {
                    domain: row.get(0)?,
                    kind: row.get(1)?,
                    id: row.get(2)?,
                };
                Ok((key, row.get::<_, String>(3)?))
            })
            .map_err(store_fault)?;
        rows.map(|row| {
            let (key, body) = row.map_err(store_fault)?;
            Ok((key, parse(&body)?))
        })
        .collect()
    }
}

impl Rows for SqlRows<'_> {
    fn get(&mut self, key: &Key) -> Result<Option<Value>, Fault> {
        let mut query = self
            .0
            .prepare_cached("SELECT body FROM objects WHERE domain = ?1 AND kind = ?2 AND id = ?3")
            .map_err(store_fault)?;
        let body: Option<String> = query
            .query_row([&key.domain, &key.kind, &key.id], |row| row.get(0))
            .optional()
            .map_err(store_fault)?;
        body.as_deref().map(parse).transpose()
    }

    fn put(&mut self, key: &Key, value: Value) -> Result<(), Fault> {
        let mut insert = self
            .0
            .prepare_cached(
                "INSERT OR REPLACE INTO objects (domain, kind, id, body) VALUES (?1, ?2, ?3, ?4)",
            )
            .map_err(store_fault)?;
        insert
            .execute(params![key.domain, key.kind, key.id, value.to_string()])
            .map_err(store_fault)?;
        Ok(())
    }

    fn delete(&mut self, key: &Key) -> Result<(), Fault> {
        let mut delete = self
            .0
            .prepare_cached("DELETE FROM objects WHERE domain = ?1 AND kind = ?2 AND id = ?3")
            .map_err(store_fault)?;
        delete
            .execute([&key.domain, &key.kind, &key.id])
            .map_err(store_fault)?;
        Ok(())
    }

    fn scan(&mut self, domain: &str, kind: &str) -> Result<Vec<(String, Value)>, Fault> {
        let mut query = self
            .0
            .prepare_cached(
                "SELECT id, body FROM objects WHERE domain = ?1 AND kind = ?2 ORDER BY id",
            )
            .map_err(store_fault)?;
        let rows = query
            .query_map([domain, kind], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?))
            })
            .map_err(store_fault)?;
        rows.map(|row| {
            let (id, body) = row.map_err(store_fault)?;
            Ok((id, parse(&body)?))
        })
        .collect()
    }
}
