//! The fields of an operation's map, from its schema.

use ops::OperationInfo;
use serde::Serialize;
use serde_json::Value;

/// A field of the map that an operation takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: String,
    /// What it can be: `text`, `whole number`, `list of text`, `dir | nfs`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Whether it must be given.
    pub(crate) required: bool,
    /// Whether it stands before the map.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) positional: bool,
    /// What it is, with unit.
    pub(crate) text: String,
    /// What it is when it isn't given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<Value>,
}

/// The fields of an operation, as they stand in its schema.
pub(super) fn fields(operation: &OperationInfo) -> Vec<Field> {
    let schema = Value::from((operation.schema)());
    let mut found = Vec::new();
    collect(&schema, &schema, "", &mut found);
    for field in &mut found {
        field.positional = operation.positional.contains(&field.name.as_str());
    }
    found
}

/// Collects the fields of a map, and after each the fields of the maps in it: `interfaces[].iface`.
fn collect(map: &Value, root: &Value, prefix: &str, found: &mut Vec<Field>) {
    let required: Vec<&str> = map["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (name, property) in map["properties"].as_object().into_iter().flatten() {
        let path = format!("{prefix}{name}");
        found.push(Field {
            kind: kind(property, root),
            required: required.contains(&name.as_str()),
            positional: false,
            text: property["description"]
                .as_str()
                .unwrap_or_default()
                .replace('\n', " "),
            default: property
                .get("default")
                .filter(|value| !value.is_null())
                .cloned(),
            name: path.clone(),
        });
        collect(property, root, &format!("{path}."), found);
        collect(&property["items"], root, &format!("{path}[]."), found);
    }
}

/// A schema's type in words.
fn kind(schema: &Value, root: &Value) -> String {
    if let Some(words) = schema["x-words"].as_str() {
        return words.to_owned();
    }
    if let Some(target) = schema["$ref"].as_str() {
        return kind(
            root.pointer(target.trim_start_matches('#'))
                .unwrap_or(&Value::Null),
            root,
        );
    }
    if let Some(values) = schema["enum"].as_array() {
        return joined(values.iter().map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        }));
    }
    if let Some(value) = schema.get("const") {
        return value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
    }
    for several in ["anyOf", "oneOf", "allOf"] {
        if let Some(options) = schema[several].as_array() {
            return joined(
                options
                    .iter()
                    .map(|option| kind(option, root))
                    .filter(|kind| kind != "nothing"),
            );
        }
    }
    match &schema["type"] {
        Value::Array(types) => joined(
            types
                .iter()
                .filter_map(Value::as_str)
                .filter(|name| *name != "null")
                .map(|name| word(name, schema, root)),
        ),
        Value::String(name) => word(name, schema, root),
        _ => "any value".to_owned(),
    }
}

fn word(name: &str, schema: &Value, root: &Value) -> String {
    match name {
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "number" => "number".to_owned(),
        "boolean" => "flag".to_owned(),
        "array" => format!("list of {}", kind(&schema["items"], root)),
        "object" => "map".to_owned(),
        _ => "nothing".to_owned(),
    }
}

fn joined(kinds: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for kind in kinds {
        if !all.contains(&kind) {
            all.push(kind);
        }
    }
    all.join(" | ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn says_types_in_words() {
        let root = json!({"$defs": {"Kind": {"oneOf": [{"const": "dir"}, {"const": "nfs"}]}}});
        let cases = [
            (json!({"type": ["string", "null"]}), "text"),
            (json!({"$ref": "#/$defs/Kind"}), "dir | nfs"),
            (
                json!({"anyOf": [{"$ref": "#/$defs/Kind"}, {"type": "null"}]}),
                "dir | nfs",
            ),
            (
                json!({"type": "array", "items": {"type": "integer"}}),
                "list of whole number",
            ),
            (json!({"enum": ["a", "b"]}), "a | b"),
            (
                json!({"type": ["string", "number"], "x-words": "duration"}),
                "duration",
            ),
            (json!(true), "any value"),
        ];
        for (schema, words) in cases {
            assert_eq!(kind(&schema, &root), words, "{schema}");
        }
    }
}
