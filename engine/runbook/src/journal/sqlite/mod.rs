//! The journal in the lab's `.homelab/` folder: SQLite, write-ahead log, synced at every commit.

mod body;
mod chain;
mod format;
mod key;
mod last;
mod things;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, TransactionBehavior, params};
use world::WorldId;

use self::{
    chain::{Chain, Linked},
    last::LastEntry,
};
use super::{Head, Journal, JournalError, RunId, Stored};

/// A journal in one SQLite file.
pub struct SqliteJournal {
    file: PathBuf,
    key: Vec<u8>,
    chain: Chain,
    last: LastEntry,
    connection: Mutex<Connection>,
}

impl SqliteJournal {
    /// Opens the journal, makes it if there is none, and brings an older format up to date.
    ///
    /// # Errors
    /// The file is damaged, newer, lost its newest part, or can't be written; see [`JournalError`].
    pub fn open(file: &Path) -> Result<Self, JournalError> {
        if let Some(folder) = file.parent() {
            world::private::folder(folder).map_err(|error| unwritable(file, &error))?;
        }
        if !file.exists() {
            world::private::file(file).map_err(|error| unwritable(file, &error))?;
        }
        let connection = Connection::open(file).map_err(|error| sort(file, &error))?;
        format::prepare(&connection, file)?;
        let last = LastEntry::of(file);
        last::check(&connection, file, &last)?;
        let key = key::open(&connection, file)?;
        Ok(Self {
            file: file.to_owned(),
            chain: Chain::new(&key),
            key,
            last,
            connection: Mutex::new(connection),
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The bodies of a run's entries, each with its link.
    fn bodies(&self, run: RunId, query: &str) -> Result<Vec<Linked>, JournalError> {
        let connection = self.connection();
        let bodies = || -> rusqlite::Result<Vec<_>> {
            let mut statement = connection.prepare_cached(query)?;
            let body = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            statement.query_map([run.0], body)?.collect()
        };
        let bodies = bodies().map_err(|error| sort(&self.file, &error))?;
        if bodies.is_empty() {
            return Err(JournalError::NoSuchRun(run));
        }
        Ok(bodies)
    }

    fn parsed(&self, run: RunId, bodies: &[Linked]) -> Result<Vec<Stored>, JournalError> {
        let parse = |(body, _): &Linked| {
            body::read(body).map_err(|cause| {
                damaged(
                    &self.file,
                    format!("an entry of run {run} can't be read: {cause}"),
                )
            })
        };
        bodies.iter().map(parse).collect()
    }

    /// Records entries of a run, and how many there are in all.
    fn record(
        &self,
        body: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<(RunId, i64)>,
    ) -> Result<RunId, JournalError> {
        let (run, last) = self.write(body)?;
        self.last
            .write(last)
            .map_err(|error| unwritable(&self.file, &error))?;
        Ok(run)
    }

    fn write<T>(
        &self,
        body: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let mut connection = self.connection();
        let result = (|| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = body(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })();
        result.map_err(|error| sort(&self.file, &error))
    }
}

impl Journal for SqliteJournal {
    fn begin(
        &self,
        world: &WorldId,
        runbook: &str,
        entries: &[Stored],
    ) -> Result<RunId, JournalError> {
        self.record(|transaction| {
            transaction.execute(
                "INSERT INTO run (world, runbook) VALUES (?, ?)",
                params![world.0, runbook],
            )?;
            let run = RunId(transaction.last_insert_rowid());
            Ok((run, insert(transaction, &self.chain, run, entries)?))
        })
    }

    fn append(&self, run: RunId, entries: &[Stored]) -> Result<(), JournalError> {
        self.record(|transaction| Ok((run, insert(transaction, &self.chain, run, entries)?)))?;
        Ok(())
    }

    fn load(&self, run: RunId) -> Result<Vec<Stored>, JournalError> {
        let bodies = self.bodies(
            run,
            "SELECT body, link FROM entry WHERE run = ?1 ORDER BY seq",
        )?;
        let head = head(&self.connection(), run).map_err(|error| sort(&self.file, &error))?;
        if let Some(place) = self.chain.broken(&head, &bodies) {
            let cause = format!("entry {} of run {run} isn't as it was written", place + 1);
            return Err(damaged(&self.file, cause));
        }
        self.parsed(run, &bodies)
    }

    fn ends(&self, run: RunId) -> Result<Vec<Stored>, JournalError> {
        let ends = "SELECT body, link FROM entry WHERE seq IN
            ((SELECT min(seq) FROM entry WHERE run = ?1), (SELECT max(seq) FROM entry WHERE run = ?1)) ORDER BY seq";
        self.parsed(run, &self.bodies(run, ends)?)
    }

    fn runs(&self, world: Option<&WorldId>) -> Result<Vec<Head>, JournalError> {
        let connection = self.connection();
        let heads = || -> rusqlite::Result<Vec<Head>> {
            let sql = "SELECT id, world, runbook FROM run WHERE ?1 IS NULL OR world = ?1 ORDER BY id DESC";
            let mut statement = connection.prepare_cached(sql)?;
            statement
                .query_map([world.map(|world| &world.0)], head_of)?
                .collect()
        };
        heads().map_err(|error| sort(&self.file, &error))
    }

    fn owned(&self, world: &WorldId) -> Result<Vec<String>, JournalError> {
        things::owned(&self.connection(), world).map_err(|error| sort(&self.file, &error))
    }

    fn forget(&self, run: RunId) -> Result<(), JournalError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM entry WHERE run = ?", [run.0])?;
            transaction.execute("DELETE FROM run WHERE id = ?", [run.0])?;
            Ok(())
        })
    }

    fn key(&self) -> Result<Vec<u8>, JournalError> {
        Ok(self.key.clone())
    }
}

fn head(connection: &Connection, run: RunId) -> rusqlite::Result<Head> {
    let mut statement =
        connection.prepare_cached("SELECT id, world, runbook FROM run WHERE id = ?")?;
    statement.query_row([run.0], head_of)
}

fn head_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        run: RunId(row.get(0)?),
        world: WorldId(row.get(1)?),
        runbook: row.get(2)?,
    })
}

/// Appends entries; gives the number of the last one.
fn insert(
    transaction: &rusqlite::Transaction<'_>,
    chain: &Chain,
    run: RunId,
    entries: &[Stored],
) -> rusqlite::Result<i64> {
    let before = "SELECT link FROM entry WHERE run = ? ORDER BY seq DESC LIMIT 1";
    let mut before = transaction.prepare_cached(before)?;
    let before: Option<Option<[u8; 16]>> =
        before.query_row([run.0], |row| row.get(0)).optional()?;
    let mut link = match before.flatten() {
        Some(link) => link,
        None => chain.begin(&head(transaction, run)?),
    };
    let mut statement =
        transaction.prepare_cached("INSERT INTO entry (run, body, link) VALUES (?, ?, ?)")?;
    for entry in entries {
        let body = body::written(entry)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        link = chain.next(link, &body);
        statement.execute(params![run.0, body, link])?;
    }
    let last = transaction.last_insert_rowid();
    for entry in entries {
        things::keep(transaction, run, &entry.entry)?;
    }
    Ok(last)
}

fn damaged(file: &Path, cause: String) -> JournalError {
    JournalError::Corrupted {
        file: file.display().to_string(),
        cause,
    }
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
        _ => damaged(file, error.to_string()),
    }
}
