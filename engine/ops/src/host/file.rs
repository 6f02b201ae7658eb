//! Files: content, mode, owner and group.

use runbook::{
    action::{Change, Kind},
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
    code,
    host::verb::{Attributes, Entry, SetAttributes, Stat},
    secret::MASK,
};

use super::{
    content::{self, Text},
    difference::Difference,
    fields::{AccountName, FilePath, Mode},
    own_key,
    place::{self, place},
    probe,
};
use crate::{info::Effect, operate::Operate};

const FILE: &str = "host::file";

/// Ensures a file: its content, mode and owners. A new file takes the old one's place whole or not at all. Answers
/// `path` and `sha256`.
///
/// Errors: something else than a file is at the path; its folder isn't there; of a file of keys: homelab's own would go; below
/// `/etc/pve`: another mode or owner than all has there.
///
/// ```rhai
/// host::file("pve1", "/etc/motd", #{ content: "Ask before you touch it.\n", mode: "644" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSpec {
    /// The host.
    host: String,
    /// The file's path.
    path: FilePath,
    /// Its content: text or a secret. Default: as it is.
    content: Option<Text>,
    /// A template of the lab that gives the content, by its path from the lab's folder.
    template: Option<String>,
    /// Values for the template's names.
    #[serde(default)]
    values: Map<String, Value>,
    /// Its mode in octal: `"644"`. Default: as it is, `644` for a new file.
    mode: Option<Mode>,
    /// Its owner. Default: as it is, `root` for a new file.
    owner: Option<AccountName>,
    /// Its group. Default: as it is, `root` for a new file.
    group: Option<AccountName>,
    /// Whether it's to be gone. Default: no.
    #[serde(default)]
    absent: bool,
}

impl Operate for FileSpec {
    const NAME: &str = FILE;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "path"];

    fn resource(&self) -> String {
        format!("file {} on {}", self.path, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.path.on(&self.host)?;
        let observed = operation.ask(&self.host, Stat::new(&self.path)).await?;
        if !matches!(observed, Entry::Absent | Entry::File { .. }) {
            return Err(in_the_way(&self, &observed).into());
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(self.path));
        if self.absent {
            if observed != Entry::Absent {
                keep_login(operation, &self, b"").await?;
                operation.write(removal(&self, &observed)).await?;
            }
            return Ok(fields);
        }
        let wanted = wanted(operation, &self, &observed).await?;
        if let Some(content) = &wanted.content {
            operation.hide_digest(content.expose().as_bytes());
        }
        if let Some(change) = difference(&self, &observed, &wanted) {
            if let Some(content) = &wanted.content {
                keep_login(operation, &self, content.expose().as_bytes()).await?;
            }
            let change = with_diff(operation, &self, &wanted, change).await?;
            operation.write(write(&self, &wanted, change)).await?;
        }
        let is = match observed {
            Entry::File { sha256, .. } => Some(sha256),
            _ => None,
        };
        let sha256 = wanted.sha256().or(is);
        fields.insert("sha256".to_owned(), json!(sha256));
        Ok(fields)
    }
}

