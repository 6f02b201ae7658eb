//! How many entries were recorded, beside the journal's file: what a lost write-ahead log had is missed.

use std::{
    fs, io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension as _};

use super::{super::JournalError, damaged, sort, unwritable};

/// The number of the last entry that was recorded: a database that ends before it lost its newest part.
///
/// It's written after each commit and not made durable: after a power cut it may lag behind, and never runs ahead.
pub(super) struct LastEntry(PathBuf);

impl LastEntry {
    pub(super) fn of(journal: &Path) -> Self {
        Self(journal.with_extension("last"))
    }

    /// The number; none where nothing was recorded, or the file doesn't hold together.
    pub(super) fn read(&self) -> io::Result<Option<i64>> {
        let text = match fs::read_to_string(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(None),
            text => text?,
        };
        let mut numbers = text.split_whitespace().map(str::parse::<i64>);
        Ok(match (numbers.next(), numbers.next()) {
            (Some(Ok(one)), Some(Ok(same))) if one == same => Some(one),
            _ => None,
        })
    }

    pub(super) fn write(&self, number: i64) -> io::Result<()> {
        let line = format!("{number:020} {number:020}\n");
        world::private::file(&self.0)?.write_all_at(line.as_bytes(), 0)
    }
}

/// Sees that the database ends with the entry that was recorded last.
pub(super) fn check(
    connection: &Connection,
    file: &Path,
    last: &LastEntry,
) -> Result<(), JournalError> {
    let recorded = last.read().map_err(|error| unwritable(file, &error))?;
    let sequence = "SELECT seq FROM sqlite_sequence WHERE name = 'entry'";
    let found: Option<i64> = connection
        .query_row(sequence, [], |row| row.get(0))
        .optional()
        .map_err(|error| sort(file, &error))?;
    let (recorded, found) = (recorded.unwrap_or(0), found.unwrap_or(0));
    if found < recorded {
        let cause = format!(
            "{recorded} entries were recorded, and it ends with entry {found}: its newest part is lost"
        );
        return Err(damaged(file, cause));
    }
    Ok(())
}
