//! Files: content, mode, owner and group.

use rhai::plugin::*;
use runbook::{
    action::{Change, Compared, Kind},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use world::{
    host::{Call, Verb},
    secret::MASK,
};

use super::{
    content::{self, Text},
    probe::{self, Attributes, Entry},
};
use crate::{
    info::{Effect, OperationInfo},
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const FILE: &str = "host::file";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo::on_host(
    FILE,
    Effect::Destroy,
    &["host", "path"],
    schema_of::<FileSpec>,
)];

/// The argument of `host::file`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileSpec {
    /// The host.
    host: String,
    /// The file's path.
    path: String,
    /// Its content: text or a secret. Default: as it is.
    content: Option<Text>,
    /// A template of the lab that gives the content, by its path from the lab's folder.
    template: Option<String>,
    /// Values for the template's names.
    #[serde(default)]
    values: Map<String, Value>,
    /// Its mode in octal: `"644"`. Default: as it is, `644` for a new file.
    mode: Option<String>,
    /// Its owner. Default: as it is, `root` for a new file.
    owner: Option<String>,
    /// Its group. Default: as it is, `root` for a new file.
    group: Option<String>,
    /// Whether it's to be gone. Default: no.
    #[serde(default)]
    absent: bool,
}
spec!(FileSpec, |spec| format!(
    "file {} on {}",
    spec.path, spec.host
));

/// Files.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, FILE, identified};

    /// Ensures a file: its content, mode and owners. A new file takes the old one's place whole or not at all. Answers
    /// `path` and `sha256`.
    ///
    /// Errors: something else than a file is at the path; its folder isn't there.
    ///
    /// ```rhai
    /// host::file("pve1", "/etc/motd", #{ content: "Ask before you touch it.\n", mode: "644" })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn file(context: NativeCallContext, host: Dynamic, path: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("host", host), ("path", path)], spec)?;
        runbook::bridge::call(&context, FILE, argument, super::run)
    }
}

/// A file as it's wanted.
struct Wanted {
    content: Option<Text>,
    attributes: Attributes,
}

impl Wanted {
    fn sha256(&self) -> Option<String> {
        let content = self.content.as_ref()?;
        Some(hex::encode(Sha256::digest(content.expose())))
    }
}

async fn run(operation: &Operation, spec: FileSpec) -> Result<Fields, Halt> {
    let observed = probe::stat(operation, &spec.host, &spec.path).await?;
    if !matches!(observed, Entry::Absent | Entry::File { .. }) {
        return Err(in_the_way(&spec, &observed).into());
    }
    let mut fields = Fields::new();
    fields.insert("path".to_owned(), json!(spec.path));
    if spec.absent {
        if observed != Entry::Absent {
            operation.write(removal(&spec, &observed)).await?;
        }
        return Ok(fields);
    }
    let wanted = wanted(operation, &spec, &observed).await?;
    if let Some(change) = difference(&spec, &observed, &wanted) {
        let change = with_diff(operation, &spec, &wanted, change).await?;
        operation.write(write(&spec, &wanted, change)).await?;
    }
    let is = match observed {
        Entry::File { sha256, .. } => Some(sha256),
        _ => None,
    };
    let sha256 = wanted.sha256().or(is);
    fields.insert("sha256".to_owned(), json!(sha256));
    Ok(fields)
}

fn in_the_way(spec: &FileSpec, observed: &Entry) -> Failure {
    let text = format!("{} on {} is {}", spec.path, spec.host, observed.word());
    Failure::new("homelab::host::not_a_file", text)
        .help("host::file leaves it alone: remove it first, or name what it points to")
}

async fn wanted(operation: &Operation, spec: &FileSpec, observed: &Entry) -> Result<Wanted, Halt> {
    let content = match (&spec.content, &spec.template) {
        (Some(_), Some(_)) => {
            let text = format!("{FILE}: both `content` and `template` are given");
            return Err(Failure::new("homelab::runbook::argument", text).into());
        }
        (Some(content), None) => Some(content.clone()),
        (None, Some(template)) => {
            Some(content::from_template(operation, template, &spec.values).await?)
        }
        (None, None) if *observed == Entry::Absent => Some(Text::Plain(String::new())),
        (None, None) => None,
    };
    let (mode, owner, group) = match observed {
        Entry::File { attributes: a, .. } => (a.mode.as_str(), a.owner.as_str(), a.group.as_str()),
        _ => ("644", "root", "root"),
    };
    let or = |given: &Option<String>, is: &str| given.clone().unwrap_or_else(|| is.to_owned());
    Ok(Wanted {
        content,
        attributes: Attributes {
            mode: or(&spec.mode, mode).trim_start_matches('0').to_owned(),
            owner: or(&spec.owner, owner),
            group: or(&spec.group, group),
        },
    })
}

