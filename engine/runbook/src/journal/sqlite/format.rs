//! The formats of journals: each is made from the one before it.

use std::{path::Path, time::Duration};

use rusqlite::Connection;

use super::{super::JournalError, sort};

/// The number of a format is its place in this list, from 1.
const MIGRATIONS: &[&str] = &[
    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, world TEXT NOT NULL, runbook TEXT NOT NULL);
     CREATE TABLE entry (run INTEGER NOT NULL REFERENCES run(id), seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
     CREATE INDEX entry_of_run ON entry(run, seq);",
    // Up to format 5 the key stands here, under the name `key`; from then on it's in a file, and here is what it's known by.
    "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL);",
    // From here on a body begins with its time, which is read several times faster than a field among others.
    "",
    // From here on a run has entries of what it learned.
    "",
    // From here on a body may have a sealed form between its time and the entry.
    "",
    // From here on an entry has a link to those before it.
    "ALTER TABLE entry ADD COLUMN link BLOB;",
    // From here on what homelab made in a world is kept, beyond the runs that made it.
    "CREATE TABLE thing (seq INTEGER PRIMARY KEY AUTOINCREMENT, world TEXT NOT NULL, name TEXT NOT NULL,
         run INTEGER NOT NULL, intent INTEGER NOT NULL, going INTEGER NOT NULL DEFAULT 0, UNIQUE (world, name));
     CREATE INDEX thing_of_intent ON thing(run, intent);",
];

/// Brings a journal to the newest format.
pub(super) fn prepare(connection: &Connection, file: &Path) -> Result<(), JournalError> {
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
