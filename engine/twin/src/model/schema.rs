//! Validation of parameters against their declaration, in the API's own words.

use std::sync::{LazyLock, Mutex};

use regex::Regex;
use serde_json::{Map, Value};

use super::{
    declare::{Declaration, Format, Param, Type},
    format,
    params::{Params, text_of},
    property,
    stop::Stop,
};

/// How far the numbers of an indexed name go: the greatest.
const INDEXED: &[(&str, u32)] = &[
    ("acmedomain", 5),
    ("hostpci", 15),
    ("ide", 3),
    ("ipconfig", 31),
    ("link", 7),
    ("mp", 255),
    ("net", 31),
    ("numa", 7),
    ("parallel", 2),
    ("sata", 5),
    ("scsi", 30),
    ("serial", 3),
    ("unused", 255),
    ("usb", 13),
    ("virtio", 15),
    ("virtiofs", 9),
];

/// What is wrong, each with the name of its parameter.
pub(super) type Errors = Vec<(String, String)>;

/// Checks every parameter of a call.
///
/// # Errors
/// 400 with all that is wrong at once.
pub fn validate(declaration: &Declaration, sent: Map<String, Value>) -> Result<Params, Stop> {
    let mut values: Map<String, Value> = sent
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    let mut errors = Errors::new();
    for param in declaration.params {
        wrap_list(param, &mut values);
        check_declared(param, &values, "", &mut errors);
    }
    if !declaration.open {
        check_undeclared(declaration.params, &values, "", &mut errors);
    }
    if errors.is_empty() {
        Ok(Params(values))
    } else {
        Err(Stop::invalid(errors))
    }
}

/// Checks the properties of a property string; `path` stands before their names in errors.
pub(super) fn check_properties(
    properties: &[Param],
    values: &mut Map<String, Value>,
    path: &str,
) -> Errors {
    let mut errors = Errors::new();
    for property in properties
        .iter()
        .filter(|property| property.kind != Type::Alias)
    {
        if let Some(value) = values.get_mut(property.name) {
            property::normalise(property, value);
        }
        check_declared(property, values, path, &mut errors);
    }
    check_undeclared(properties, values, path, &mut errors);
    errors
}

fn place(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// A single value of an array parameter is a list of one; repeated keys arrive as one text.
fn wrap_list(param: &Param, values: &mut Map<String, Value>) {
    if param.kind == Type::Array
        && let Some(value) = values.get_mut(param.name)
        && let Some(text) = text_of(value)
    {
        *value = text.split('\0').collect::<Vec<_>>().into();
    }
}

fn check_declared(param: &Param, values: &Map<String, Value>, path: &str, errors: &mut Errors) {
    if let Some(stem) = param.name.strip_suffix("[n]") {
        for (name, value) in values.iter().filter(|(name, _)| is_indexed(stem, name)) {
            check_value(param, value, &place(path, name), errors);
        }
        return;
    }
    let name = place(path, param.name);
    let Some(value) = values.get(param.name) else {
        if !param.optional {
            errors.push((
                name,
                "property is missing and it is not optional".to_owned(),
            ));
        }
        return;
    };
    if let Some(other) = param.requires
        && !values.contains_key(other)
    {
        errors.push((
            place(path, other),
            format!("missing property required by '{}'", param.name),
        ));
    }
    check_value(param, value, &name, errors);
}

fn check_undeclared(
    params: &[Param],
    values: &Map<String, Value>,
    path: &str,
    errors: &mut Errors,
) {
    // What an upload's file is stands among the parameters under a name that nobody can send.
    let sent = values.keys().filter(|name| *name != super::upload::FILE);
    for name in sent {
        let declared = params
            .iter()
            .any(|param| match param.name.strip_suffix("[n]") {
                Some(stem) => is_indexed(stem, name),
                None => param.name == name,
            });
        if !declared {
            let words = "property is not defined in schema and the schema does not allow additional properties";
            errors.push((place(path, name), words.to_owned()));
        }
    }
}

fn is_indexed(stem: &str, name: &str) -> bool {
    let Some(number) = name.strip_prefix(stem) else {
        return false;
    };
    let canonical = number == "0" || !number.starts_with('0');
    let most = INDEXED
        .iter()
        .find(|(known, _)| *known == stem)
        .map_or(255, |(_, most)| *most);
    canonical && number.parse::<u32>().is_ok_and(|number| number <= most)
}

fn check_value(param: &Param, value: &Value, name: &str, errors: &mut Errors) {
    if param.kind == Type::Array {
        match value {
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    if let Some(each) = param.items {
                        check_value(each, item, &format!("{name}[{place}]"), errors);
                    }
                }
            }
            _ => errors.push((name.to_owned(), type_error(param, "HASH", false))),
        }
        return;
    }
    if let Err(words) = check_scalar(param, value, name) {
        errors.push((name.to_owned(), words));
    }
}

