//! The key of a journal: for hashes of secrets, seals and links.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use world::private;

use super::{
    super::{JournalError, keyed_hash},
    damaged, sort, unwritable,
};

/// The journal's key: made with the journal, or moved out of one that held it.
pub(super) fn open(connection: &Connection, file: &Path) -> Result<Vec<u8>, JournalError> {
    let kept = KeyFile::of(file);
    if let Some(key) = marked(connection, file, &kept)? {
        return Ok(key);
    }
    // Who comes second, while somebody else makes the key, finds the mark.
    let behavior = TransactionBehavior::Immediate;
    let transaction =
        Transaction::new_unchecked(connection, behavior).map_err(|error| sort(file, &error))?;
    if let Some(key) = marked(&transaction, file, &kept)? {
        return Ok(key);
    }
    let key = match secret(&transaction, file, "key")? {
        Some(key) => key,
        None => random(file)?,
    };
    kept.write(&key).map_err(|error| unwritable(file, &error))?;
    mark(transaction, &key).map_err(|error| sort(file, &error))?;
    // What the journal held of the key is in no page of its file any more.
    let truncate = "PRAGMA wal_checkpoint(TRUNCATE)";
    let checkpoint = connection.query_row(truncate, [], |_| Ok(()));
    checkpoint.map_err(|error| sort(file, &error))?;
    Ok(key)
}

/// The key that a mark in the journal tells of; none where it has no mark.
fn marked(
    connection: &Connection,
    file: &Path,
    kept: &KeyFile,
) -> Result<Option<Vec<u8>>, JournalError> {
    let Some(mark) = secret(connection, file, "mark")? else {
        return Ok(None);
    };
    let path = kept.0.display();
    let key = fs::read(&kept.0)
        .map_err(|error| damaged(file, format!("its key {path} can't be read: {error}")))?;
    if mark_of(&key) != mark {
        return Err(damaged(file, format!("{path} is another journal's key")));
    }
    Ok(Some(key))
}

fn secret(
    connection: &Connection,
    file: &Path,
    name: &str,
) -> Result<Option<Vec<u8>>, JournalError> {
    let query = "SELECT value FROM secret WHERE name = ?";
    let value = connection.query_row(query, [name], |row| row.get(0));
    value.optional().map_err(|error| sort(file, &error))
}

fn mark(transaction: Transaction<'_>, key: &[u8]) -> rusqlite::Result<()> {
    transaction.pragma_update(None, "secure_delete", true)?;
    transaction.execute("DELETE FROM secret WHERE name = 'key'", [])?;
    transaction.execute("INSERT INTO secret VALUES ('mark', ?)", [mark_of(key)])?;
    transaction.commit()
}

/// What a key is known by.
fn mark_of(key: &[u8]) -> Vec<u8> {
    keyed_hash(key, b"mark").into_bytes()
}

fn random(file: &Path) -> Result<Vec<u8>, JournalError> {
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).map_err(|error| unwritable(file, &error))?;
    Ok(key)
}

/// The key of a journal, in a file of its own: who gets the journal alone can't try words against its hashes.
struct KeyFile(PathBuf);

impl KeyFile {
    fn of(journal: &Path) -> Self {
        Self(journal.with_extension("key"))
    }

    /// Keeps a key; durable when it returns.
    fn write(&self, key: &[u8]) -> io::Result<()> {
        let new = self.0.with_extension("key.new");
        private::write(&new, key)?;
        File::open(&new)?.sync_all()?;
        fs::rename(&new, &self.0)?;
        // The name is durable with its folder.
        self.0
            .parent()
            .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }
}
