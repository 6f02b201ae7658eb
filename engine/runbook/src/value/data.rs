//! Values as data that is recorded: the value of a step, round-tripped through JSON.
//!
//! Typed values are objects with one tag, `{"$size": 1024}`. A map of the script's own with a key that begins
//! with `$` is wrapped in `{"$map": …}`.

use std::time::Duration;

use rhai::{Array, Dynamic, Map};
use serde_json::{Map as Object, Value, json};
use world::{
    Origin, Secret, docs,
    units::{Bytes, Timespan},
};

use super::{
    argument::{kind, scalar},
    depth::is_too_deep,
    hidden::Unknown,
    network::{Address, InterfaceAddress, Network},
    table::{Row, Table},
};

/// A value that can't be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotData {
    /// It isn't known yet.
    #[error("the value{path} isn't known yet: {origin}")]
    Unknown {
        /// Where in the value: `.nodes[2].address`, empty for the whole.
        path: String,
        /// Where the value will come from.
        origin: Origin,
    },
    /// It's a secret.
    #[error("the value{path} is the secret {name}")]
    Secret {
        /// Where in the value.
        path: String,
        /// The secret's name.
        name: String,
    },
    /// Lists and maps lie too deep in each other.
    #[error("the value is a list or map in which others lie over 100 deep")]
    Deep,
    /// It's a function, or of another type that isn't data.
    #[error("the value{path} is a {kind}")]
    Kind {
        /// Where in the value.
        path: String,
        /// The type's name.
        kind: String,
    },
}

/// Makes the JSON that the journal records.
///
/// # Errors
///
/// The first value in it that isn't data.
pub fn to_data(value: &Dynamic) -> Result<Value, NotData> {
    if is_too_deep(value) {
        return Err(NotData::Deep);
    }
    data(value, "")
}

fn data(value: &Dynamic, path: &str) -> Result<Value, NotData> {
    if let Some(items) = value.read_lock::<Array>() {
        let items = items.iter().enumerate();
        return items
            .map(|(index, item)| data(item, &format!("{path}[{index}]")))
            .collect();
    }
    if let Some(map) = value.read_lock::<Map>() {
        let mut object = Object::new();
        for (key, item) in map.iter() {
            object.insert(key.to_string(), data(item, &format!("{path}.{key}"))?);
        }
        let is_ambiguous = object.keys().any(|key| key.starts_with('$'));
        return Ok(if is_ambiguous {
            json!({ "$map": object })
        } else {
            Value::Object(object)
        });
    }
    if let Ok(letter) = value.as_char() {
        return Ok(json!({ "$char": letter }));
    }
    if let Some(scalar) = scalar(value) {
        return Ok(scalar);
    }
    typed(value).ok_or_else(|| refused(value, path))
}

fn typed(value: &Dynamic) -> Option<Value> {
    if let Some(size) = value.read_lock::<Bytes>() {
        return Some(json!({ "$size": size.0 }));
    }
    if let Some(duration) = value.read_lock::<Timespan>() {
        return Some(json!({ "$duration": u64::try_from(duration.0.as_millis()).ok()? }));
    }
    if let Some(address) = value.read_lock::<Address>() {
        return Some(json!({ "$address": address.0 }));
    }
    if let Some(interface) = value.read_lock::<InterfaceAddress>() {
        return Some(json!({ "$interface": interface.0 }));
    }
    if let Some(network) = value.read_lock::<Network>() {
        return Some(json!({ "$network": network.0 }));
    }
    if let Some(table) = value.read_lock::<Table>() {
        return Some(json!({ "$table": facts(table.facts()) }));
    }
    let row = value.read_lock::<Row>()?;
    Some(json!({ "$row": facts(row.table().facts()), "at": row.index() }))
}

fn refused(value: &Dynamic, path: &str) -> NotData {
    let path = path.to_owned();
    if let Some(unknown) = value.read_lock::<Unknown>() {
        return NotData::Unknown {
            path,
            origin: (*unknown.origin).clone(),
        };
    }
    if let Some(secret) = value.read_lock::<Secret>() {
        return NotData::Secret {
            path,
            name: secret.name().to_owned(),
        };
    }
    NotData::Kind {
        path,
        kind: kind(value),
    }
}

/// A table as its document, and its own Markdown with the columns' headings as they stand; with what a lab declares of it,
/// so that its cells are read as they were.
fn facts(table: &docs::Table) -> Value {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let escaped = |text: &str| text.replace('|', "\\|");
    let headings = table
        .columns
        .iter()
        .map(|column| escaped(&column.heading))
        .collect();
    let mut text = format!("## {}\n{}", table.title, line(headings));
    text.push_str(&line(vec!["---".to_owned(); table.columns.len()]));
    for row in &table.rows {
        text.push_str(&line(
            row.cells.iter().map(|cell| escaped(&cell.text)).collect(),
        ));
    }
    match table
        .schema
        .as_ref()
        .filter(|schema| !schema.declared.is_empty())
    {
        Some(schema) => json!([table.document, text, schema.declared]),
        None => json!([table.document, text]),
    }
}

/// Makes a script's value of recorded data. What it doesn't recognise stays what it is, a map.
pub fn from_data(value: &Value) -> Dynamic {
    match value {
        Value::Array(items) => Dynamic::from_array(items.iter().map(from_data).collect()),
        Value::Object(object) => tagged(object).unwrap_or_else(|| map(object)),
        other => super::from_json(other),
    }
}

