//! A text put in place of a file, a folder made, and either taken away: each proved by what is there then.

use runbook::{
    action::Change,
    failure::Failure,
    write::{Write, tells},
};
use serde_json::json;
use world::{
    code,
    host::{
        Call,
        verb::{self, Attributes, Entry, Mkdir, Remove, Stat, WriteChecked},
    },
};

/// Bytes that take the place of a file whole or not at all.
#[derive(Clone, Copy)]
pub(super) struct Placing<'a> {
    host: &'a str,
    path: &'a str,
    bytes: &'a [u8],
    attributes: &'a Attributes,
    check: Option<&'a str>,
}

/// Puts a text in place of a file.
pub(super) const fn place<'a>(
    host: &'a str,
    path: &'a str,
    bytes: &'a [u8],
    attributes: &'a Attributes,
) -> Placing<'a> {
    Placing {
        host,
        path,
        bytes,
        attributes,
        check: None,
    }
}

impl Placing<'_> {
    /// The same after what reads the file has checked it: `sshd`, `unit`.
    pub(super) const fn checked(self, check: &'static str) -> Self {
        Self {
            check: Some(check),
            ..self
        }
    }

    /// The write that makes a change by it.
    pub(super) fn write(self, change: Change) -> Write {
        let (path, attributes, bytes) = (self.path, self.attributes.clone(), self.bytes.to_vec());
        let proof = Entry::file(&bytes, attributes.clone());
        let call: Call = match self.check {
            Some(check) => WriteChecked::new(path, attributes, check, bytes).into(),
            None => verb::Write::new(path, attributes, bytes).into(),
        };
        Write::call(change, self.host, call, tells(&Stat::new(path), &proof))
    }
}

/// Fails if a path is to have other attributes than its file system takes; `new` are those of something new there.
pub(super) fn check_fixed(
    path: &str,
    new: &Attributes,
    wanted: &Attributes,
) -> Result<(), Failure> {
    let Some(fixed) = Attributes::fixed(path, &new.mode).filter(|fixed| fixed != wanted) else {
        return Ok(());
    };
    let Attributes { mode, owner, group } = fixed;
    let text = format!(
        "{path} lies in the cluster's file system, where all of its kind has mode {mode}, owner {owner}, group {group}"
    );
    Err(Failure::new(code::runbook::argument, text).help("leave `mode`, `owner` and `group` out"))
}

/// Takes a file, a link or an empty folder away.
pub(super) fn remove(host: &str, path: &str, change: Change) -> Write {
    let proof = tells(&Stat::new(path), &Entry::Absent);
    Write::call(change, host, Remove::new(path), proof)
}

/// Makes a folder in one that is there.
pub(super) fn make_directory(host: &str, path: &str, attributes: &Attributes) -> Write {
    let Attributes { mode, owner, group } = attributes;
    let after = json!({ "mode": mode, "owner": owner, "group": group });
    let change = Change::create(format!("directory {path} on {host}"), after);
    let proof = tells(&Stat::new(path), &Entry::Directory(attributes.clone()));
    Write::call(change, host, Mkdir::new(path, attributes.clone()), proof)
}