/// Needs a file of keys to let homelab in as before.
async fn keep_login(operation: &Operation, spec: &FileSpec, new: &[u8]) -> Result<(), Halt> {
    if !own_key::is_about(&spec.path) {
        return Ok(());
    }
    let old = probe::file(operation, &spec.host, &spec.path).await?;
    let place = (&*spec.host, &*spec.path);
    own_key::keep(operation, place, (old.bytes()?, new)).await
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

fn in_the_way(spec: &FileSpec, observed: &Entry) -> Failure {
    let text = format!("{} on {} is {}", spec.path, spec.host, observed.word());
    Failure::new(code::host::not_a_file, text)
        .help("host::file leaves it alone: remove it first, or name what it points to")
}

async fn wanted(operation: &Operation, spec: &FileSpec, observed: &Entry) -> Result<Wanted, Halt> {
    let content = match (&spec.content, &spec.template) {
        (Some(_), Some(_)) => {
            let text = format!("{FILE}: both `content` and `template` are given");
            return Err(Failure::new(code::runbook::argument, text).into());
        }
        (Some(content), None) => Some(content.clone()),
        (None, Some(template)) => {
            Some(content::from_template(operation, template, &spec.values).await?)
        }
        (None, None) if *observed == Entry::Absent => Some(Text::Plain(String::new())),
        (None, None) => None,
    };
    let new = Attributes::of_file(&spec.path);
    let is = attributes(observed).unwrap_or(&new);
    let attributes = is.with(
        spec.mode.as_deref(),
        spec.owner.as_deref(),
        spec.group.as_deref(),
    );
    place::check_fixed(&spec.path, &new, &attributes)?;
    Ok(Wanted {
        content,
        attributes,
    })
}

const fn attributes(observed: &Entry) -> Option<&Attributes> {
    match observed {
        Entry::File { attributes, .. } => Some(attributes),
        _ => None,
    }
}

/// What differs; none if nothing does.
fn difference(spec: &FileSpec, observed: &Entry, wanted: &Wanted) -> Option<Change> {
    let resource = format!("file {} on {}", spec.path, spec.host);
    let mask = |sha256: String| match &wanted.content {
        Some(content) if !content.is_plain() => MASK.to_owned(),
        _ => sha256,
    };
    let is = attributes(observed);
    let sha256 = match observed {
        Entry::File { sha256, .. } => Some(sha256),
        _ => None,
    };
    let mut difference = Difference::default();
    difference.add_attributes(is, &wanted.attributes);
    if let Some(wanted) = wanted.sha256()
        && sha256 != Some(&wanted)
    {
        let is = sha256.map(|sha256| mask(sha256.clone()));
        difference.show("sha256", is, mask(wanted));
    }
    match is {
        Some(_) => difference.update(resource),
        None => (!difference.is_empty()).then(|| difference.create(resource)),
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
    if change.kind == Kind::Create {
        return Ok(change.with_diff(diff(b"", new.as_bytes())));
    }
    let old = probe::file(operation, &spec.host, &spec.path).await?;
    // What is no text, or too large, isn't shown: it's written whole.
    Ok(match old.text() {
        Ok(old) => change.with_diff(diff(old.as_bytes(), new.as_bytes())),
        Err(_) => change,
    })
}

/// Of how many bytes, old and new ones, lines are compared: nobody reads more, and it would take minutes.
const SHOWN: usize = 1 << 20;

/// The lines that differ, with three lines around them; what isn't UTF-8 in them is shown by a mark.
pub(super) fn diff(old: &[u8], new: &[u8]) -> String {
    if old.len() + new.len() > SHOWN {
        return format!("{} bytes become {}\n", old.len(), new.len());
    }
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    similar::TextDiff::from_lines(&*old, &*new)
        .unified_diff()
        .context_radius(3)
        .to_string()
}

fn write(spec: &FileSpec, wanted: &Wanted, change: Change) -> Write {
    let (host, path, attributes) = (&spec.host, &spec.path, &wanted.attributes);
    match &wanted.content {
        Some(content) if change.after.get("sha256").is_some() => {
            place(host, path, content.expose().as_bytes(), attributes).write(change)
        }
        _ => Write::repeatable(change, host, SetAttributes::new(path, attributes.clone())),
    }
}

fn removal(spec: &FileSpec, observed: &Entry) -> Write {
    let before = match observed {
        Entry::File { size, sha256, .. } => json!({ "size": size, "sha256": sha256 }),
        _ => Value::Null,
    };
    let change = Change::delete(format!("file {} on {}", spec.path, spec.host), before);
    place::remove(&spec.host, &spec.path, change)
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
            attributes: Attributes::of_root(mode),
        }
    }

    fn entry(content: &str) -> Entry {
        Entry::file(content.as_bytes(), Attributes::of_root("644"))
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
