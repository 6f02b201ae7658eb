//! What differs between a resource as it is and as it's wanted, field by field.

use runbook::action::Change;
use serde_json::{Map, Value};
use world::host::verb::Attributes;

/// The fields that differ, as they are and as they're wanted.
#[derive(Debug, Default)]
pub(super) struct Difference {
    before: Map<String, Value>,
    after: Map<String, Value>,
}

impl Difference {
    /// Takes a field if it differs. What isn't there is null.
    pub(super) fn add(&mut self, name: &str, is: impl Into<Value>, wanted: impl Into<Value>) {
        let (is, wanted) = (is.into(), wanted.into());
        if is != wanted {
            self.before.insert(name.to_owned(), is);
            self.after.insert(name.to_owned(), wanted);
        }
    }

    /// Takes a field that differs, as it may be shown.
    pub(super) fn show(&mut self, name: &str, is: impl Into<Value>, wanted: impl Into<Value>) {
        self.before.insert(name.to_owned(), is.into());
        self.after.insert(name.to_owned(), wanted.into());
    }

    /// Takes mode, owner and group where they differ.
    pub(super) fn add_attributes(&mut self, is: Option<&Attributes>, wanted: &Attributes) {
        self.add("mode", is.map(|is| &*is.mode), &*wanted.mode);
        self.add("owner", is.map(|is| &*is.owner), &*wanted.owner);
        self.add("group", is.map(|is| &*is.group), &*wanted.group);
    }

    /// Whether nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.after.is_empty()
    }

    /// Whether a field differs.
    pub(super) fn has(&self, name: &str) -> bool {
        self.after.contains_key(name)
    }

    /// The change of a resource that is there; none if nothing differs.
    pub(super) fn update(self, resource: String) -> Option<Change> {
        let is_same = self.is_empty();
        (!is_same).then(|| Change::update(resource, self.before.into(), self.after.into()))
    }

    /// The change that makes the resource.
    pub(super) fn create(self, resource: String) -> Change {
        Change::create(resource, self.after.into())
    }
}
