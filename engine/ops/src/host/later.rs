//! Files of settings beside an operation's own, which may say something else.

use std::collections::BTreeMap;

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::{code, host::verb::List};

use super::probe;

/// Where files of settings of one kind lie: those of a name in the first folder hide those in the others.
pub(super) type Folders = [&'static str; 2];

/// Which files are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Those that are read after the operation's own: they're read in the order of their names.
    Later,
    /// All others.
    Others,
}

/// Needs no file beside `own` to say something else.
///
/// # Errors
/// `overrides` finds something in the content of one; a file can't be read.
pub(super) async fn check(
    operation: &Operation,
    (host, own): (&str, &str),
    (folders, which): (Folders, Which),
    overrides: impl Fn(&[u8]) -> Option<String>,
) -> Result<(), Halt> {
    let own_name = own.rsplit('/').next().unwrap_or_default();
    let mut named = BTreeMap::new();
    for folder in folders {
        let names = operation.ask(host, List::new(folder)).await?;
        for name in names.unwrap_or_default() {
            let is_looked_at = match which {
                Which::Later => &*name > own_name,
                Which::Others => name != own_name,
            };
            if name.ends_with(".conf") && is_looked_at {
                named.entry(name).or_insert(folder);
            }
        }
    }
    let paths: Vec<String> = named
        .iter()
        .map(|(name, folder)| format!("{folder}/{name}"))
        .collect();
    let found = probe::files(operation, host, &paths).await?;
    for (path, found) in paths.iter().zip(found) {
        if let Some(said) = overrides(found.bytes()?) {
            let but = match which {
                Which::Later => format!("is read after {own}"),
                Which::Others => format!("holds whatever {own} says"),
            };
            return Err(overridden(format!("{path} on {host} says `{said}`, and {but}")).into());
        }
    }
    Ok(())
}

/// The failure of what a file that is read later sets again.
pub(super) fn overridden(text: String) -> Failure {
    Failure::new(code::host::overridden, text)
        .help("take the line out of that file, or the file away with host::file")
}
