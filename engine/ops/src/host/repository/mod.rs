//! Repositories of packages: a `.sources` file, and the key that signs it.

mod wanted;

use formats::{apt, deb822};
use runbook::{action::Change, bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use world::{
    code,
    host::verb::{Attributes, Entry, List, Stat},
};

use super::{
    edit::in_the_way,
    fields::FilePath,
    file::diff,
    place::{self, place},
    probe::{self, Found},
};
use crate::{info::Effect, operate::Operate};

const REPOSITORY: &str = "host::repository";

/// The list beside those of the folder, which apt reads first.
const LIST: &str = "/etc/apt/sources.list";

/// Where repositories are declared, and where the keys of those that aren't Debian's lie.
const SOURCES: &str = "/etc/apt/sources.list.d";
const KEYRINGS: &str = "/etc/apt/keyrings";

/// Ensures a repository of packages. What isn't given stays as it is, so `#{ enabled: false }` switches off one that the
/// installer declared; one that isn't there, or is commented out, is off already. After a change the next `host::packages` that needs one reads apt's lists again. Answers `path`.
///
/// Errors: a new one lacks `uris` or a key; the file has several repositories and more than `enabled` is given; one that
/// is to be off is in use by `NAME.list`; another list that isn't in `replaces` has the same URI and suite with another key, as apt then reads none.
///
/// ```rhai
/// host::repository("pve1", "pve-enterprise", #{ enabled: false });
/// host::repository("pve1", "pve-no-subscription", #{ proxmox: "pve-no-subscription" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepositorySpec {
    /// The host.
    host: String,
    /// Its name: the file is `/etc/apt/sources.list.d/NAME.sources`.
    name: String,
    /// One of Proxmox's own: `pve-no-subscription`, `pve-enterprise`, `pve-test`, `ceph-squid-no-subscription`, `ceph-squid-enterprise`. It gives the fields below.
    proxmox: Option<wanted::Proxmox>,
    /// `deb`, `deb-src`. Default: as they are, `deb` for a new one.
    types: Option<Vec<String>>,
    /// Where it is.
    uris: Option<Vec<String>>,
    /// The releases. Default: as they are, the host's own for a new one: `trixie`.
    suites: Option<Vec<String>>,
    /// The components: `main`.
    components: Option<Vec<String>>,
    /// The architectures. Default: as they are, the host's own.
    architectures: Option<Vec<String>>,
    /// The key that signs it, as text: it begins with `-----BEGIN PGP PUBLIC KEY BLOCK-----`. It's put into `/etc/apt/keyrings/NAME.asc`.
    key: Option<String>,
    /// The same, from a file of the lab, by its path from the lab's folder.
    key_file: Option<String>,
    /// A keyring that is on the host already, by its path.
    signed_by: Option<FilePath>,
    /// Whether it's used. Default: as it is, yes for a new one.
    enabled: Option<bool>,
    /// Files that it takes the place of, such as one-line `.list` files: they're removed once it's there.
    #[serde(default)]
    replaces: Vec<FilePath>,
    /// Whether it's to be gone, with its key. Default: no.
    #[serde(default)]
    absent: bool,
}

impl Operate for RepositorySpec {
    const NAME: &str = REPOSITORY;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "name"];

    fn resource(&self) -> String {
        format!("repository {} on {}", self.name, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        wanted::check(&self)?;
        let paths = self.replaces.iter().chain(&self.signed_by);
        paths.into_iter().try_for_each(|path| path.on(&self.host))?;
        let path = format!("{SOURCES}/{}.sources", self.name);
        let keyring = format!("{KEYRINGS}/{}.asc", self.name);
        if self.absent {
            for path in [&path, &keyring] {
                remove(operation, &self, path).await?;
            }
        } else {
            let found = read(operation, &self, &path).await?;
            let there = deb822::stanzas(found.bytes()?);
            if self.enabled == Some(false) && there.is_empty() {
                off_elsewhere(operation, &self).await?;
            } else {
                let key = wanted::key(operation, &self).await?;
                let signed_by = key.as_ref().map(|_| keyring.clone());
                let signed_by = signed_by.or_else(|| self.signed_by.as_ref().map(String::from));
                let fields = wanted::fields(operation, &self, &there, signed_by).await?;
                let text = deb822::with(found.bytes()?, &fields);
                if text != found.bytes()? {
                    check_keys(operation, &self, (&path, &text)).await?;
                }
                if let Some(key) = &key {
                    let key = (key.as_bytes(), json!({ "key": keyring }));
                    ensure(operation, &self, &keyring, key).await?;
                }
                ensure(operation, &self, &path, (&text, shown(&text, &fields))).await?;
            }
        }
        for path in &self.replaces {
            remove(operation, &self, path).await?;
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(path));
        Ok(fields)
    }
}

/// The fields as they're shown in a change.
fn shown(text: &[u8], fields: &[(&str, Option<String>)]) -> Value {
    let value = |(name, _): &(&str, Option<String>)| ((*name).to_owned(), json!(field(text, name)));
    fields.iter().map(value).collect::<Map<_, _>>().into()
}

