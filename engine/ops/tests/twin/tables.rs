//! `docs/reference/tables.md` allows what operations take, and nothing else.

use serde_json::Value;
use world::docs::{Schema, schema::Kind};

/// A table's column, and the field of an operation that its cells are given to.
const FIELDS: &[(&str, &str, &str, &str)] = &[
    ("Storage", "type", "proxmox::storage::ensure", "type"),
    ("Repositories", "proxmox", "host::repository", "proxmox"),
];

#[test]
fn the_page_allows_what_operations_take() {
    for (table, column, operation, field) in FIELDS {
        let info = homelab_ops::operation(operation).unwrap();
        let schema = (info.schema)().to_value();
        let mut taken = Vec::new();
        texts(&schema, &schema["properties"][field], &mut taken);
        let table = Schema::builtin().table("SOFTWARE", table).unwrap();
        let line = table.lines_of(column).next().unwrap();
        assert_eq!(line.kind, Kind::OneOf(taken), "{operation} {field}");
    }
}

/// The texts that a schema allows; what it refers to is looked up.
fn texts(whole: &Value, schema: &Value, found: &mut Vec<String>) {
    let referred = schema["$ref"].as_str();
    if let Some(path) = referred.and_then(|path| path.strip_prefix('#')) {
        texts(whole, whole.pointer(path).unwrap(), found);
    }
    found.extend(schema["const"].as_str().map(str::to_owned));
    for inner in ["anyOf", "oneOf"] {
        let all = schema[inner].as_array().into_iter().flatten();
        all.for_each(|one| texts(whole, one, found));
    }
    let all = schema["enum"].as_array().into_iter().flatten();
    found.extend(all.filter_map(Value::as_str).map(str::to_owned));
}
