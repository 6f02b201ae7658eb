//! The fields in which an object differs from what is wanted.

use formats::comment;
use serde_json::{Map, Value};
use world::proxmox::lenient;

use crate::field::Names;

/// Fields that differ: as they are, and as they are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Difference {
    /// The fields as they are; null where there is nothing.
    pub(crate) before: Map<String, Value>,
    /// The same fields as they are wanted; null where nothing remains.
    pub(crate) after: Map<String, Value>,
}

impl Difference {
    /// Whether nothing differs.
    pub(crate) fn is_empty(&self) -> bool {
        self.after.is_empty()
    }

    /// Notes a field that differs.
    pub(crate) fn add(&mut self, name: &str, before: Option<&Value>, after: impl Into<Value>) {
        self.before
            .insert(name.to_owned(), before.cloned().unwrap_or_default());
        self.after.insert(name.to_owned(), after.into());
    }

    /// Compares text; a missing field equals empty text.
    pub(crate) fn text(&mut self, observed: &Value, name: &str, wanted: Option<&str>) {
        let Some(wanted) = wanted else { return };
        let is = text(observed, name);
        if is.trim_end() != wanted.trim_end() {
            self.add(name, shown(observed, name), wanted);
        }
    }

    /// Compares a comment, as Proxmox keeps it.
    pub(crate) fn comment(&mut self, observed: &Value, wanted: Option<&str>) {
        self.text(observed, "comment", wanted.map(comment::kept));
    }

    /// Compares a list without order.
    pub(crate) fn names(&mut self, observed: &Value, name: &str, wanted: Option<&Names>) {
        let Some(wanted) = wanted else { return };
        if !wanted.same_as(&listed(observed.get(name))) {
            let before = observed.get(name).map(|value| sorted(&listed(Some(value))));
            let after = if wanted.is_empty() {
                Value::Null
            } else {
                wanted.sorted().join(",").into()
            };
            self.add(name, before.map(Value::from).as_ref(), after);
        }
    }

    /// Compares a flag; a missing field is `default`.
    pub(crate) fn flag(
        &mut self,
        observed: &Value,
        name: &str,
        wanted: Option<bool>,
        default: bool,
    ) {
        let Some(wanted) = wanted else { return };
        let is = observed
            .get(name)
            .and_then(lenient::boolean)
            .unwrap_or(default);
        if is != wanted {
            self.add(name, Some(&is.into()), wanted);
        }
    }
}

/// A list as text, which one call answers as a list and another as text.
fn listed(value: Option<&Value>) -> String {
    match value {
        Some(Value::Array(items)) => {
            let items: Vec<String> = items.iter().filter_map(lenient::text).collect();
            items.join(",")
        }
        Some(value) => lenient::text(value).unwrap_or_default(),
        None => String::new(),
    }
}

/// A list in one order, for a change that reads the same in every run.
fn sorted(list: &str) -> String {
    Names(lenient::list(list)).sorted().join(",")
}

/// A field as text; empty if it isn't there.
pub(crate) fn text(object: &Value, name: &str) -> String {
    object.get(name).and_then(lenient::text).unwrap_or_default()
}

fn shown<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn compares_values_and_not_spellings() {
        let observed =
            json!({"content": "iso,backup", "comment": "x\n", "shared": "1", "vlan": "20"});
        let mut same = Difference::default();
        same.names(
            &observed,
            "content",
            Some(&Names(vec!["backup".into(), "iso".into()])),
        );
        same.names(&observed, "nodes", Some(&Names::default()));
        same.text(&observed, "comment", Some("x"));
        same.text(&observed, "vlan", Some("20"));
        same.text(&observed, "missing", Some(""));
        same.text(&observed, "comment", None);
        same.flag(&observed, "shared", Some(true), false);
        same.flag(&observed, "disable", Some(false), false);
        assert!(same.is_empty(), "{same:?}");
    }

    #[test]
    fn names_only_what_differs() {
        let observed = json!({"content": "iso", "nodes": "b,a", "shared": 1});
        let mut found = Difference::default();
        found.names(
            &observed,
            "content",
            Some(&Names(vec!["iso".into(), "backup".into()])),
        );
        found.names(&observed, "nodes", Some(&Names::default()));
        found.text(&observed, "comment", Some("y"));
        found.flag(&observed, "shared", Some(false), false);
        assert_eq!(
            Value::Object(found.before),
            json!({"content": "iso", "nodes": "a,b", "comment": null, "shared": true})
        );
        assert_eq!(
            Value::Object(found.after),
            json!({"content": "backup,iso", "nodes": null, "comment": "y", "shared": false})
        );
    }
}
