//! A twin's state in SQLite: object rows and a few values of the twin itself. One request is one transaction.

use model::{Fault, Key, Rows};
use rusqlite::{
    Connection, ErrorCode, OptionalExtension as _, TransactionBehavior, params, types::ValueRef,
};
use serde_json::Value;
use std::{cell::RefCell, fs, path::Path, time::Duration};

use crate::seal::Seal;

/// A twin's store.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
    inner: Inner,
}

/// What rows are read and written with.
#[derive(Debug, Default)]
struct Inner {
    /// None in memory.
    seal: Option<Seal>,
    /// The first failure of the store itself, whatever became of it on its way up.
    failed: RefCell<Option<String>>,
}

/// The version of a store whose rows are sealed.
const SEALED: i64 = 1;

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
        let seal = path.map(Seal::beside).transpose();
        let seal =
            seal.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        let inner = Inner {
            seal,
            ..Inner::default()
        };
        let mut store = Self { connection, inner };
        store.seal_all()?;
        Ok(store)
    }

    /// Seals the rows of a store that an older homelab left.
    fn seal_all(&mut self) -> rusqlite::Result<()> {
        let version: i64 = self
            .connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version == SEALED {
            return Ok(());
        }
        let sealed: Result<(), Fault> = self.transaction(|rows| {
            for (key, value) in rows.all()? {
                rows.put(&key, value)?;
            }
            Ok(())
        });
        sealed
            .map_err(|fault| rusqlite::Error::ToSqlConversionFailure(fault.to_string().into()))?;
        // What stood there in clear is in no page of the file any more.
        self.connection
            .execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?;
        self.connection.pragma_update(None, "user_version", SEALED)
    }

    /// The first failure of the store itself.
    pub(crate) fn failure(&self) -> Option<String> {
        self.inner.failed.borrow().clone()
    }

    /// Whether what is at a path is no sound store: damaged, cut short, no database at all, or without its key.
    pub(crate) fn is_damaged(path: &Path) -> bool {
        if !path.exists() {
            return false;
        }
        let is_of_damage = |error: &rusqlite::Error| {
            matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            )
        };
        let checked = Connection::open(path).and_then(|connection| {
            connection.query_row("PRAGMA quick_check", [], |row| row.get::<_, String>(0))
        });
        match checked {
            Ok(said) if said != "ok" => return true,
            Err(error) if is_of_damage(&error) => return true,
            _ => {}
        }
        let rows =
            Self::open(Some(path)).map(|mut store| store.transaction(|rows| rows.all().map(drop)));
        match rows {
            Ok(rows) => rows.is_err(),
            Err(error) => {
                is_of_damage(&error) || matches!(error, rusqlite::Error::ToSqlConversionFailure(_))
            }
        }
    }

    /// Removes a store with all that lies beside it.
    pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
        for extension in ["db", "db-wal", "db-shm", "key"] {
            match fs::remove_file(path.with_extension(extension)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Does `work` in one transaction; its error undoes it.
    pub(crate) fn transaction<T, E: From<Fault>>(
        &mut self,
        work: impl FnOnce(&mut SqlRows<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let inner = &self.inner;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| inner.fault(&error))?;
        let mut rows = SqlRows {
            connection: &transaction,
            inner,
        };
        let result = work(&mut rows)?;
        transaction.commit().map_err(|error| inner.fault(&error))?;
        Ok(result)
    }
}

impl Inner {
    /// A failure of the store, which is remembered.
    fn fault(&self, error: &dyn std::fmt::Display) -> Fault {
        let text = error.to_string();
        self.failed.borrow_mut().get_or_insert_with(|| text.clone());
        Fault::Store(text)
    }

    fn close(&self, value: &Value) -> Result<Vec<u8>, Fault> {
        let text = value.to_string();
        match &self.seal {
            Some(seal) => seal
                .close(&text)
                .ok_or_else(|| self.fault(&"a row can't be sealed")),
            None => Ok(text.into_bytes()),
        }
    }

    /// A row as it's kept; one that an older homelab left is text.
    fn read(&self, body: &Body) -> Result<Value, Fault> {
        let text = match (body, &self.seal) {
            (Body::Text(text), _) => Some(text.clone()),
            (Body::Sealed(bytes), Some(seal)) => seal.open(bytes),
            (Body::Sealed(bytes), None) => String::from_utf8(bytes.clone()).ok(),
        };
        let text =
            text.ok_or_else(|| self.fault(&"a row was changed, or twin.key is another store's"))?;
        serde_json::from_str(&text).map_err(|error| self.fault(&error))
    }
}

/// What stands in the column of a row's body.
enum Body {
    Text(String),
    Sealed(Vec<u8>),
}

impl rusqlite::types::FromSql for Body {
    fn column_result(value: ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        match value {
            ValueRef::Blob(bytes) => Ok(Self::Sealed(bytes.to_vec())),
            other => other.as_str().map(|text| Self::Text(text.to_owned())),
        }
    }
}

/// The rows of a store inside a transaction.
pub(crate) struct SqlRows<'a> {
    connection: &'a Connection,
    inner: &'a Inner,
}