/// What differs; none if nothing does.
fn difference(spec: &FileSpec, observed: &Entry, wanted: &Wanted) -> Option<Change> {
    let resource = format!("file {} on {}", spec.path, spec.host);
    let mask = |sha256: String| match &wanted.content {
        Some(content) if !content.is_plain() => MASK.to_owned(),
        _ => sha256,
    };
    let (mut before, mut after) = (Map::new(), Map::new());
    let mut add = |name: &str, is: Option<&str>, wanted: String, shown: fn(String) -> String| {
        if is != Some(&wanted) {
            before.insert(name.to_owned(), json!(is.map(|is| shown(is.to_owned()))));
            after.insert(name.to_owned(), shown(wanted).into());
        }
    };
    let (is, sha256) = match observed {
        Entry::File {
            attributes, sha256, ..
        } => (Some(attributes), Some(sha256.as_str())),
        _ => (None, None),
    };
    let own = &wanted.attributes;
    let plain = |text: String| text;
    add(
        "mode",
        is.map(|is| is.mode.as_str()),
        own.mode.clone(),
        plain,
    );
    add(
        "owner",
        is.map(|is| is.owner.as_str()),
        own.owner.clone(),
        plain,
    );
    add(
        "group",
        is.map(|is| is.group.as_str()),
        own.group.clone(),
        plain,
    );
    if let Some(wanted) = wanted.sha256()
        && sha256 != Some(&wanted)
    {
        before.insert(
            "sha256".to_owned(),
            json!(sha256.map(|sha256| mask(sha256.to_owned()))),
        );
        after.insert("sha256".to_owned(), mask(wanted).into());
    }
    match is {
        _ if after.is_empty() => None,
        Some(_) => Some(Change::update(resource, before.into(), after.into())),
        None => Some(Change::create(resource, after.into())),
    }
}

/// The change with what changes in the text, where old and new may be shown.
async fn with_diff(
    operation: &Operation,
    spec: &FileSpec,
    wanted: &Wanted,
    change: Change,
) -> Result<Change, Halt> {
    let Some(Text::Plain(new)) = &wanted.content else {
        return Ok(change);
    };
    if change.after.get("sha256").is_none() {
        return Ok(change);
    }
    let old = match change.kind {
        Kind::Create => Some(String::new()),
        _ => probe::text(operation, &spec.host, &spec.path).await?,
    };
    Ok(match old {
        Some(old) => change.with_diff(diff(&old, new)),
        None => change,
    })
}

/// The lines that differ, with three lines around them.
pub(super) fn diff(old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .to_string()
}

fn write(spec: &FileSpec, wanted: &Wanted, change: Change) -> Write {
    let Attributes { mode, owner, group } = &wanted.attributes;
    let stat = Call::new(Verb::STAT, [&spec.path]);
    let args = [&spec.path, mode, owner, group];
    let (call, proof) = match (&wanted.content, wanted.sha256()) {
        (Some(content), Some(sha256)) if change.after.get("sha256").is_some() => {
            let size = content.expose().len();
            let call = Call::new(Verb::WRITE, args).with_input(content.expose().to_owned());
            (call, format!("file {mode} {size} {sha256} {owner} {group}"))
        }
        _ => return Write::repeatable(change, &spec.host, Call::new(Verb::ATTRIBUTES, args)),
    };
    Write::call(change, &spec.host, call, (stat, Compared::Is, proof))
}

fn removal(spec: &FileSpec, observed: &Entry) -> Write {
    let before = match observed {
        Entry::File { size, sha256, .. } => json!({ "size": size, "sha256": sha256 }),
        _ => Value::Null,
    };
    let change = Change::delete(format!("file {} on {}", spec.path, spec.host), before);
    let proof = (
        Call::new(Verb::STAT, [&spec.path]),
        Compared::Is,
        "absent".to_owned(),
    );
    let call = Call::new(Verb::REMOVE, [&spec.path]);
    Write::call(change, &spec.host, call, proof)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> FileSpec {
        serde_json::from_value(json!({ "host": "a", "path": "/x" })).unwrap()
    }

    fn wanted(mode: &str, content: Option<Text>) -> Wanted {
        Wanted {
            content,
            attributes: Attributes {
                mode: mode.to_owned(),
                owner: "root".to_owned(),
                group: "root".to_owned(),
            },
        }
    }

    fn entry(content: &str) -> Entry {
        let sha256 = hex::encode(Sha256::digest(content));
        Entry::parse(&format!("file 644 1 {sha256} root root")).unwrap()
    }

    #[test]
    fn says_only_what_differs() {
        let text = |text: &str| Some(Text::Plain(text.to_owned()));
        let same = difference(&spec(), &entry("a"), &wanted("644", text("a")));
        assert_eq!(same, None);
        let mode = difference(&spec(), &entry("a"), &wanted("600", text("a"))).unwrap();
        assert_eq!(
            (mode.kind, mode.before, mode.after),
            (
                Kind::Update,
                json!({ "mode": "644" }),
                json!({ "mode": "600" })
            )
        );
        let new = difference(&spec(), &Entry::Absent, &wanted("600", text("a"))).unwrap();
        assert_eq!(
            (new.kind, new.after["mode"].as_str()),
            (Kind::Create, Some("600"))
        );
    }

    #[test]
    fn shows_no_hash_of_a_secret() {
        let secret = world::Secret::new("A", "hidden");
        let wanted = wanted("644", Some(Text::Secret(secret)));
        let change = difference(&spec(), &entry("a"), &wanted).unwrap();
        assert_eq!(
            (
                change.before["sha256"].as_str(),
                change.after["sha256"].as_str()
            ),
            (Some(MASK), Some(MASK))
        );
    }
}
