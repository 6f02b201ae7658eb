//! Settings of sshd as a script gives them.

use runbook::failure::Failure;
use serde_json::{Map, Value, json};
use world::code;

/// Settings by name, each with its values.
pub(super) struct Settings(Vec<(String, Vec<String>)>);

impl Settings {
    /// The settings of a map.
    ///
    /// # Errors
    /// There is none; a name or value can't stand in the file; a name for a file that is none.
    pub(super) fn of(name: &str, map: &Map<String, Value>, absent: bool) -> Result<Self, Failure> {
        let wrong = |text: String| {
            Failure::new(
                code::runbook::argument,
                format!("host::sshd_config: {text}"),
            )
        };
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if !is_name {
            return Err(wrong(format!(
                "'{name}' is no name for a file: letters, digits, '.', '_' and '-'"
            )));
        }
        if map.is_empty() && !absent {
            return Err(
                wrong("`settings` is empty".to_owned()).help("name settings, or `absent: true`")
            );
        }
        let mut all = Vec::new();
        for (name, value) in map {
            if !name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
                return Err(wrong(format!("'{name}' is no setting of sshd")));
            }
            if matches!(&*name.to_ascii_lowercase(), "match" | "include") {
                let text =
                    format!("`{name}` is about the lines behind it, and settings have no order");
                return Err(wrong(text).help("write such lines with host::block or host::file"));
            }
            if all
                .iter()
                .any(|(own, _): &(String, _)| own.eq_ignore_ascii_case(name))
            {
                return Err(wrong(format!("`{name}` is given twice")));
            }
            let items = match value {
                Value::Array(items) => items.iter().map(text).collect(),
                one => [text(one)].into_iter().collect::<Option<Vec<_>>>(),
            };
            let values = items.filter(|values| !values.is_empty());
            let values = values.ok_or_else(|| {
                wrong(format!(
                    "`{name}` is neither text nor a number, true, false, or a list of them"
                ))
            })?;
            all.push((name.clone(), values));
        }
        Ok(Self(all))
    }

    /// The names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The settings, each with its values.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0
            .iter()
            .map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// As sshd reads them.
    pub(super) fn text(&self) -> String {
        formats::sshd_config::text(self.all())
    }

    /// As they're shown.
    pub(super) fn shown(&self) -> Map<String, Value> {
        let value = |values: &[String]| match values {
            [one] => json!(one),
            several => json!(several),
        };
        self.all()
            .map(|(name, values)| (name.to_owned(), value(values)))
            .collect()
    }
}

/// A value as sshd writes it; none for what can't stand in one line.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => Some("no".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() && !text.contains(['\n', '\r', '\0']) => {
            Some(text.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_settings_as_sshd_reads_them() {
        let of = |value: Value| Settings::of("x", value.as_object().unwrap(), false);
        let settings =
            of(json!({ "UseDNS": false, "Port": [22, 2222], "Banner": "/etc/issue" })).unwrap();
        assert_eq!(
            settings.text(),
            "UseDNS no\nPort 22\nPort 2222\nBanner /etc/issue\n"
        );
        for wrong in [
            json!({}),
            json!({ "a b": 1 }),
            json!({ "A": "x\ny" }),
            json!({ "A": "x\r" }),
            json!({ "A": ["x", "y\r\n"] }),
            json!({ "A": "x", "Match": "User bob" }),
            json!({ "INCLUDE": "/etc/x" }),
            json!({ "UseDNS": true, "usedns": false }),
            json!({ "A": [] }),
            json!({ "A": {} }),
        ] {
            assert!(of(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(Settings::of("../x", json!({ "A": 1 }).as_object().unwrap(), false).is_err());
    }
}
