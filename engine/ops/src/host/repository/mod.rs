//! Repositories of packages: a `.sources` file, and the key that signs it.

mod wanted;

use formats::deb822;
use runbook::{action::Change, bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use world::{
    code,
    host::verb::{Attributes, Entry, Stat},
};

use super::{
    edit::in_the_way,
    file::diff,
    place::{self, place},
    probe,
};
use crate::{info::Effect, operate::Operate};

const REPOSITORY: &str = "host::repository";

/// Where repositories are declared, and where the keys of those that aren't Debian's lie.
const SOURCES: &str = "/etc/apt/sources.list.d";
const KEYRINGS: &str = "/etc/apt/keyrings";

/// Ensures a repository of packages. What isn't given stays as it is, so `#{ enabled: false }` switches off one that the
/// installer declared. After a change the next `host::packages` that needs one reads apt's lists again. Answers `path`.
///
/// Errors: a new one lacks `uris` or a key; the file has several repositories and more than `enabled` is given.
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
    signed_by: Option<String>,
    /// Whether it's used. Default: as it is, yes for a new one.
    enabled: Option<bool>,
    /// Files that it takes the place of, such as one-line `.list` files: they're removed once it's there.
    #[serde(default)]
    replaces: Vec<String>,
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
        let path = format!("{SOURCES}/{}.sources", self.name);
        let keyring = format!("{KEYRINGS}/{}.asc", self.name);
        if self.absent {
            for path in [&path, &keyring] {
                remove(operation, &self, path).await?;
            }
        } else {
            let key = wanted::key(operation, &self).await?;
            if let Some(key) = &key {
                ensure(operation, &self, &keyring, (key, json!({ "key": keyring }))).await?;
            }
            let old = read(operation, &self, &path).await?;
            let signed_by = key.map(|_| keyring).or_else(|| self.signed_by.clone());
            let fields = wanted::fields(operation, &self, old.as_deref(), signed_by).await?;
            let text = deb822::with(old.as_deref().unwrap_or_default(), &fields);
            ensure(operation, &self, &path, (&text, shown(&text, &fields))).await?;
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
fn shown(text: &str, fields: &[(&str, Option<String>)]) -> Value {
    let value = |(name, _): &(&str, Option<String>)| ((*name).to_owned(), json!(field(text, name)));
    fields.iter().map(value).collect::<Map<_, _>>().into()
}

/// The value of a field in the first stanza that has it.
fn field(text: &str, name: &str) -> Option<String> {
    let stanzas = deb822::stanzas(text);
    stanzas.iter().find_map(|stanza| stanza.value(name))
}

/// The text of a file; none if there is none.
async fn read(
    operation: &Operation,
    spec: &RepositorySpec,
    path: &str,
) -> Result<Option<String>, Halt> {
    match operation.ask(&spec.host, Stat::new(path)).await? {
        Entry::Absent => Ok(None),
        Entry::File { .. } => probe::text_to_show(operation, &spec.host, path).await,
        other => Err(in_the_way(&spec.host, path, &other).into()),
    }
}

/// Puts a file in place, if it differs.
async fn ensure(
    operation: &Operation,
    spec: &RepositorySpec,
    path: &str,
    (text, after): (&str, Value),
) -> Result<(), Halt> {
    let old = read(operation, spec, path).await?;
    if old.as_deref() == Some(text) {
        return Ok(());
    }
    let resource = spec.resource();
    let change = match &old {
        None => Change::create(resource, after),
        Some(old) => {
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
    let change = change.with_diff(diff(old.as_deref().unwrap_or_default(), text));
    let attributes = Attributes::of_root("644");
    let write = place(&spec.host, path, text.as_bytes(), &attributes).write(change);
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
    let old = probe::text_to_show(operation, &spec.host, path).await?;
    let resource = spec.resource();
    let change = Change::delete(resource, json!({ "path": path }));
    let change = match old {
        Some(old) => change.with_diff(diff(&old, "")),
        None => change,
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