fn map(object: &Object<String, Value>) -> Dynamic {
    let entries = object
        .iter()
        .map(|(key, item)| (key.as_str().into(), from_data(item)));
    Dynamic::from_map(entries.collect())
}

fn tagged(object: &Object<String, Value>) -> Option<Dynamic> {
    let (tag, value) = object.iter().next()?;
    match tag.as_str() {
        "$map" => value.as_object().map(map),
        "$char" => value.as_str()?.chars().next().map(Dynamic::from),
        "$size" => Some(Dynamic::from(Bytes(value.as_u64()?))),
        "$duration" => Some(Dynamic::from(Timespan(Duration::from_millis(
            value.as_u64()?,
        )))),
        "$address" => Some(Dynamic::from(Address(value.as_str()?.parse().ok()?))),
        "$interface" => Some(Dynamic::from(InterfaceAddress(
            value.as_str()?.parse().ok()?,
        ))),
        "$network" => Some(Dynamic::from(Network(value.as_str()?.parse().ok()?))),
        "$table" => table(value).map(Dynamic::from),
        "$row" => {
            let index = usize::try_from(object.get("at")?.as_u64()?).ok()?;
            table(value)?.row(index).map(Dynamic::from)
        }
        _ => None,
    }
}

fn table(value: &Value) -> Option<Table> {
    let document = value.get(0)?.as_str()?;
    let text = value.get(1)?.as_str()?;
    let title = text.strip_prefix("## ")?.lines().next()?;
    let docs = match value.get(2) {
        Some(declared) => docs::Docs::declared(declared.as_str()?).ok()?,
        None => docs::Docs::default(),
    };
    let docs = docs.reread(document, text).ok()?;
    docs.table(document, title).ok().cloned().map(Table::from)
}

#[cfg(test)]
mod tests {
    use rhai::{FLOAT, FnPtr};

    use super::*;
    use crate::script::rewrite;

    #[test]
    fn records_and_gives_back_every_kind_of_data() {
        let (engine, _) = rewrite::engine();
        let scripts = [
            "()",
            "[1, -2, 1.5, true, \"text\", 'c', []]",
            "#{ a: #{ b: [1] }, \"$size\": 1, \"$map\": #{ \"$x\": 2 } }",
            r#"[size("3 GiB"), duration("90 s"), address("fe80::1"), network("10.0.0.0/8")]"#,
            r#"#{ i: interface_address("10.0.0.1/24") }"#,
        ];
        for script in scripts {
            let value = rewrite::run(&engine, script).unwrap();
            let recorded = to_data(&value).unwrap();
            let back = from_data(&recorded);
            assert_eq!(to_data(&back).unwrap(), recorded, "{script}");
            assert_eq!(format!("{back:?}"), format!("{value:?}"), "{script}");
        }
    }

    #[test]
    fn records_and_gives_back_tables_and_rows() {
        let text = "## VLANs\n| VLAN | Name | Node → Nodes |\n|---|---|---|\n| 10 | a \\| b | pve1 |\n| 20 | | – |\n";
        let docs = docs::Docs::parse("NETWORK", text).unwrap();
        let table = Table::find(&docs, "NETWORK", "VLANs").unwrap();
        let row = table.row(1).unwrap();
        let back = from_data(&to_data(&Dynamic::from(table.clone())).unwrap()).cast::<Table>();
        assert_eq!(back.facts().rows.len(), 2);
        assert_eq!(back.facts().columns, table.facts().columns);
        assert_eq!(back.facts().rows[0].text("name"), Some("a | b"));
        let back = from_data(&to_data(&Dynamic::from(row)).unwrap()).cast::<Row>();
        assert_eq!(back.key(), "20");
    }

    #[test]
    fn a_table_that_a_lab_declares_is_given_back_in_its_types() {
        let declared = "## RACK/Shelves\n| Column | Type | Needed | Says |\n|--|--|--|--|\n| Shelf | id | key | - |\n\
                        | Load | size | no | a \\| b |\n| Node | row of HARDWARE/Nodes | no | - |\n";
        let text = "## Shelves\n| Shelf | Load | Node |\n|--|--|--|\n| 1 | 2GB | pve1 |\n";
        let docs = docs::Docs::declared(declared).unwrap().reread("RACK", text);
        let table = Table::find(&docs.unwrap(), "RACK", "Shelves").unwrap();
        let back = from_data(&to_data(&Dynamic::from(table.clone())).unwrap()).cast::<Table>();
        assert_eq!(back.facts(), table.facts());
        assert!(
            back.facts().rows[0]
                .get("load")
                .unwrap()
                .value
                .size()
                .is_some()
        );
    }

    #[test]
    fn names_the_path_of_what_it_refuses() {
        let origin = Origin {
            step: "1".into(),
            what: "x".into(),
        };
        let cases = [
            (
                Dynamic::from(Secret::new("S", "v")),
                "the value.a[1] is the secret S",
            ),
            (
                Dynamic::from(FnPtr::new("f").unwrap()),
                "the value.a[1] is a function",
            ),
            (
                Dynamic::from(Unknown::new(origin)),
                "the value.a[1] isn't known yet: x, known after step 1",
            ),
            (Dynamic::from_float(FLOAT::NAN), "the value.a[1] is a f64"),
        ];
        for (value, expected) in cases {
            let mut map = Map::new();
            map.insert("a".into(), Dynamic::from_array(vec![1.into(), value]));
            assert_eq!(
                to_data(&Dynamic::from_map(map)).unwrap_err().to_string(),
                expected
            );
        }
    }
}