fn type_error(param: &Param, got: &str, quoted: bool) -> String {
    let kind = param.kind.name();
    if quoted {
        format!("type check ('{kind}') failed - got '{got}'")
    } else {
        format!("type check ('{kind}') failed - got {got}")
    }
}

fn check_scalar(param: &Param, value: &Value, name: &str) -> Result<(), String> {
    let text = match value {
        Value::Array(_) => return Err(type_error(param, "ARRAY", false)),
        Value::Object(_) => return Err(type_error(param, "HASH", false)),
        scalar => text_of(scalar).unwrap_or_default(),
    };
    let fits = match param.kind {
        Type::Integer => is_integer(&text),
        Type::Number => is_number(&text),
        Type::Boolean => matches!(text.as_str(), "0" | "1"),
        Type::String | Type::Array | Type::Alias => true,
    };
    if !fits {
        return Err(type_error(param, &text, true));
    }
    check_format(param, &text, name)?;
    check_pattern(param, &text)?;
    check_length(param, &text)?;
    check_range(param, &text)?;
    if !param.values.is_empty() && !param.values.contains(&text.as_str()) {
        let known = param.values.join(", ");
        return Err(format!(
            "value '{text}' does not have a value in the enumeration '{known}'"
        ));
    }
    Ok(())
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
}

fn check_format(param: &Param, text: &str, name: &str) -> Result<(), String> {
    let checked = match param.format {
        Format::Any => return Ok(()),
        Format::Named(format) => format::check(format, text),
        Format::Properties(properties) => property::parse(properties, text, name).map(|_| ()),
    };
    checked.map_err(|words| format!("invalid format - {words}"))
}

fn check_pattern(param: &Param, text: &str) -> Result<(), String> {
    match param.pattern {
        Some(pattern) if !matches(pattern, text) => {
            Err("value does not match the regex pattern".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_length(param: &Param, text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if let Some(most) = param.max_length
        && length > most
    {
        return Err(format!("value may only be {most} characters long"));
    }
    match param.min_length {
        Some(least) if length < least => {
            Err(format!("value must be at least {least} characters long"))
        }
        _ => Ok(()),
    }
}

fn check_range(param: &Param, text: &str) -> Result<(), String> {
    if !matches!(param.kind, Type::Integer | Type::Number) {
        return Ok(());
    }
    let number = text.parse::<f64>().unwrap_or_default();
    if let Some(most) = param.maximum
        && number > most
    {
        return Err(format!("value must have a maximum value of {most}"));
    }
    match param.minimum {
        Some(least) if number < least => Err(format!("value must have a minimum value of {least}")),
        _ => Ok(()),
    }
}

/// A pattern and what was made of it.
type Compiled = (&'static str, Option<Regex>);

/// Whether the whole text matches a pattern of the declarations, each compiled once.
fn matches(pattern: &'static str, text: &str) -> bool {
    static KNOWN: LazyLock<Mutex<Vec<Compiled>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((_, regex)) = known.iter().find(|(old, _)| *old == pattern) {
        return regex.as_ref().is_some_and(|regex| regex.is_match(text));
    }
    let regex = compile(pattern);
    let found = regex.as_ref().is_some_and(|regex| regex.is_match(text));
    known.push((pattern, regex));
    found
}

/// A pattern in Perl's spelling as one of the regex crate: `(?^:` and `(?^i:` are groups with fresh flags.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    let pattern = pattern
        .replace("(?^:", "(?-i:")
        .replace("(?^i:", "(?i:")
        .replace("\\/", "/");
    Regex::new(&format!("^(?:{pattern})\\n?$")).ok()
}
