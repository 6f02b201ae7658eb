//! Text that operations read and edit: lines of verbs, and files of settings of which they own a line.

use runbook::{
    action::{Change, Compared},
    halt::Halt,
    operation::Operation,
    write::Write,
};
use sha2::{Digest as _, Sha256};
use world::host::{Call, Verb};

use super::{
    file,
    probe::{self, Attributes, Entry},
};

/// The value of a name in lines `NAME VALUE`; empty if there is none.
pub(super) fn value_in<'a>(text: &'a str, name: &str) -> &'a str {
    let mut lines = text
        .lines()
        .map(|line| line.split_once(' ').unwrap_or((line, "")));
    lines
        .find(|(own, _)| *own == name)
        .map_or("", |(_, value)| value)
}

/// The values of a name in lines `NAME VALUE`.
pub(super) fn values_in<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .filter(move |(own, _)| *own == name)
        .map(|(_, value)| value)
}

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
    let attributes = match probe::stat(operation, host, path).await? {
        Entry::File { attributes, .. } => attributes,
        _ => Attributes {
            mode: "644".to_owned(),
            owner: "root".to_owned(),
            group: "root".to_owned(),
        },
    };
    let Attributes { mode, owner, group } = &attributes;
    let sha256 = hex::encode(Sha256::digest(new));
    let proof = format!("file {mode} {} {sha256} {owner} {group}", new.len());
    let call = Call::new(Verb::WRITE, [path, mode, owner, group]).with_input(new.to_owned());
    let stat = Call::new(Verb::STAT, [path]);
    let change = change.with_diff(file::diff(
        &String::from_utf8_lossy(old),
        &String::from_utf8_lossy(new),
    ));
    operation
        .write(Write::call(change, host, call, (stat, Compared::Is, proof)))
        .await?;
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

/// Removes a file.
///
/// # Errors
/// The write failed.
pub(super) async fn remove(
    operation: &Operation,
    host: &str,
    path: &str,
    change: Change,
) -> Result<(), Halt> {
    let proof = (
        Call::new(Verb::STAT, [path]),
        Compared::Is,
        "absent".to_owned(),
    );
    let call = Call::new(Verb::REMOVE, [path]);
    operation
        .write(Write::call(change, host, call, proof))
        .await?;
    Ok(())
}

/// Gives a file another text, and removes it if nothing is left of it.
///
/// # Errors
/// The write failed.
pub(super) async fn keep(operation: &Operation, host: &str, edit: Edit<'_>) -> Result<(), Halt> {
    if edit.new.trim_ascii().is_empty() {
        return remove(operation, host, edit.path, edit.change).await;
    }
    write(operation, host, edit).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_of_names_and_values() {
        let text = "loader grub\nsource \nolder /a\nolder /b\n";
        assert_eq!(value_in(text, "loader"), "grub");
        assert_eq!((value_in(text, "source"), value_in(text, "next")), ("", ""));
        assert_eq!(values_in(text, "older").collect::<Vec<_>>(), ["/a", "/b"]);
    }
}
