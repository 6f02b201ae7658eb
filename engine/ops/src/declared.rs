//! What declarations at the top of a runbook take: a map of fields, and rows of a table or maps of a list.

use rhai::{Array, Dynamic, Map, NativeCallContext};
use runbook::{
    failure::{Class, Failure},
    value::{Row, Table},
};
use serde_json::Value;
use world::code;

/// A function that declares something.
pub(crate) struct Declaration {
    /// Its name.
    pub(crate) function: &'static str,
    /// The fields that it takes.
    pub(crate) fields: &'static [&'static str],
}

impl Declaration {
    /// The failure of a declaration that is wrong.
    pub(crate) fn refused(&self, message: impl Into<String>) -> Failure {
        let text = format!("{}: {}", self.function, message.into());
        Failure::new(code::runbook::argument, text)
            .class(Class::Refused)
            .help(format!("`homelab doc {}` shows its fields", self.function))
    }

    /// Fails for a field that it doesn't take.
    pub(crate) fn check(&self, spec: &Map) -> Result<(), Failure> {
        match spec.keys().find(|key| !self.fields.contains(&key.as_str())) {
            Some(unknown) => Err(self.refused(format!(
                "there is no field `{unknown}`; it has {}",
                self.fields.join(", ")
            ))),
            None => Ok(()),
        }
    }

    /// The rows of a table, or the items of a list.
    pub(crate) fn rows(
        &self,
        context: &NativeCallContext,
        name: &str,
        value: &Dynamic,
    ) -> Result<Array, Failure> {
        if let Some(table) = value.read_lock::<Table>() {
            return Ok(table.rows(context));
        }
        let list = value.read_lock::<Array>().map(|list| list.clone());
        list.ok_or_else(|| self.refused(format!("`{name}` must be a table or a list of maps")))
    }
}

/// A column of a row, or a field of a map.
pub(crate) fn field(row: &Dynamic, name: &str) -> Result<Option<String>, String> {
    if let Some(row) = row.read_lock::<Row>() {
        let text = row.facts().get(name).map(|cell| cell.text.clone());
        return Ok(text.filter(|text| !matches!(text.as_str(), "" | "-" | "–")));
    }
    let Some(map) = row.read_lock::<Map>() else {
        return Err("each of them must be a row of a table or a map".to_owned());
    };
    match map.get(name) {
        Some(value) => text(value).map_err(|refused| format!("`{name}` {refused}")),
        None => Ok(None),
    }
}

/// A value as text; none for `()`.
pub(crate) fn text(value: &Dynamic) -> Result<Option<String>, String> {
    match runbook::value::to_argument(value) {
        Ok(Value::Null) => Ok(None),
        Ok(Value::String(text)) => Ok(Some(text)),
        Ok(other) => Err(format!("is {other}, not text")),
        Err(error) => Err(error.to_string()),
    }
}