impl SqlRows<'_> {
    /// A value of the twin itself.
    pub(crate) fn meta(&self, key: &str) -> Result<Option<String>, Fault> {
        let mut query = self
            .connection
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")
            .map_err(|error| self.inner.fault(&error))?;
        query
            .query_row([key], |row| row.get(0))
            .optional()
            .map_err(|error| self.inner.fault(&error))
    }

    /// Keeps a value of the twin itself.
    pub(crate) fn set_meta(&self, key: &str, value: &str) -> Result<(), Fault> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")
            .map_err(|error| self.inner.fault(&error))?;
        insert
            .execute([key, value])
            .map_err(|error| self.inner.fault(&error))?;
        Ok(())
    }

    /// Removes every row.
    pub(crate) fn clear(&self) -> Result<(), Fault> {
        self.connection
            .execute("DELETE FROM objects", [])
            .map_err(|error| self.inner.fault(&error))?;
        Ok(())
    }

    /// Every row, sorted by its key.
    pub(crate) fn all(&self) -> Result<Vec<(Key, Value)>, Fault> {
        let mut query = self
            .connection
            .prepare_cached("SELECT domain, kind, id, body FROM objects ORDER BY domain, kind, id")
            .map_err(|error| self.inner.fault(&error))?;
        let rows = query
            .query_map([], |row| {
                let key = Key {
                    domain: row.get(0)?,
                    kind: row.get(1)?,
                    id: row.get(2)?,
                };
                Ok((key, row.get::<_, Body>(3)?))
            })
            .map_err(|error| self.inner.fault(&error))?;
        rows.map(|row| {
            let (key, body) = row.map_err(|error| self.inner.fault(&error))?;
            Ok((key, self.inner.read(&body)?))
        })
        .collect()
    }
}

impl Rows for SqlRows<'_> {
    fn get(&mut self, key: &Key) -> Result<Option<Value>, Fault> {
        let mut query = self
            .connection
            .prepare_cached("SELECT body FROM objects WHERE domain = ?1 AND kind = ?2 AND id = ?3")
            .map_err(|error| self.inner.fault(&error))?;
        let body: Option<Body> = query
            .query_row([&key.domain, &key.kind, &key.id], |row| row.get(0))
            .optional()
            .map_err(|error| self.inner.fault(&error))?;
        body.map(|body| self.inner.read(&body)).transpose()
    }

    fn put(&mut self, key: &Key, value: Value) -> Result<(), Fault> {
        let mut insert = self
            .connection
            .prepare_cached(
                "INSERT OR REPLACE INTO objects (domain, kind, id, body) VALUES (?1, ?2, ?3, ?4)",
            )
            .map_err(|error| self.inner.fault(&error))?;
        let body = self.inner.close(&value)?;
        insert
            .execute(params![key.domain, key.kind, key.id, body])
            .map_err(|error| self.inner.fault(&error))?;
        Ok(())
    }

    fn delete(&mut self, key: &Key) -> Result<(), Fault> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM objects WHERE domain = ?1 AND kind = ?2 AND id = ?3")
            .map_err(|error| self.inner.fault(&error))?;
        delete
            .execute([&key.domain, &key.kind, &key.id])
            .map_err(|error| self.inner.fault(&error))?;
        Ok(())
    }

    fn scan(&mut self, domain: &str, kind: &str) -> Result<Vec<(String, Value)>, Fault> {
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT id, body FROM objects WHERE domain = ?1 AND kind = ?2 ORDER BY id",
            )
            .map_err(|error| self.inner.fault(&error))?;
        let rows = query
            .query_map([domain, kind], |row| {
                Ok((row.get(0)?, row.get::<_, Body>(1)?))
            })
            .map_err(|error| self.inner.fault(&error))?;
        rows.map(|row| {
            let (id, body) = row.map_err(|error| self.inner.fault(&error))?;
            Ok((id, self.inner.read(&body)?))
        })
        .collect()
    }
}
