//! Types of fields that a script writes in more than one way.

use std::{borrow::Cow, fmt, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;
use world::{
    proxmox::lenient,
    units::{Bytes, Timespan},
};

/// A list of names: a list, or one text with commas or blanks between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names(pub(crate) Vec<String>);

/// An address of a host; the prefix of an interface's address is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostAddress(pub(crate) String);

/// A length of time: `30 s`, `5 min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

/// A size: text with a unit (`256 MiB`), or a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl Names {
    /// The names with commas between them.
    pub(crate) fn commas(&self) -> String {
        self.0.join(",")
    }

    /// The names with blanks between them.
    pub(crate) fn blanks(&self) -> String {
        self.0.join(" ")
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names in order, each once.
    pub(crate) fn sorted(&self) -> Vec<String> {
        sorted(self.0.clone())
    }

    /// Whether `text`, a list of the API, names the same.
    pub(crate) fn same_as(&self, text: &str) -> bool {
        self.sorted() == sorted(lenient::list(text))
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.dedup();
    names
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = |value: &Value| {
            lenient::text(value)
                .ok_or_else(|| D::Error::custom(format!("{value} isn't a name in a list of names")))
        };
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Self::default()),
            Value::Array(items) => items.iter().map(name).collect::<Result<_, _>>().map(Self),
            other => Ok(Self(lenient::list(&name(&other)?))),
        }
    }
}

impl JsonSchema for Names {
    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [{ "type": "array", "items": { "type": ["string", "integer"] } }, { "type": ["string", "integer"] }],
            "x-words": "list of names",
        })
    }
}

impl fmt::Display for HostAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for HostAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let address = text.split('/').next().unwrap_or_default().trim();
        if address.is_empty() {
            return Err(D::Error::custom(
                "an address is needed, such as 10.10.10.11",
            ));
        }
        Ok(Self(address.to_owned()))
    }
}

impl JsonSchema for HostAddress {
    fn schema_name() -> Cow<'static, str> {
        "HostAddress".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-words": "address" })
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A script's duration arrives as its number of seconds.
        let value = Value::deserialize(deserializer)?;
        if let Some(seconds) = value.as_f64() {
            return Duration::try_from_secs_f64(seconds)
                .map(Self)
                .map_err(D::Error::custom);
        }
        let text = value
            .as_str()
            .ok_or_else(|| D::Error::custom("a duration is needed: \"30 s\""))?;
        let span: Timespan = text.parse().map_err(D::Error::custom)?;
        Ok(Self(span.0))
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "number"], "x-words": "duration" })
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if let Some(bytes) = value.as_u64() {
            return Ok(Self(bytes));
        }
        let text = value
            .as_str()
            .ok_or_else(|| D::Error::custom("a size is needed: \"256 MiB\""))?;
        let size: Bytes = text.parse().map_err(D::Error::custom)?;
        Ok(Self(size.0))
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "integer"], "x-words": "size" })
    }
}

/// The schema of a secret: `check` reports one that is written into a runbook.
pub(crate) fn secret(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "secret", "x-words": "secret" })
}

/// A size as a person reads it.
pub(crate) fn size(bytes: u64) -> String {
    Bytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_names_from_lists_and_text() {
        for value in [json!(["a", "b"]), json!("a, b"), json!("a b"), json!("b,a")] {
            let names: Names = serde_json::from_value(value.clone()).unwrap();
            assert!(names.same_as("b;a"), "{value}");
        }
        let numbers: Names = serde_json::from_value(json!([20, 30])).unwrap();
        assert_eq!(numbers.blanks(), "20 30");
        let one: Names = serde_json::from_value(json!(20)).unwrap();
        assert_eq!(one.commas(), "20");
        assert!(serde_json::from_value::<Names>(json!([{}])).is_err());
        assert!(
            serde_json::from_value::<Names>(json!(null))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn leaves_a_prefix_out_of_a_host_address() {
        let address: HostAddress = serde_json::from_value(json!("10.10.10.11/24")).unwrap();
        assert_eq!(address.0, "10.10.10.11");
        assert!(serde_json::from_value::<HostAddress>(json!("")).is_err());
    }

    #[test]
    fn reads_spans() {
        let span: Span = serde_json::from_value(json!("2 min")).unwrap();
        assert_eq!(span.0, Duration::from_secs(120));
        let seconds: Span = serde_json::from_value(json!(120)).unwrap();
        assert_eq!(span, seconds);
        assert!(serde_json::from_value::<Span>(json!("2")).is_err());
        assert!(serde_json::from_value::<Span>(json!(-2)).is_err());
    }
}
