//! The events of `--json`, as the reference describes them: from the types that are printed.

use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The page of all events.
pub(crate) fn page() -> String {
    let mut text = String::from(
        "# Events\n\n`run`, `plan`, `resume` and `show` print these with `--json`, one a line. Each has `event`, its name, `run`, the run's \
         number (negative in a plan, 0 if nothing was started), and `at`, the world's time in milliseconds since 1970 \
         (`progress` has neither `run` nor `at`). Unknown events and fields are to be ignored: there will be more. This page is generated: \
         `homelab reference --write`.\n",
    );
    let mut generator = SchemaSettings::default().for_serialize().into_generator();
    for (name, schema) in runbook::event::schemas(&mut generator) {
        text.push_str(&section(name, schema.as_value()));
    }
    text.push_str("\n# Types\n\nWhat fields of events hold.\n");
    for (name, schema) in generator.take_definitions(false) {
        text.push_str(&section(&name, &schema));
    }
    text
}

/// A type: its doc comment, and a row for each field or variant.
fn section(name: &str, schema: &Value) -> String {
    let rows: String = fields(schema).chain(variants(schema)).collect();
    let table = match rows.as_str() {
        "" => rows,
        rows => format!("\n| field | is |\n| --- | --- |\n{rows}"),
    };
    format!("\n## `{name}`\n\n{}\n{table}", description(schema))
}

fn fields(schema: &Value) -> impl Iterator<Item = String> {
    let required = schema["required"].as_array().into_iter().flatten();
    let required: Vec<&str> = required.filter_map(Value::as_str).collect();
    let fields = schema["properties"].as_object().into_iter().flatten();
    fields.map(
        move |(name, field)| match required.contains(&name.as_str()) {
            true if is_null(field) => row(&format!("`{name}`"), ", or null", field),
            true => row(&format!("`{name}`"), "", field),
            false => row(&format!("`{name}`, if any"), "", field),
        },
    )
}

/// The variants of an enum: values, or maps of which one field says which it is.
fn variants(schema: &Value) -> impl Iterator<Item = String> {
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    variants.map(|variant| match variant["properties"].as_object() {
        Some(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, field)| part(name, field))
                .collect();
            row(&fields.join(", "), "", variant)
        }
        None => row(&format!("`{}`", variant["const"]), "", variant),
    })
}

fn part(name: &str, field: &Value) -> String {
    match field.get("const") {
        Some(value) => format!("`{name}`: `{value}`"),
        None => format!("`{name}`{}", link(field)),
    }
}

fn row(name: &str, null: &str, field: &Value) -> String {
    let is = format!(
        "{}{null}{}",
        description(field).trim_end_matches('.'),
        link(field)
    );
    format!("| {name} | {} |\n", is.replace('|', "\\|"))
}

fn description(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    text.replace('\n', " ")
}

/// Whether a field may be null.
fn is_null(field: &Value) -> bool {
    let types = [&field["type"], &field["anyOf"]].into_iter();
    let mut types = types.filter_map(Value::as_array).flatten();
    types.any(|one| one == "null" || one["type"] == "null")
}

/// The type of a field, where it has a section of its own.
fn link(field: &Value) -> String {
    let alternatives = field["anyOf"].as_array().into_iter().flatten();
    let mut places = [field, &field["items"]].into_iter().chain(alternatives);
    let named = places.find_map(|place| place["$ref"].as_str()?.rsplit('/').next());
    named.map_or_else(String::new, |name| {
        format!(" ([{name}](#{}))", name.to_lowercase())
    })
}
