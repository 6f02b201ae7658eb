//! Property strings: `key=value,key=value`, with one key that may go unnamed.

use formats::property::Part;
use serde_json::{Map, Value};

use super::{
    declare::{Declared, Param, Type},
    params::is_true,
    schema,
};

/// The properties of `text`, or what is wrong with it in the API's words.
///
/// `path` is the name of the parameter, as it stands in errors.
///
/// # Errors
/// What is wrong, in one text; several mistakes stand one to a line.
pub fn parse(properties: &Declared, text: &str, path: &str) -> Result<Map<String, Value>, String> {
    let mut found = Map::new();
    for part in formats::property::parts(text) {
        let (key, value) = name_and_value(properties, part)?;
        let declared = properties.get(&key);
        let key = match declared.and_then(|property| property.alias.clone()) {
            Some(alias) => {
                if let Some(names) = declared.and_then(|property| property.key_alias.as_ref()) {
                    insert(&mut found, names, &key)?;
                }
                alias
            }
            None => key,
        };
        insert(&mut found, &key, &value)?;
    }
    let errors = schema::check_properties(properties, &mut found, path);
    if errors.is_empty() {
        return Ok(found);
    }
    let lines: String = errors
        .iter()
        .map(|(name, words)| format!("{name}: {words}\n"))
        .collect();
    Err(format!("format error\n{lines}"))
}

fn insert(found: &mut Map<String, Value>, key: &str, value: &str) -> Result<(), String> {
    if found.insert(key.to_owned(), value.into()).is_some() {
        return Err(format!(
            "duplicate key in comma-separated list property: {key}\n"
        ));
    }
    Ok(())
}

fn name_and_value(properties: &Declared, part: Part<'_>) -> Result<(String, String), String> {
    if let Some(key) = part.key {
        return Ok((key.to_owned(), part.value.to_owned()));
    }
    if part.value.contains('=') && !properties.values().any(|property| property.default_key) {
        return Err("invalid format - malformed property\n".to_owned());
    }
    match properties.iter().find(|(_, property)| property.default_key) {
        Some((name, _)) => Ok((name.clone(), part.value.to_owned())),
        None => Err("value without key, but schema does not define a default key\n".to_owned()),
    }
}

/// A property's text as the number, flag or text that its type makes of it.
pub(super) fn normalise(property: &Param, value: &mut Value) {
    if property.kind == Type::Boolean
        && let Some(text) = value.as_str()
        && matches!(
            text.to_ascii_lowercase().as_str(),
            "1" | "on" | "yes" | "true" | "0" | "off" | "no" | "false"
        )
    {
        *value = if is_true(text) { "1" } else { "0" }.into();
    }
}
