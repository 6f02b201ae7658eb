//! What the API answered, decoded.

use serde_json::Value;

use super::lenient;
use crate::Confidence;

/// A successful answer of the API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The answer's `data`; null for calls that return nothing.
    pub data: Value,
    /// The pending network changes as a unified diff, where the API sends one.
    pub changes: Option<String>,
    /// How many items there are in all, where the API sends a part of a list.
    pub total: Option<u64>,
    /// How sure the answer is.
    pub confidence: Confidence,
}

impl Answer {
    /// Reads `data` as text: a UPID, a next id.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        lenient::text(&self.data)
    }

    /// Returns the items of `data`; none if it isn't a list.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        self.data.as_array().map_or(&[], Vec::as_slice)
    }

    /// Finds the item of a list whose field `name` reads as `value`.
    #[must_use]
    pub fn item(&self, name: &str, value: &str) -> Option<&Value> {
        self.items()
            .iter()
            .find(|item| item.get(name).and_then(lenient::text).as_deref() == Some(value))
    }

    /// Reads a field of `data` as text.
    #[must_use]
    pub fn field_text(&self, name: &str) -> Option<String> {
        self.data.get(name).and_then(lenient::text)
    }

    /// Reads a field of `data` as a boolean.
    #[must_use]
    pub fn field_bool(&self, name: &str) -> Option<bool> {
        self.data.get(name).and_then(lenient::boolean)
    }

    /// Reads a field of `data` as an integer.
    #[must_use]
    pub fn field_integer(&self, name: &str) -> Option<i64> {
        self.data.get(name).and_then(lenient::integer)
    }
}
