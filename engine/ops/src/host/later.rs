//! Files that are read after an operation's own, and may set the same.

use std::collections::BTreeMap;

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::{code, host::verb::List};

use super::probe;

/// Where files of settings of one kind lie: those of a name in the first folder hide those in the others.
pub(super) type Folders = [&'static str; 2];

/// Needs no file that is read after `own` to set the same: they're read in the order of their names.
///
/// # Errors
/// `overrides` finds something in the content of one; a file can't be read.
pub(super) async fn check(
    operation: &Operation,
    (host, own): (&str, &str),
    folders: Folders,
    overrides: impl Fn(&[u8]) -> Option<String>,
) -> Result<(), Halt> {
    let mut later = BTreeMap::new();
    for folder in folders {
        let names = operation.ask(host, List::new(folder)).await?;
        for name in names.unwrap_or_default() {
            if name.ends_with(".conf") && Some(&*name) > own.rsplit('/').next() {
                later.entry(name).or_insert(folder);
            }
        }
    }
    for (name, folder) in later {
        let path = format!("{folder}/{name}");
        let found = probe::file(operation, host, &path).await?;
        if let Some(said) = overrides(found.bytes()?) {
            let text = format!("{path} on {host} says `{said}`, and is read after {own}");
            return Err(overridden(text).into());
        }
    }
    Ok(())
}

/// The failure of what a file that is read later sets again.
pub(super) fn overridden(text: String) -> Failure {
    Failure::new(code::host::overridden, text)
        .help("take the line out of that file, or the file away with host::file")
}
