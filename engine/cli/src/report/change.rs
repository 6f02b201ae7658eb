//! A change as lines: resource, and in a plan its fields or its text diff.

use runbook::action::{Change, Kind};
use serde_json::Value;

use super::Paint;

/// The line of a change.
pub(crate) fn line(change: &Change, paint: Paint) -> String {
    match change.kind {
        Kind::Create => paint.green(&format!("+ {}", change.resource)),
        Kind::Update => paint.yellow(&format!("~ {}", change.resource)),
        Kind::Delete => paint.red(&format!("- {}", change.resource)),
        Kind::Apply => paint.yellow(&format!("> {}", change.resource)),
    }
}

/// The fields that change, one a line; or the text diff.
pub(crate) fn details(change: &Change, paint: Paint) -> Vec<String> {
    if let Some(diff) = &change.diff {
        return diff.lines().map(|line| diff_line(line, paint)).collect();
    }
    let mut names: Vec<&String> = Vec::new();
    for side in [&change.before, &change.after] {
        names.extend(side.as_object().into_iter().flatten().map(|(name, _)| name));
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    if names.is_empty() {
        return bare(change);
    }
    names
        .into_iter()
        .map(|name| field(name, change.before.get(name), change.after.get(name)))
        .collect()
}

/// A line of a diff in its colour.
pub(crate) fn diff_line(line: &str, paint: Paint) -> String {
    match line.as_bytes().first() {
        Some(b'+') => paint.green(line),
        Some(b'-') => paint.red(line),
        Some(b'@') => paint.dim(line),
        _ => line.to_owned(),
    }
}

fn bare(change: &Change) -> Vec<String> {
    match (&change.before, &change.after) {
        (Value::Null, Value::Null) => Vec::new(),
        (Value::Null, after) => vec![shown(after)],
        (before, after) => vec![format!("{} -> {}", shown(before), shown(after))],
    }
}

fn field(name: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let present = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(shown);
    match (present(before), present(after)) {
        (None, Some(after)) => format!("{name}: {after}"),
        (Some(before), None) => format!("{name}: {before} -> (none)"),
        (Some(before), Some(after)) => format!("{name}: {before} -> {after}"),
        (None, None) => format!("{name}: (none)"),
    }
}

/// A value as people write it: text without quotes, lists with commas.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) if !text.contains('\n') => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Null => "(none)".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_fields_before_and_after() {
        let paint = Paint::default();
        let change = Change::update(
            "storage nas",
            json!({"content": "iso", "old": 1}),
            json!({"content": ["iso", "backup"], "new": ""}),
        );
        assert_eq!(line(&change, paint), "~ storage nas");
        assert_eq!(
            details(&change, paint),
            [
                "content: iso -> iso, backup",
                "old: 1 -> (none)",
                "new: \"\""
            ]
        );
        let change = Change::create("x", json!(null)).with_diff("-a\n+b");
        assert_eq!(details(&change, paint), ["-a", "+b"]);
    }
}
