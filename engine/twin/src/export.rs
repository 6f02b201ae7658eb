//! What a twin's state is, for comparing and for people.

use model::kind;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt::Write as _};
use world::host::OPERATOR;

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

    /// The twin's state as a tree.
    ///
    /// # Errors
    /// The store failed.
    pub fn show(&self) -> Result<String, TwinError> {
        let mut text = format!("{}\n", self.id()?);
        let export = self.export()?;
        for (domain, kinds) in export.as_object().into_iter().flatten() {
            text.push_str(&branch(1, domain, &Value::Null));
            for (kind, rows) in kinds.as_object().into_iter().flatten() {
                text.push_str(&branch(2, kind, &Value::Null));
                for (id, row) in rows.as_object().into_iter().flatten() {
                    text.push_str(&branch(3, id, row));
                }
            }
        }
        Ok(text)
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
