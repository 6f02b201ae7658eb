//! Values as plain JSON: the arguments of operations, and their answers.

use rhai::{Array, Dynamic, FLOAT, FnPtr, INT, Map};
use serde_json::{Number, Value};
use world::{
    Origin, Secret,
    units::{Bytes, Timespan},
};

use super::{
    depth::is_too_deep,
    hidden::Unknown,
    network::{Address, InterfaceAddress, Network},
};

/// A value that can't be an argument of an operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotArgument {
    /// It isn't known yet.
    #[error("the value{path} isn't known yet: {origin}")]
    Unknown {
        /// Where in the argument: `.nodes[2].address`, empty for the whole.
        path: String,
        /// Where the value will come from.
        origin: Origin,
    },
    /// Lists and maps lie too deep in each other.
    #[error("the argument is a list or map in which others lie over 100 deep")]
    Deep,
    /// It has a type that operations don't take.
    #[error("the value{path} is a {kind}, which an operation doesn't take; {help}")]
    Kind {
        /// Where in the argument.
        path: String,
        /// The type's name.
        kind: String,
        /// What to write in its place.
        help: &'static str,
    },
}

/// Makes the JSON that an operation decodes: typed values become the plain ones that the API takes.
///
/// A size becomes its number of bytes, a duration its number of seconds, an address its text, a secret the
/// tagged form that only `Secret` can be read from.
///
/// # Errors
///
/// The first value in it that isn't known yet or isn't data.
pub fn to_argument(value: &Dynamic) -> Result<Value, NotArgument> {
    if is_too_deep(value) {
        return Err(NotArgument::Deep);
    }
    plain(value, "")
}

fn plain(value: &Dynamic, path: &str) -> Result<Value, NotArgument> {
    if let Some(items) = value.read_lock::<Array>() {
        let items = items.iter().enumerate();
        return items
            .map(|(index, item)| plain(item, &format!("{path}[{index}]")))
            .collect();
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entries = map.iter();
        return entries
            .map(|(key, item)| Ok((key.to_string(), plain(item, &format!("{path}.{key}"))?)))
            .collect();
    }
    if let Some(scalar) = scalar(value) {
        return Ok(scalar);
    }
    typed(value, path)
}

/// A number, flag, text or nothing.
pub(super) fn scalar(value: &Dynamic) -> Option<Value> {
    if value.is_unit() {
        return Some(Value::Null);
    }
    if let Ok(flag) = value.as_bool() {
        return Some(flag.into());
    }
    if let Ok(number) = value.as_int() {
        return Some(number.into());
    }
    if let Ok(number) = value.as_float() {
        return Number::from_f64(number).map(Value::Number);
    }
    if let Ok(letter) = value.as_char() {
        return Some(letter.to_string().into());
    }
    value
        .as_immutable_string_ref()
        .ok()
        .map(|text| text.as_str().into())
}

fn typed(value: &Dynamic, path: &str) -> Result<Value, NotArgument> {
    if let Some(unknown) = value.read_lock::<Unknown>() {
        let path = path.to_owned();
        let origin = (*unknown.origin).clone();
        return Err(NotArgument::Unknown { path, origin });
    }
    if let Some(secret) = value.read_lock::<Secret>() {
        return Ok(secret.reveal_json());
    }
    if let Some(size) = value.read_lock::<Bytes>() {
        return Ok(size.0.into());
    }
    if let Some(duration) = value.read_lock::<Timespan>() {
        let seconds = duration.0.as_secs();
        let is_whole = duration.0.subsec_nanos() == 0;
        return Ok(if is_whole {
            seconds.into()
        } else {
            duration.0.as_secs_f64().into()
        });
    }
    if let Some(text) = network_text(value) {
        return Ok(text.into());
    }
    let help = if value.is::<super::Row>() {
        "name the columns that it needs: #{ name: row.name }"
    } else if value.is::<FnPtr>() {
        "call the function and pass what it returns"
    } else {
        "pass a number, a text, a list or a map"
    };
    let kind = kind(value);
    Err(NotArgument::Kind {
        path: path.to_owned(),
        kind,
        help,
    })
}

/// The text of an address or a network.
fn network_text(value: &Dynamic) -> Option<String> {
    let address = value
        .read_lock::<Address>()
        .map(|address| address.to_string());
    let interface = || {
        value
            .read_lock::<InterfaceAddress>()
            .map(|interface| interface.to_string())
    };
    let network = || {
        value
            .read_lock::<Network>()
            .map(|network| network.to_string())
    };
    address.or_else(interface).or_else(network)
}

/// The short name of a value's type.
pub(super) fn kind(value: &Dynamic) -> String {
    let name = value.type_name();
    let name = name.rsplit("::").next().unwrap_or(name);
    match name {
        "Fn" => "function".to_owned(),
        other => other.to_owned(),
    }
}

/// Makes a script's value of plain JSON, as an operation answers it.
pub fn from_json(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Dynamic::from_int(number as INT),
            None => Dynamic::from_float(number.as_f64().unwrap_or(FLOAT::NAN)),
        },
        Value::String(text) => text.clone().into(),
        Value::Array(items) => Dynamic::from_array(items.iter().map(from_json).collect()),
        Value::Object(map) => {
            let entries = map
                .iter()
                .map(|(key, item)| (key.as_str().into(), from_json(item)));
            Dynamic::from_map(entries.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::script::rewrite;

    #[test]
    fn makes_plain_values_of_typed_ones() {
        let (engine, _) = rewrite::engine();
        let script = r#"#{ a: 1, b: [true, "x", 'y', ()], c: size("1 KiB"), d: duration("2 min"),
            e: address("10.0.0.1"), f: interface_address("10.0.0.1/24"), g: network("10.0.0.0/24"), h: 1.5 }"#;
        let value = to_argument(&rewrite::run(&engine, script).unwrap()).unwrap();
        let expected = json!({ "a": 1, "b": [true, "x", "y", null], "c": 1024, "d": 120,
            "e": "10.0.0.1", "f": "10.0.0.1/24", "g": "10.0.0.0/24", "h": 1.5 });
        assert_eq!(value, expected);
        assert_eq!(to_argument(&from_json(&expected)).unwrap(), expected);
    }

    #[test]
    fn reveals_secrets_and_names_what_it_refuses() {
        let secret = Secret::new("S", "v");
        assert_eq!(
            to_argument(&Dynamic::from(secret.clone())).unwrap(),
            secret.reveal_json()
        );
        let origin = Origin {
            step: "1".into(),
            what: "x".into(),
        };
        let mut map = Map::new();
        let list: Array = vec![1.into(), Dynamic::from(Unknown::new(origin.clone()))];
        map.insert("a".into(), Dynamic::from_array(list));
        let error = to_argument(&Dynamic::from_map(map)).unwrap_err();
        assert_eq!(
            error,
            NotArgument::Unknown {
                path: ".a[1]".into(),
                origin
            }
        );
        let function = FnPtr::new("f").unwrap();
        let error = to_argument(&Dynamic::from(function))
            .unwrap_err()
            .to_string();
        assert!(error.contains("a function"), "{error}");
    }
}
