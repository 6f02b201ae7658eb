//! Indexes: the names of what is below a path.

use serde_json::{Value, json};

/// The names of an index's entries as the API lists them, each under `key`.
pub(crate) fn index(key: &str, names: &[&str]) -> Value {
    names.iter().map(|name| json!({ key: name })).collect()
}
