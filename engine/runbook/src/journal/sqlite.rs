//! The journal in the lab's `.homelab/` folder: SQLite, write-ahead log, synced at every commit.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, params};
use world::{WorldId, clock::Moment};

use super::{Head, Journal, JournalError, RunId, Sealed, Stored};

/// Each format is made from the one before it; the number of a format is its place in this list, from 1.
const MIGRATIONS: &[&str] = &[
    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, world TEXT NOT NULL, runbook TEXT NOT NULL);
     CREATE TABLE entry (run INTEGER NOT NULL REFERENCES run(id), seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
     CREATE INDEX entry_of_run ON entry(run, seq);",
    "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL);
     INSERT INTO secret VALUES ('key', randomblob(32));",
    // From here on a body begins with its time, which is read several times faster than a field among others.
    "",
    // From here on a run has entries of what it learned.
    "",
    // From here on a body may have a sealed form between its time and the entry.
    "",
];

/// A journal in one SQLite file.
pub struct SqliteJournal {
    file: PathBuf,
    connection: Mutex<Connection>,
}

impl SqliteJournal {
    /// Opens the journal, makes it if there is none, and brings an older format up to date.
    ///
    /// # Errors
    /// The file is damaged, newer, or can't be written; see [`JournalError`].
    pub fn open(file: &Path) -> Result<Self, JournalError> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| unwritable(file, &error))?;
        }
        let connection = Connection::open(file).map_err(|error| sort(file, &error))?;
        prepare(&connection, file)?;
        Ok(Self {
            file: file.to_owned(),
            connection: Mutex::new(connection),
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn entries(&self, run: RunId, query: &str) -> Result<Vec<Stored>, JournalError> {
        let connection = self.connection();
        let bodies = || -> rusqlite::Result<Vec<String>> {
            let mut statement = connection.prepare_cached(query)?;
            statement.query_map([run.0], |row| row.get(0))?.collect()
        };
        let bodies = bodies().map_err(|error| sort(&self.file, &error))?;
        if bodies.is_empty() {
            return Err(JournalError::NoSuchRun(run));
        }
        let parse = |body: &String| {
            read(body).map_err(|cause| JournalError::Corrupted {
                file: self.file.display().to_string(),
                cause: format!("an entry of run {run} can't be read: {cause}"),
            })
        };
        bodies.iter().map(parse).collect()
    }

    fn write<T>(
        &self,
        body: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let mut connection = self.connection();
        let result = (|| {
            let transaction = connection.transaction()?;
            let value = body(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })();
        result.map_err(|error| sort(&self.file, &error))
    }
}

fn prepare(connection: &Connection, file: &Path) -> Result<(), JournalError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let read = || -> rusqlite::Result<i64> {
        connection.busy_timeout(Duration::from_secs(5))?;
        let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found > known {
            return Ok(found);
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(found)
    };
    let found = read().map_err(|error| sort(file, &error))?;
    if found > known {
        return Err(JournalError::Newer {
            file: file.display().to_string(),
            found,
            known,
        });
    }
    let missing = usize::try_from(found).unwrap_or(0);
    for (at, migration) in MIGRATIONS.iter().enumerate().skip(missing) {
        let script = format!(
            "BEGIN IMMEDIATE; {migration} PRAGMA user_version = {}; COMMIT;",
            at + 1
        );
        connection
            .execute_batch(&script)
            .map_err(|error| sort(file, &error))?;
    }
    Ok(())
}

impl Journal for SqliteJournal {
    fn begin(
        &self,
        world: &WorldId,
        runbook: &str,
        entries: &[Stored],
    ) -> Result<RunId, JournalError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO run (world, runbook) VALUES (?, ?)",
                params![world.0, runbook],
            )?;
            let run = RunId(transaction.last_insert_rowid());
            insert(transaction, run, entries)?;
            Ok(run)
        })
    }

    fn append(&self, run: RunId, entries: &[Stored]) -> Result<(), JournalError> {
        self.write(|transaction| insert(transaction, run, entries))
    }

    fn load(&self, run: RunId) -> Result<Vec<Stored>, JournalError> {
        self.entries(run, "SELECT body FROM entry WHERE run = ?1 ORDER BY seq")
    }

    fn ends(&self, run: RunId) -> Result<Vec<Stored>, JournalError> {
        let ends = "SELECT body FROM entry WHERE seq IN
            ((SELECT min(seq) FROM entry WHERE run = ?1), (SELECT max(seq) FROM entry WHERE run = ?1)) ORDER BY seq";
        self.entries(run, ends)
    }

    fn runs(&self, world: Option<&WorldId>) -> Result<Vec<Head>, JournalError> {
        let connection = self.connection();
        let heads = || -> rusqlite::Result<Vec<Head>> {
            let sql = "SELECT id, world, runbook FROM run WHERE ?1 IS NULL OR world = ?1 ORDER BY id DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let head = |row: &rusqlite::Row<'_>| {
                Ok(Head {
                    run: RunId(row.get(0)?),
                    world: WorldId(row.get(1)?),
                    runbook: row.get(2)?,
                })
            };
            statement
                .query_map([world.map(|world| &world.0)], head)?
                .collect()
        };
        heads().map_err(|error| sort(&self.file, &error))
    }

    fn forget(&self, run: RunId) -> Result<(), JournalError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM entry WHERE run = ?", [run.0])?;
            transaction.execute("DELETE FROM run WHERE id = ?", [run.0])?;
            Ok(())
        })
    }

    fn key(&self) -> Result<Vec<u8>, JournalError> {
        self.connection()
            .query_row("SELECT value FROM secret WHERE name = 'key'", [], |row| {
                row.get(0)
            })
            .map_err(|error| sort(&self.file, &error))
    }
}

