//! Folders: mode, owner and group.

use runbook::{
    action::Change,
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::{Write, tells},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    host::verb::{Attributes, Entry, List, RemoveTree, SetAttributes, Stat},
};

use super::{
    difference::Difference,
    fields::{AccountName, FolderPath, Mode},
    place::{self, make_directory},
};
use crate::{info::Effect, operate::Operate};

/// Ensures a folder: its mode and owners, not what is in it. Each folder that is made is a change of its own.
/// Answers `path`.
///
/// Errors: something else than a folder is at the path; the folder above isn't there; it's to be gone and not empty.
///
/// ```rhai
/// host::directory("pve1", "/srv/backup/daily", #{ mode: "750", group: "backup", parents: true })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DirectorySpec {
    /// The host.
    host: String,
    /// The folder's path.
    path: FolderPath,
    /// Its mode in octal: `"755"`. Default: as it is, `755` for a new folder.
    mode: Option<Mode>,
    /// Its owner. Default: as it is, `root` for a new folder.
    owner: Option<AccountName>,
    /// Its group. Default: as it is, `root` for a new folder.
    group: Option<AccountName>,
    /// Whether folders above it are made too, root's and with mode `755`. Default: no.
    #[serde(default)]
    parents: bool,
    /// Whether it's to be gone. Default: no.
    #[serde(default)]
    absent: bool,
    /// Whether all that is in it goes with it; else a folder that isn't empty stays. Default: no.
    #[serde(default)]
    recursive: bool,
}

impl Operate for DirectorySpec {
    const NAME: &str = "host::directory";
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "path"];

    fn resource(&self) -> String {
        format!("directory {} on {}", self.path, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.path.on(&self.host)?;
        let observed = operation.ask(&self.host, Stat::new(&self.path)).await?;
        match (&observed, self.absent) {
            (Entry::Absent, true) => {}
            (Entry::Directory(_), true) => remove(operation, &self).await?,
            (Entry::Absent, false) => make(operation, &self).await?,
            (Entry::Directory(is), false) => {
                let wanted = wanted(&self, is);
                if let Some(change) = difference(&self, is, &wanted) {
                    operation.write(set(&self, &wanted, change)).await?;
                }
            }
            (other, _) => return Err(in_the_way(&self, other).into()),
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(self.path));
        Ok(fields)
    }
}

fn in_the_way(spec: &DirectorySpec, observed: &Entry) -> Failure {
    let text = format!("{} on {} is {}", spec.path, spec.host, observed.word());
    Failure::new(code::host::not_a_directory, text)
        .help("it's left alone: remove it first, or name what it points to")
}

fn wanted(spec: &DirectorySpec, is: &Attributes) -> Attributes {
    let (owner, group) = (spec.owner.as_deref(), spec.group.as_deref());
    is.with(spec.mode.as_deref(), owner, group)
}

fn difference(spec: &DirectorySpec, is: &Attributes, wanted: &Attributes) -> Option<Change> {
    let mut difference = Difference::default();
    difference.add_attributes(Some(is), wanted);
    difference.update(spec.resource())
}

fn set(spec: &DirectorySpec, wanted: &Attributes, change: Change) -> Write {
    let proof = tells(&Stat::new(&spec.path), &Entry::Directory(wanted.clone()));
    let call = SetAttributes::new(&spec.path, wanted.clone());
    Write::call(change, &spec.host, call, proof)
}

/// Makes a folder, and those above it that are missing if that's wanted.
async fn make(operation: &Operation, spec: &DirectorySpec) -> Result<(), Halt> {
    if spec.parents {
        for path in missing_above(operation, spec).await? {
            let write = make_directory(&spec.host, &path, &Attributes::of_folder(&path));
            operation.write(write).await?;
        }
    }
    let new = Attributes::of_folder(&spec.path);
    let wanted = wanted(spec, &new);
    place::check_fixed(&spec.path, &new, &wanted)?;
    operation
        .write(make_directory(&spec.host, &spec.path, &wanted))
        .await?;
    Ok(())
}

/// The folders above that aren't there, the uppermost first.
async fn missing_above(operation: &Operation, spec: &DirectorySpec) -> Result<Vec<String>, Halt> {
    let above: Vec<String> = above(&spec.path);
    let asks: Vec<Stat> = above.iter().map(Stat::new).collect();
    let entries = operation.ask_each(&spec.host, &asks).await?;
    let pairs = above.into_iter().zip(entries);
    let missing = pairs.filter(|(_, entry)| *entry == Entry::Absent);
    Ok(missing.map(|(path, _)| path).collect())
}

/// The folders above a path, the uppermost first, without `/`.
fn above(path: &str) -> Vec<String> {
    let places = path
        .char_indices()
        .filter(|(at, letter)| *at > 0 && *letter == '/');
    places.map(|(at, _)| path[..at].to_owned()).collect()
}

async fn remove(operation: &Operation, spec: &DirectorySpec) -> Result<(), Halt> {
    let names = operation.ask(&spec.host, List::new(&spec.path)).await?;
    let names = names.unwrap_or_default();
    if !names.is_empty() && !spec.recursive {
        return Err(not_empty(spec, &names).into());
    }
    let before = if names.is_empty() {
        Value::Null
    } else {
        json!({ "holds": names })
    };
    let change = Change::delete(spec.resource(), before);
    let write = if spec.recursive {
        let proof = tells(&Stat::new(&spec.path), &Entry::Absent);
        Write::call(change, &spec.host, RemoveTree::new(&spec.path), proof)
    } else {
        place::remove(&spec.host, &spec.path, change)
    };
    operation.write(write).await?;
    Ok(())
}

fn not_empty(spec: &DirectorySpec, names: &[String]) -> Failure {
    let shown = names[..names.len().min(5)].join(", ");
    let more = if names.len() > 5 { ", …" } else { "" };
    let text = format!(
        "{} on {} is not empty: it holds {shown}{more}",
        spec.path, spec.host
    );
    Failure::new(code::host::not_empty, text)
        .help("take away what it holds first, or all at once: `recursive: true`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_only_what_differs() {
        let spec: DirectorySpec =
            serde_json::from_value(json!({ "host": "a", "path": "/x", "mode": "0750" })).unwrap();
        let is = Attributes::of_root("755");
        let change = difference(&spec, &is, &wanted(&spec, &is)).unwrap();
        assert_eq!(
            (change.before, change.after),
            (json!({ "mode": "755" }), json!({ "mode": "750" }))
        );
        let is = Attributes::of_root("750");
        assert_eq!(difference(&spec, &is, &wanted(&spec, &is)), None);
    }

    #[test]
    fn knows_the_folders_above() {
        assert_eq!(above("/a/b/c"), ["/a", "/a/b"]);
        assert_eq!(above("/a"), [] as [&str; 0]);
        assert_eq!(above("a/b"), ["a"]);
    }
}
