//! Validation of parameters against their declaration, in the API's own words.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use regex::Regex;
use serde_json::{Map, Value};

use super::{
    declare::{Declaration, Declared, Format, Param, Type},
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
    let declared = declaration.declared(&values);
    for (name, param) in &declared {
        wrap_list(name, param, &mut values);
    }
    let checked = Checked {
        declared,
        values: &values,
        path: "",
    };
    let mut errors = checked.declared();
    if !declaration.open {
        errors.extend(checked.undeclared());
    }
    if errors.is_empty() {
        Ok(Params(values))
    } else {
        Err(Stop::invalid(errors))
    }
}

/// Checks the properties of a property string; `path` stands before their names in errors.
pub(super) fn check_properties(
    properties: &Declared,
    values: &mut Map<String, Value>,
    path: &str,
) -> Errors {
    for (name, property) in properties {
        if let Some(value) = values.get_mut(name) {
            property::normalise(property, value);
        }
    }
    let all = properties.iter();
    let checked = Checked {
        declared: all
            .map(|(name, property)| (name.as_str(), property))
            .collect(),
        values,
        path,
    };
    let mut errors = checked.declared();
    errors.extend(checked.undeclared());
    errors
}

/// A single value of an array parameter is a list of one; repeated keys arrive as one text.
fn wrap_list(name: &str, param: &Param, values: &mut Map<String, Value>) {
    if param.kind == Type::Array
        && let Some(value) = values.get_mut(name)
        && let Some(text) = text_of(value)
    {
        *value = text.split('\0').collect::<Vec<_>>().into();
    }
}

/// Values, and what is declared of them.
struct Checked<'a> {
    declared: Vec<(&'a str, &'a Param)>,
    values: &'a Map<String, Value>,
    /// What stands before their names in errors.
    path: &'a str,
}

impl Checked<'_> {
    fn place(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// What is wrong with what is declared; another name of a property is none itself.
    fn declared(&self) -> Errors {
        let mut errors = Errors::new();
        for (name, param) in &self.declared {
            if param.alias.is_some() {
                continue;
            }
            if let Some(stem) = name.strip_suffix("[n]") {
                for (name, value) in self
                    .values
                    .iter()
                    .filter(|(name, _)| is_indexed(stem, name))
                {
                    check_value(param, value, &self.place(name), &mut errors);
                }
            } else if let Some(value) = self.values.get(*name) {
                errors.extend(self.lacking(name, param));
                check_value(param, value, &self.place(name), &mut errors);
            } else if !param.optional {
                let words = "property is missing and it is not optional";
                errors.push((self.place(name), words.to_owned()));
            }
        }
        errors
    }

    /// What has to be sent with a parameter and wasn't.
    fn lacking(&self, name: &str, param: &Param) -> Option<(String, String)> {
        let other = param.requires.as_ref()?;
        let words = format!("missing property required by '{name}'");
        (!self.values.contains_key(other)).then(|| (self.place(other), words))
    }

    /// What isn't declared.
    fn undeclared(&self) -> Errors {
        let is_declared = |name: &str| {
            self.declared
                .iter()
                .any(|(known, _)| match known.strip_suffix("[n]") {
                    Some(stem) => is_indexed(stem, name),
                    None => *known == name,
                })
        };
        let words =
            "property is not defined in schema and the schema does not allow additional properties";
        // What an upload's file is stands among the parameters under a name that nobody can send.
        let sent = self
            .values
            .keys()
            .filter(|name| *name != super::upload::FILE);
        sent.filter(|name| !is_declared(name))
            .map(|name| (self.place(name), words.to_owned()))
            .collect()
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
                    if let Some(each) = &param.items {
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
        Type::String | Type::Array => true,
    };
    if !fits {
        return Err(type_error(param, &text, true));
    }
    check_format(param, &text, name)?;
    check_pattern(param, &text)?;
    check_length(param, &text)?;
    check_range(param, &text)?;
    if !param.values.is_empty() && !param.values.contains(&text) {
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
    let checked = match &param.format {
        None => return Ok(()),
        Some(Format::Named(format)) => format::check(format, text),
        Some(Format::Properties(properties)) => property::parse(properties, text, name).map(|_| ()),
    };
    checked.map_err(|words| format!("invalid format - {words}"))
}

fn check_pattern(param: &Param, text: &str) -> Result<(), String> {
    match &param.pattern {
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

/// Whether the whole text matches a pattern of the declarations, each compiled once.
fn matches(pattern: &str, text: &str) -> bool {
    static KNOWN: LazyLock<Mutex<HashMap<String, Option<Regex>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if !known.contains_key(pattern) {
        known.insert(pattern.to_owned(), compile(pattern));
    }
    let regex = known.get(pattern).and_then(Option::as_ref);
    regex.is_some_and(|regex| regex.is_match(text))
}

/// A pattern in Perl's spelling as one of the regex crate: `(?^:` and `(?^i:` are groups with fresh flags, `{,9}` is
/// `{0,9}`.
pub fn compile(pattern: &str) -> Option<Regex> {
    let pattern = pattern
        .replace("(?^:", "(?-i:")
        .replace("(?^i:", "(?i:")
        .replace("{,", "{0,")
        .replace("\\/", "/");
    Regex::new(&format!("^(?:{pattern})\\n?$")).ok()
}
