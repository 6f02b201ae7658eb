//! Files of settings of which operations own a line.

use runbook::{action::Change, halt::Halt, operation::Operation};
use world::host::verb::{Attributes, Entry, Stat};

use super::{
    file,
    place::{self, place},
};

/// Gives a file another text, with mode and owners as they are: 644 and root's for a new one.
///
/// # Errors
/// The write failed.
pub(super) async fn write(operation: &Operation, host: &str, edit: Edit<'_>) -> Result<(), Halt> {
    let Edit {
        path,
        old,
        new,
        change,
    } = edit;
    let attributes = match operation.ask(host, Stat::new(path)).await? {
        Entry::File { attributes, .. } => attributes,
        _ => Attributes::of_file(path),
    };
    let change = change.with_diff(file::diff(old, new));
    let write = place(host, path, new, &attributes).write(change);
    operation.write(write).await?;
    Ok(())
}

/// Another text for a file.
pub(super) struct Edit<'a> {
    /// The file.
    pub(super) path: &'a str,
    /// Its text, empty for a new one.
    pub(super) old: &'a [u8],
    /// The text that it gets.
    pub(super) new: &'a [u8],
    /// What changes by it.
    pub(super) change: Change,
}

/// Gives a file another text, and removes it if nothing is left of it.
///
/// # Errors
/// The write failed.
pub(super) async fn keep(operation: &Operation, host: &str, edit: Edit<'_>) -> Result<(), Halt> {
    if edit.new.trim_ascii().is_empty() {
        operation
            .write(place::remove(host, edit.path, edit.change))
            .await?;
        return Ok(());
    }
    write(operation, host, edit).await
}
