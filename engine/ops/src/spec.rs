//! The argument of an operation: its schema is the one source of its fields.

use std::any::type_name;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

/// The schema of an argument, with the schemas of its parts inlined.
pub(crate) fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::default().with(|settings| settings.inline_subschemas = true);
    SchemaGenerator::new(settings).into_root_schema_for::<T>()
}

/// The names of the fields in an argument's schema.
pub(crate) fn fields_of<T: JsonSchema>() -> Vec<String> {
    let schema = schema_of::<T>();
    let properties = schema.get("properties").and_then(Value::as_object);
    debug_assert!(
        properties.is_some(),
        "{} is a struct with fields",
        type_name::<T>()
    );
    properties
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect()
}
