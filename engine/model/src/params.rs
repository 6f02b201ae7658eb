//! The parameters of a call, after they were found well-formed.

use serde_json::{Map, Value};

pub use world::proxmox::lenient::text as text_of;

/// The parameters of a call by name; values are as they were sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params(pub Map<String, Value>);

impl Params {
    /// Whether the parameter was sent.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A parameter as text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(text_of)
    }

    /// A parameter that the declaration requires, as text.
    #[must_use]
    pub fn required(&self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// A parameter as a whole number.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A boolean parameter, if it was sent.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.text(name).map(|text| is_true(&text))
    }

    /// Whether a boolean parameter was sent and is true.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.flag(name).unwrap_or(false)
    }

    /// The items of a `-list` parameter; none if it wasn't sent.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        self.text(name)
            .map(|text| split_list(&text))
            .unwrap_or_default()
    }

    /// The items of an array parameter; none if it wasn't sent.
    #[must_use]
    pub fn array(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(text_of).collect(),
            Some(single) => text_of(single).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The parameters that were sent, except those named.
    pub fn except<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .filter(|(name, _)| !names.contains(name))
    }
}

/// The items of a list in one text: comma, semicolon or blank between them.
#[must_use]
pub fn split_list(text: &str) -> Vec<String> {
    text.split([',', ';', '\0', ' ', '\t', '\n', '\r'])
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether a boolean's text means true, inside property strings too.
#[must_use]
pub fn is_true(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "1" | "on" | "yes" | "true"
    )
}