fn insert(
    transaction: &rusqlite::Transaction<'_>,
    run: RunId,
    entries: &[Stored],
) -> rusqlite::Result<()> {
    let mut statement =
        transaction.prepare_cached("INSERT INTO entry (run, body) VALUES (?, ?)")?;
    for entry in entries {
        let body = written(entry)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        statement.execute(params![run.0, body])?;
    }
    Ok(())
}

/// An entry as a body: its time, its sealed form if it has one, the entry as JSON, with blanks between.
fn written(stored: &Stored) -> serde_json::Result<String> {
    let entry = serde_json::to_string(&stored.entry)?;
    let sealed = stored.sealed.as_ref().map(Sealed::as_str);
    let gap = if sealed.is_some() { " " } else { "" };
    Ok(format!(
        "{}{gap}{} {entry}",
        stored.at.0,
        sealed.unwrap_or_default()
    ))
}

/// Reads a body; up to format 2 it's one JSON object.
fn read(body: &str) -> Result<Stored, String> {
    if body.starts_with('{') {
        return serde_json::from_str(body).map_err(|error| error.to_string());
    }
    let (at, rest) = body.split_once(' ').ok_or("it has no time")?;
    let (sealed, entry) = match rest.split_once(' ') {
        Some((sealed, entry)) if !rest.starts_with('{') => (Some(sealed.into()), entry),
        _ => (None, rest),
    };
    Ok(Stored {
        sealed,
        at: Moment(at.parse().map_err(|error| format!("its time: {error}"))?),
        entry: serde_json::from_str(entry).map_err(|error| error.to_string())?,
    })
}

fn unwritable(file: &Path, cause: &dyn std::fmt::Display) -> JournalError {
    JournalError::Unwritable {
        file: file.display().to_string(),
        cause: cause.to_string(),
    }
}

/// What an error of SQLite means for the user: damaged, not writable, or held by another program.
fn sort(file: &Path, error: &rusqlite::Error) -> JournalError {
    let code = error.sqlite_error_code();
    match code {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => JournalError::Busy {
            file: file.display().to_string(),
        },
        Some(
            ErrorCode::ReadOnly
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::SystemIoFailure,
        ) => unwritable(file, error),
        _ => JournalError::Corrupted {
            file: file.display().to_string(),
            cause: error.to_string(),
        },
    }
}
