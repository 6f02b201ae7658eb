//! The fields that a repository is to have.

use formats::{apt, deb822, sourced::Sourced};
use runbook::{failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{RepositorySpec, wrong};
use crate::host::probe;

/// Proxmox's own repositories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Proxmox {
    /// Proxmox VE, for everybody.
    PveNoSubscription,
    /// Proxmox VE, for nodes with a subscription.
    PveEnterprise,
    /// Proxmox VE, for trying out.
    PveTest,
    /// Ceph Squid, for everybody.
    CephSquidNoSubscription,
    /// Ceph Squid, for nodes with a subscription.
    CephSquidEnterprise,
}

/// The keyring that Proxmox's nodes have.
const KEYRING: &str = "/usr/share/keyrings/proxmox-archive-keyring.gpg";

impl Proxmox {
    /// Its URI and component.
    const fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::PveNoSubscription => (
                "http://download.proxmox.com/debian/pve",
                "pve-no-subscription",
            ),
            Self::PveEnterprise => (
                "https://enterprise.proxmox.com/debian/pve",
                "pve-enterprise",
            ),
            Self::PveTest => ("http://download.proxmox.com/debian/pve", "pve-test"),
            Self::CephSquidNoSubscription => (
                "http://download.proxmox.com/debian/ceph-squid",
                "no-subscription",
            ),
            Self::CephSquidEnterprise => (
                "https://enterprise.proxmox.com/debian/ceph-squid",
                "enterprise",
            ),
        }
    }
}

/// Looks at fields that don't fit each other.
pub(super) fn check(spec: &RepositorySpec) -> Result<(), Failure> {
    let letters = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if spec.name.is_empty() || !spec.name.chars().all(letters) || spec.name.ends_with(".sources") {
        return Err(wrong(&format!(
            "'{}' is no name for a file: letters, digits, '.', '_' and '-'",
            spec.name
        )));
    }
    let keys = [
        spec.key.is_some(),
        spec.key_file.is_some(),
        spec.signed_by.is_some(),
    ];
    if keys.iter().filter(|is| **is).count() > 1 {
        return Err(wrong(
            "only one of `key`, `key_file` and `signed_by` can be given",
        ));
    }
    let lists = [
        &spec.types,
        &spec.uris,
        &spec.suites,
        &spec.components,
        &spec.architectures,
    ];
    let words = lists.into_iter().flatten().flatten();
    match words
        .into_iter()
        .find(|word| word.is_empty() || word.contains(char::is_whitespace))
    {
        Some(word) => Err(wrong(&format!("'{word}' is no single word"))),
        None => Ok(()),
    }
}

/// The key that is to be put in place.
///
/// # Errors
/// The lab has no such file; it's no key.
pub(super) async fn key(
    operation: &Operation,
    spec: &RepositorySpec,
) -> Result<Option<String>, Halt> {
    let text = match (&spec.key, &spec.key_file) {
        (Some(key), _) => key.clone(),
        (None, Some(file)) => {
            let found = probe::lab_file(operation, file).await?;
            match found.text() {
                Ok(text) if found.is_there() => text.to_owned(),
                _ => {
                    return Err(wrong(&format!("the lab has no text file {file}"))
                        .help("a binary keyring becomes text with `gpg --enarmor`; the path counts from the lab's folder")
                        .into());
                }
            }
        }
        (None, None) => return Ok(None),
    };
    if !text.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
        return Err(wrong("the key is no armored public key").into());
    }
    Ok(Some(if text.ends_with('\n') {
        text
    } else {
        text + "\n"
    }))
}

/// The fields of the file; those that aren't given and are there already stay out.
///
/// # Errors
/// A new one lacks something; the host doesn't say which release it has.
pub(super) async fn fields(
    operation: &Operation,
    spec: &RepositorySpec,
    there: &[deb822::Stanza],
    signed_by: Option<String>,
) -> Result<Vec<(&'static str, Option<String>)>, Halt> {
    let joined = |list: &Option<Vec<String>>| list.as_ref().map(|list| list.join(" "));
    let (uri, component) = spec.proxmox.map(Proxmox::place).unzip();
    let mut fields = vec![
        ("Types", joined(&spec.types)),
        (
            "URIs",
            joined(&spec.uris).or_else(|| uri.map(str::to_owned)),
        ),
        ("Suites", joined(&spec.suites)),
        (
            "Components",
            joined(&spec.components).or_else(|| component.map(str::to_owned)),
        ),
        ("Architectures", joined(&spec.architectures)),
        (
            "Signed-By",
            signed_by.or_else(|| spec.proxmox.map(|_| KEYRING.to_owned())),
        ),
    ];
    let is_new = there.is_empty();
    if is_new {
        for (name, value) in &mut fields {
            match *name {
                "Types" if value.is_none() => *value = Some("deb".to_owned()),
                "Suites" if value.is_none() => *value = Some(release(operation, &spec.host).await?),
                "URIs" | "Signed-By" if value.is_none() => return Err(lacks(spec, name).into()),
                _ => {}
            }
        }
    }
    fields.retain(|(_, value)| value.is_some());
    if there.len() > 1 && !fields.is_empty() {
        let text = format!(
            "{} on {} has several repositories: only `enabled` can be changed",
            spec.name, spec.host
        );
        return Err(wrong(&text).help("host::file writes it whole").into());
    }
    match spec.enabled {
        Some(false) if !there.iter().all(apt::is_off) => {
            fields.push(("Enabled", Some("no".to_owned())));
        }
        // What isn't written is enabled.
        Some(true) if there.iter().any(apt::is_off) => fields.push(("Enabled", None)),
        _ => {}
    }
    Ok(fields)
}

fn lacks(spec: &RepositorySpec, name: &str) -> Failure {
    let field = match name {
        "URIs" => "`uris`",
        _ => "a key: `key`, `key_file` or `signed_by`",
    };
    wrong(&format!(
        "{} is new on {} and lacks {field}",
        spec.name, spec.host
    ))
}

/// The release that a host has: `trixie`.
async fn release(operation: &Operation, host: &str) -> Result<String, Halt> {
    let release = probe::file(operation, host, "/etc/os-release").await?;
    let found = Sourced::read(release.text()?).and_then(|file| file.value("VERSION_CODENAME"));
    found.ok().flatten().ok_or_else(|| {
        wrong(&format!(
            "{host} doesn't say which release it has: give `suites`"
        ))
        .into()
    })
}
