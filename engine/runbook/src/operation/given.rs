//! Arguments as they're decoded: a field whose value is `()` isn't given, in every operation, at any depth.

use serde::{
    Deserializer,
    de::{
        IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Value};

/// A value to decode. Only fields that a type names are left out: a map of the script's own keeps its `()`.
pub(crate) struct Given(pub(crate) Value);

impl IntoDeserializer<'_, Error> for Given {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Given {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Given)))
            }
            Value::Object(map) => {
                let entries = map.into_iter().map(|(key, value)| (key, Self(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Value::Object(fields) = &mut self.0 {
            // An unknown one stays, and is refused as such.
            fields.retain(|name, value| !value.is_null() || !names.contains(&name.as_str()));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Inner {
        absent: bool,
        count: u8,
        name: Option<String>,
        list: Vec<Self>,
        values: BTreeMap<String, Value>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        needed: String,
        #[serde(default)]
        inner: Inner,
    }

    fn decoded(value: Value) -> Result<Outer, String> {
        Outer::deserialize(Given(value)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_field_without_a_value_is_not_given_at_any_depth() {
        let nothing =
            json!({ "absent": null, "count": null, "name": null, "list": null, "values": null });
        let value = json!({ "needed": "x", "inner": { "absent": null, "count": 2, "list": [nothing], "values": { "a": null } } });
        let inner = Inner {
            count: 2,
            list: vec![Inner::default()],
            values: BTreeMap::from([("a".to_owned(), Value::Null)]),
            ..Inner::default()
        };
        assert_eq!(
            decoded(value),
            Ok(Outer {
                needed: "x".to_owned(),
                inner
            })
        );
        let value = json!({ "needed": "x", "inner": null });
        assert_eq!(decoded(value).unwrap().inner, Inner::default());
    }

    #[test]
    fn a_needed_field_without_a_value_is_missing() {
        let missing = Err("missing field `needed`".to_owned());
        assert_eq!(decoded(json!({ "needed": null })), missing);
        assert_eq!(decoded(json!({})), missing);
    }

    #[test]
    fn other_mistakes_are_said_as_before() {
        let values = [
            json!({ "needed": 5 }),
            json!({ "needed": "x", "inner": { "count": 300 } }),
            json!({ "needed": "x", "inner": { "absent": "yes" } }),
            json!({ "needed": "x", "inner": { "nme": "x" } }),
            json!({ "needed": "x", "inner": { "nme": null } }),
            json!({ "needed": "x", "inner": [1] }),
        ];
        for value in values {
            let plain = serde_json::from_value::<Outer>(value.clone()).unwrap_err();
            assert_eq!(decoded(value), Err(plain.to_string()));
        }
    }
}