/// The value of a field in the first stanza that has it.
fn field(text: &[u8], name: &str) -> Option<String> {
    let stanzas = deb822::stanzas(text);
    stanzas.iter().find_map(|stanza| stanza.value(name))
}

/// Needs a repository that no stanza declares, and that is to be off, to be in use by no line of its `.list` file either.
async fn off_elsewhere(operation: &Operation, spec: &RepositorySpec) -> Result<(), Halt> {
    let path = format!("{SOURCES}/{}.list", spec.name);
    let found = read(operation, spec, &path).await?;
    if spec.replaces.iter().any(|own| **own == *path)
        || apt::enabled(&path, found.bytes()?).is_empty()
    {
        return Ok(());
    }
    let text = format!("{path} on {} has {} in use", spec.host, spec.name);
    Err(Failure::new(code::host::overridden, text)
        .help(format!("let the file go: replaces: [\"{path}\"]"))
        .into())
}

/// Needs no other list to name another key for a release of this one.
async fn check_keys(
    operation: &Operation,
    spec: &RepositorySpec,
    (own, text): (&str, &[u8]),
) -> Result<(), Halt> {
    let names = operation.ask(&spec.host, List::new(SOURCES)).await?;
    let names = names.unwrap_or_default().into_iter();
    let mut files: Vec<String> = names.map(|name| format!("{SOURCES}/{name}")).collect();
    files.extend([LIST.to_owned(), own.to_owned()]);
    files.sort();
    files.dedup();
    files.retain(|file| !spec.replaces.iter().any(|replaced| **replaced == **file));
    let found = probe::files(operation, &spec.host, &files).await?;
    let mut sources = Vec::new();
    for (file, found) in files.into_iter().zip(found) {
        let enabled = match file == own {
            true => apt::enabled(&file, text),
            false => apt::enabled(&file, found.bytes()?),
        };
        sources.extend(enabled.into_iter().map(|source| (file.clone(), source)));
    }
    let all = apt::conflicts(&sources);
    let conflict = all
        .iter()
        .find(|conflict| [conflict.first.0, conflict.second.0].contains(&own));
    conflict.map_or(
        Ok(()),
        |conflict| Err(other_key(spec, own, conflict).into()),
    )
}

/// The failure of a release that another file has with another key.
fn other_key(spec: &RepositorySpec, own: &str, conflict: &apt::Conflict<'_>) -> Failure {
    let (uri, suite) = &conflict.release;
    let other = if conflict.first.0 == own {
        conflict.second
    } else {
        conflict.first
    };
    let by = if other.1.is_empty() {
        "no key of its own"
    } else {
        other.1
    };
    let text = format!(
        "{} on {} has {uri} {suite} as well, signed by {by}",
        other.0, spec.host
    );
    Failure::new(code::host::overridden, text)
        .cause(conflict.said())
        .help(format!(
            "let that file go, or name the same key: replaces: [\"{}\"]",
            other.0
        ))
}

/// A file as it is; nothing else may stand there.
async fn read(operation: &Operation, spec: &RepositorySpec, path: &str) -> Result<Found, Halt> {
    match operation.ask(&spec.host, Stat::new(path)).await? {
        Entry::Absent | Entry::File { .. } => probe::file(operation, &spec.host, path).await,
        other => Err(in_the_way(&spec.host, path, &other).into()),
    }
}

/// Puts a file in place, if it differs.
async fn ensure(
    operation: &Operation,
    spec: &RepositorySpec,
    path: &str,
    (text, after): (&[u8], Value),
) -> Result<(), Halt> {
    let found = read(operation, spec, path).await?;
    let old = found.bytes()?;
    if found.is_there() && old == text {
        return Ok(());
    }
    let resource = spec.resource();
    let change = match found.is_there() {
        false => Change::create(resource, after),
        true => {
            let names = after
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name);
            let before: Map<String, Value> = names
                .map(|name| (name.clone(), json!(field(old, name))))
                .collect();
            Change::update(resource, before.into(), after)
        }
    };
    let change = change.with_diff(diff(old, text));
    let attributes = Attributes::of_root("644");
    let write = place(&spec.host, path, text, &attributes).write(change);
    operation.write(write).await?;
    Ok(())
}

/// Takes a file away, if it's there.
async fn remove(operation: &Operation, spec: &RepositorySpec, path: &str) -> Result<(), Halt> {
    match operation.ask(&spec.host, Stat::new(path)).await? {
        Entry::Absent => return Ok(()),
        Entry::File { .. } | Entry::Link { .. } => {}
        other => return Err(in_the_way(&spec.host, path, &other).into()),
    }
    let found = probe::file(operation, &spec.host, path).await?;
    let resource = spec.resource();
    let change = Change::delete(resource, json!({ "path": path }));
    // What is no text isn't shown.
    let change = match found.text() {
        Ok(old) => change.with_diff(diff(old.as_bytes(), b"")),
        Err(_) => change,
    };
    operation
        .write(place::remove(&spec.host, path, change))
        .await?;
    Ok(())
}

/// A wrong argument.
fn wrong(text: &str) -> Failure {
    Failure::new(code::runbook::argument, format!("{REPOSITORY}: {text}"))
}
