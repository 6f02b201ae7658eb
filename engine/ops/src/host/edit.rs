//! Editing a text file: it's read, changed as text, and takes its place whole.

use formats::lossless;
use runbook::{action::Change, failure::Failure, halt::Halt, operation::Operation};
use serde_json::json;
use world::{
    code,
    host::verb::{Attributes, Entry, Stat},
    secret::MASK,
};

use super::{content::Text, file::diff, own_key, place::place, probe};

/// A text file as it is.
pub(super) struct Edited {
    host: String,
    path: String,
    attributes: Attributes,
    /// Its text, as `formats::lossless` has it; empty where there is no file.
    pub(super) text: String,
}

/// How a change of a text is shown.
pub(super) struct Shown {
    /// The resource: `line of /etc/fstab on pve1`.
    pub(super) resource: String,
    /// What is shown of it beside the diff.
    pub(super) before: serde_json::Value,
    /// The same as it becomes.
    pub(super) after: serde_json::Value,
}

impl Edited {
    /// Reads a file; `create` says whether it may be missing.
    ///
    /// # Errors
    /// Something else than a file is there, or nothing where something has to be.
    pub(super) async fn read(
        operation: &Operation,
        (host, path): (&str, &str),
        create: Create,
    ) -> Result<Self, Halt> {
        let observed = operation.ask(host, Stat::new(path)).await?;
        let attributes = match observed {
            Entry::File { attributes, .. } => attributes,
            Entry::Absent if create == Create::Yes => Attributes::of_file(path),
            Entry::Absent => return Err(missing(host, path).into()),
            other => return Err(in_the_way(host, path, &other).into()),
        };
        let found = probe::file(operation, host, path).await?;
        Ok(Self {
            host: host.to_owned(),
            path: path.to_owned(),
            attributes,
            text: found.lossless()?.into_owned(),
        })
    }

    /// Writes the file with another text.
    ///
    /// # Errors
    /// It can't be written.
    pub(super) async fn write(
        &self,
        operation: &Operation,
        new: &Text,
        shown: Shown,
    ) -> Result<(), Halt> {
        let (is, becomes) = (lossless::bytes(&self.text), lossless::bytes(new.expose()));
        own_key::keep(operation, (&self.host, &self.path), (&is, &becomes)).await?;
        let change = if shown.after.is_null() {
            Change::delete(shown.resource, shown.before)
        } else if shown.before.is_null() {
            Change::create(shown.resource, shown.after)
        } else {
            Change::update(shown.resource, shown.before, shown.after)
        };
        let change = match new {
            Text::Plain(_) => change.with_diff(diff(&is, &becomes)),
            Text::Secret(_) => change,
        };
        let placing = place(&self.host, &self.path, &becomes, &self.attributes);
        operation.write(placing.write(change)).await?;
        Ok(())
    }
}

/// Whether a file that isn't there is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Create {
    /// It's made.
    Yes,
    /// That's an error.
    No,
}

impl From<bool> for Create {
    fn from(create: bool) -> Self {
        if create { Self::Yes } else { Self::No }
    }
}

/// A text that may be shown, with a mark for what isn't UTF-8, or the mask.
pub(super) fn shown(text: &Text) -> serde_json::Value {
    match text {
        Text::Plain(text) => json!(String::from_utf8_lossy(&lossless::bytes(text))),
        Text::Secret(_) => json!(MASK),
    }
}

fn missing(host: &str, path: &str) -> Failure {
    let text = format!("{host} has no file {path}");
    Failure::new(code::host::no_file, text)
        .help("write the path as it is on the host, or let it be made: `create: true`")
}

/// Something else than a file is at a path.
pub(super) fn in_the_way(host: &str, path: &str, observed: &Entry) -> Failure {
    let text = format!("{path} on {host} is {}", observed.word());
    Failure::new(code::host::not_a_file, text)
        .help("it's left alone: remove it first, or name what it points to")
}
