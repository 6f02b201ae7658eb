//! Folders: mode, owner and group.

use rhai::plugin::*;
use runbook::{
    action::{Change, Compared},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::host::{Call, Verb};

use super::{
    difference::Difference,
    probe::{self, Attributes, Entry},
};
use crate::{
    info::{Effect, OperationInfo},
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const DIRECTORY: &str = "host::directory";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo::on_host(
    DIRECTORY,
    Effect::Destroy,
    &["host", "path"],
    schema_of::<DirectorySpec>,
)];

/// The argument of `host::directory`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DirectorySpec {
    /// The host.
    host: String,
    /// The folder's path.
    path: String,
    /// Its mode in octal: `"755"`. Default: as it is, `755` for a new folder.
    mode: Option<String>,
    /// Its owner. Default: as it is, `root` for a new folder.
    owner: Option<String>,
    /// Its group. Default: as it is, `root` for a new folder.
    group: Option<String>,
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
spec!(DirectorySpec, |spec| format!(
    "directory {} on {}",
    spec.path, spec.host
));

/// Folders.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, DIRECTORY, identified};

    /// Ensures a folder: its mode and owners, not what is in it. Each folder that is made is a change of its own.
    /// Answers `path`.
    ///
    /// Errors: something else than a folder is at the path; the folder above isn't there; it's to be gone and not empty.
    ///
    /// ```rhai
    /// host::directory("pve1", "/srv/backup/daily", #{ mode: "750", group: "backup", parents: true })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn directory(
        context: NativeCallContext,
        host: Dynamic,
        path: Dynamic,
        spec: Dynamic,
    ) -> Answer {
        let argument = identified(&context, &[("host", host), ("path", path)], spec)?;
        runbook::bridge::call(&context, DIRECTORY, argument, super::run)
    }
}

async fn run(operation: &Operation, mut spec: DirectorySpec) -> Result<Fields, Halt> {
    spec.path
        .truncate(spec.path.trim_end_matches('/').len().max(1));
    let observed = probe::stat(operation, &spec.host, &spec.path).await?;
    match (&observed, spec.absent) {
        (Entry::Absent, true) => {}
        (Entry::Directory(_), true) => remove(operation, &spec).await?,
        (Entry::Absent, false) => make(operation, &spec).await?,
        (Entry::Directory(is), false) => {
            let wanted = wanted(&spec, is);
            if let Some(change) = difference(&spec, is, &wanted) {
                operation.write(set(&spec, &wanted, change)).await?;
            }
        }
        (other, _) => return Err(in_the_way(&spec, other).into()),
    }
    let mut fields = Fields::new();
    fields.insert("path".to_owned(), json!(spec.path));
    Ok(fields)
}

fn in_the_way(spec: &DirectorySpec, observed: &Entry) -> Failure {
    let text = format!("{} on {} is {}", spec.path, spec.host, observed.word());
    Failure::new("homelab::host::not_a_directory", text)
        .help("it's left alone: remove it first, or name what it points to")
}

fn wanted(spec: &DirectorySpec, is: &Attributes) -> Attributes {
    let or = |given: &Option<String>, is: &str| given.clone().unwrap_or_else(|| is.to_owned());
    Attributes {
        mode: or(&spec.mode, &is.mode).trim_start_matches('0').to_owned(),
        owner: or(&spec.owner, &is.owner),
        group: or(&spec.group, &is.group),
    }
}

fn difference(spec: &DirectorySpec, is: &Attributes, wanted: &Attributes) -> Option<Change> {
    let mut difference = Difference::default();
    difference.add("mode", &*is.mode, &*wanted.mode);
    difference.add("owner", &*is.owner, &*wanted.owner);
    difference.add("group", &*is.group, &*wanted.group);
    difference.update(runbook::bridge::Spec::resource(spec))
}

fn set(spec: &DirectorySpec, wanted: &Attributes, change: Change) -> Write {
    let Attributes { mode, owner, group } = wanted;
    let proof = (
        Call::new(Verb::STAT, [&spec.path]),
        Compared::Is,
        format!("directory {mode} {owner} {group}"),
    );
    let call = Call::new(Verb::ATTRIBUTES, [&spec.path, mode, owner, group]);
    Write::call(change, &spec.host, call, proof)
}

/// Makes a folder, and those above it that are missing if that's wanted.
async fn make(operation: &Operation, spec: &DirectorySpec) -> Result<(), Halt> {
    if spec.parents {
        for path in missing_above(operation, spec).await? {
            let write = new(&spec.host, &path, &Attributes::of_root("755"));
            operation.write(write).await?;
        }
    }
    let wanted = wanted(spec, &Attributes::of_root("755"));
    operation
        .write(new(&spec.host, &spec.path, &wanted))
        .await?;
    Ok(())
}

/// The folders above that aren't there, the uppermost first.
async fn missing_above(operation: &Operation, spec: &DirectorySpec) -> Result<Vec<String>, Halt> {
    let above: Vec<String> = above(&spec.path);
    if above.is_empty() {
        return Ok(above);
    }
    let reply = probe::ask(operation, &spec.host, Call::new(Verb::STAT, &above)).await?;
    let text = reply.text();
    let pairs = above.into_iter().zip(text.lines());
    let missing = pairs.filter(|(_, line)| *line == "absent");
    Ok(missing.map(|(path, _)| path).collect())
}

/// The folders above a path, the uppermost first, without `/`.
fn above(path: &str) -> Vec<String> {
    let places = path
        .char_indices()
        .filter(|(at, letter)| *at > 0 && *letter == '/');
    places.map(|(at, _)| path[..at].to_owned()).collect()
}

fn new(host: &str, path: &str, wanted: &Attributes) -> Write {
    let Attributes { mode, owner, group } = wanted;
    let after = json!({ "mode": mode, "owner": owner, "group": group });
    let change = Change::create(format!("directory {path} on {host}"), after);
    let proof = (
        Call::new(Verb::STAT, [path]),
        Compared::Is,
        format!("directory {mode} {owner} {group}"),
    );
    let call = Call::new(Verb::MKDIR, [path, mode, owner, group]);
    Write::call(change, host, call, proof)
}

async fn remove(operation: &Operation, spec: &DirectorySpec) -> Result<(), Halt> {
    let reply = probe::ask(operation, &spec.host, Call::new(Verb::LIST, [&spec.path])).await?;
    let text = reply.text();
    let names: Vec<&str> = text.lines().collect();
    if !names.is_empty() && !spec.recursive {
        return Err(not_empty(spec, &names).into());
    }
    let before = if names.is_empty() {
        Value::Null
    } else {
        json!({ "holds": names })
    };
    let change = Change::delete(runbook::bridge::Spec::resource(spec), before);
    let verb = if spec.recursive {
        Verb::REMOVE_TREE
    } else {
        Verb::REMOVE
    };
    let proof = (
        Call::new(Verb::STAT, [&spec.path]),
        Compared::Is,
        "absent".to_owned(),
    );
    let write = Write::call(change, &spec.host, Call::new(verb, [&spec.path]), proof);
    operation.write(write).await?;
    Ok(())
}

fn not_empty(spec: &DirectorySpec, names: &[&str]) -> Failure {
    let shown = names.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    let more = if names.len() > 5 { ", …" } else { "" };
    let text = format!(
        "{} on {} is not empty: it holds {shown}{more}",
        spec.path, spec.host
    );
    Failure::new("homelab::host::not_empty", text)
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
