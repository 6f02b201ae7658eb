//! What a twin's state is, for comparing and for people.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use model::{kind, node_domain};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};
use world::{
    host::OPERATOR,
    redact::Redact as _,
    secret::{MASK, Redactor},
};

use crate::twin::{Twin, TwinError};

/// What no API or host can read back, or what changes with time alone.
const LEFT_OUT: &[&str] = &[
    kind::TASK,
    kind::RUNNING,
    kind::TWIN,
    kind::FAULT,
    kind::PASSWORD,
    kind::CALL,
    kind::COMMAND,
    kind::OFFER,
    kind::GATEWAY,
    kind::NAMES,
    kind::BOOT,
    kind::RELOAD,
    kind::FOLDER_TIME,
    kind::LEASE,
];

impl Twin {
    /// All that an API or a host can read back, with sorted keys: no tasks, logs, clocks, secrets, and no files
    /// of the operator.
    ///
    /// # Errors
    /// The store failed.
    pub fn export(&self) -> Result<Value, TwinError> {
        let mut domains: BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>> =
            BTreeMap::new();
        for (key, value) in self.rows(|rows| rows.all())? {
            if LEFT_OUT.contains(&key.kind.as_str()) || key.domain == OPERATOR {
                continue;
            }
            let domain = if key.domain.is_empty() {
                "lab".to_owned()
            } else {
                key.domain
            };
            let value = sorted(readable(&key.kind, value));
            domains
                .entry(domain)
                .or_default()
                .entry(key.kind)
                .or_default()
                .insert(key.id, value);
        }
        let value = serde_json::to_value(domains)
            .map_err(|error| model::Fault::Store(error.to_string()))?;
        Ok(value)
    }

    /// The same, for people: secrets are masked in it, also in what files hold.
    ///
    /// # Errors
    /// The store failed.
    pub fn export_masked(&self, redactor: &Redactor) -> Result<Value, TwinError> {
        let mut export = self.export()?;
        mask(&mut export, redactor);
        Ok(export)
    }

    /// The twin's state as a tree without secrets: all of it but what every host has, or what is of one node, of one
    /// cluster or of one kind. Nothing if there is no such thing.
    ///
    /// # Errors
    /// The store failed.
    pub fn show(
        &self,
        redactor: &Redactor,
        only: Option<&str>,
    ) -> Result<Option<String>, TwinError> {
        let export = self.export_masked(redactor)?;
        let mut text = String::new();
        for (domain, kinds) in export.as_object().into_iter().flatten() {
            let is_whole = only.is_some_and(|only| domain == only || *domain == node_domain(only));
            let mut below = String::new();
            for (kind, rows) in kinds.as_object().into_iter().flatten() {
                let is_shown = match only {
                    None => !OF_EVERY_HOST.contains(&kind.as_str()),
                    Some(only) => is_whole || kind == only,
                };
                if is_shown {
                    below.push_str(&branch(2, kind, &Value::Null));
                    let rows = rows.as_object().into_iter().flatten();
                    below.extend(rows.map(|(id, row)| branch(3, id, row)));
                }
            }
            if !below.is_empty() {
                text.push_str(&branch(1, domain, &Value::Null));
                text.push_str(&below);
            }
        }
        let is_there = only.is_none() || !text.is_empty();
        let id = self.id()?;
        Ok(is_there.then(|| format!("{id}\n{text}")))
    }

    /// What [`show`](Self::show) can be asked for: nodes, clusters and kinds.
    ///
    /// # Errors
    /// The store failed.
    pub fn shown(&self) -> Result<Vec<String>, TwinError> {
        let export = self.export()?;
        let domains = export.as_object().into_iter().flatten();
        let mut names = BTreeSet::new();
        for (domain, kinds) in domains {
            names.insert(domain.strip_prefix("node/").unwrap_or(domain).to_owned());
            names.extend(
                kinds
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(kind, _)| kind.clone()),
            );
        }
        Ok(names.into_iter().collect())
    }
}

/// Kinds of which every host has dozens, before anybody has done anything.
const OF_EVERY_HOST: &[&str] = &[kind::ACCOUNT, kind::UNIX_GROUP];

/// Masks secrets in values; keys are the names by which things are found. What a file holds is in Base64: with a secret in
/// it, it's masked whole, with the checksum by which it could be guessed.
fn mask(value: &mut Value, redactor: &Redactor) {
    let content = value.get("content").and_then(Value::as_str);
    let bytes = content.and_then(|content| STANDARD.decode(content).ok());
    if bytes.is_some_and(|bytes| redactor.finds(&String::from_utf8_lossy(&bytes))) {
        value["content"] = MASK.into();
        value["sha256"] = MASK.into();
    }
    match value {
        Value::String(text) => text.redact(redactor),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, redactor)),
        Value::Object(map) => map.values_mut().for_each(|value| mask(value, redactor)),
        _ => {}
    }
}

fn branch(depth: usize, name: &str, row: &Value) -> String {
    let mut line = format!("{}{name}", "  ".repeat(depth));
    for (field, value) in row.as_object().into_iter().flatten() {
        let shown = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        // Writing to a string can't fail.
        let _ = write!(line, "  {field}={shown}");
    }
    line.push('\n');
    line
}

/// The row without what can't be read back.
fn readable(kind: &str, mut value: Value) -> Value {
    let hidden: &[&str] = match kind {
        kind::TOKEN => &["secret", "generation"],
        kind::NODE => &["booted", "until", "answer"],
        kind::FILE => &["changed"],
        kind::SYSCTL | kind::MOUNT | kind::ISCSI | kind::PACKAGE_LISTS => &["at"],
        kind::UNIT => &["ActiveEnterTimestamp", "StateChangeTimestamp", "Course"],
        _ => &[],
    };
    if let Some(row) = value.as_object_mut() {
        for name in hidden {
            row.shift_remove(*name);
        }
    }
    value
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<String, Value> = map
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect();
            Value::Object(ordered.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}
