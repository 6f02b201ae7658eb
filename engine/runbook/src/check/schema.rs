//! Reads the JSON schema of an argument.

use serde_json::Value;

/// A schema, or a part of one.
#[derive(Clone, Copy)]
pub(super) struct Schema<'a> {
    root: &'a Value,
    node: &'a Value,
}

impl<'a> Schema<'a> {
    /// A whole schema.
    pub(super) const fn new(root: &'a Value) -> Self {
        Self { root, node: root }
    }

    const fn at(self, node: &'a Value) -> Self {
        Self {
            root: self.root,
            node,
        }
    }

    /// The schemas that a value may follow: references are followed, alternatives are spread out.
    fn alternatives(self) -> Vec<Self> {
        let mut found = Vec::new();
        self.spread(&mut found, 0);
        found
    }

    fn spread(self, found: &mut Vec<Self>, depth: usize) {
        if depth > 16 {
            return;
        }
        if let Some(reference) = self.node["$ref"].as_str()
            && let Some(target) = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer))
        {
            self.at(target).spread(found, depth + 1);
            return;
        }
        let lists = ["anyOf", "oneOf", "allOf"]
            .into_iter()
            .filter_map(|name| self.node[name].as_array());
        let inner: Vec<&Value> = lists.flatten().collect();
        for one in &inner {
            self.at(one).spread(found, depth + 1);
        }
        if inner.is_empty() || self.node.get("properties").is_some() {
            found.push(self);
        }
    }

    /// The fields of a map, in order; none if any name will do.
    pub(super) fn fields(self) -> Option<Vec<(&'a str, Self)>> {
        let mut fields: Vec<(&str, Self)> = Vec::new();
        for one in self.alternatives() {
            let own = one.node["properties"].as_object();
            let is_open = own.is_none() && one.may_be_any_map();
            let takes_more = matches!(
                one.node.get("additionalProperties"),
                Some(Value::Object(_) | Value::Bool(true))
            );
            if is_open || takes_more {
                return None;
            }
            fields.extend(
                own.into_iter()
                    .flatten()
                    .map(|(name, node)| (name.as_str(), one.at(node))),
            );
        }
        Some(fields)
    }

    fn may_be_any_map(self) -> bool {
        match &self.node["type"] {
            Value::String(kind) => kind == "object",
            Value::Array(kinds) => kinds.iter().any(|kind| kind == "object"),
            _ => self.node.get("enum").is_none() && self.node.get("const").is_none(),
        }
    }

    /// The fields that must be given; only where the map has one form.
    pub(super) fn required(self) -> Vec<&'a str> {
        let forms: Vec<Self> = self
            .alternatives()
            .into_iter()
            .filter(|one| one.node.get("properties").is_some())
            .collect();
        match forms.as_slice() {
            [one] => one.node["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The types that a value may have; none if any will do.
    pub(super) fn kinds(self) -> Option<Vec<&'a str>> {
        let mut kinds = Vec::new();
        for one in self.alternatives() {
            match &one.node["type"] {
                Value::String(kind) => kinds.push(kind.as_str()),
                Value::Array(several) => kinds.extend(several.iter().filter_map(Value::as_str)),
                _ if one.node.get("enum").is_some() || one.node["const"].is_string() => {
                    kinds.push("string")
                }
                _ => return None,
            }
        }
        Some(kinds)
    }

    /// The texts that are allowed; none if any text is.
    pub(super) fn texts(self) -> Option<Vec<&'a str>> {
        let mut texts = Vec::new();
        for one in self.alternatives() {
            if let Some(several) = one.node["enum"].as_array() {
                texts.extend(several.iter().filter_map(Value::as_str));
            } else if let Some(text) = one.node["const"].as_str() {
                texts.push(text);
            } else if one.kinds().is_none_or(|kinds| kinds.contains(&"string")) {
                return None;
            }
        }
        Some(texts)
    }

    /// The schema of a list's items.
    pub(super) fn items(self) -> Option<Self> {
        self.alternatives()
            .into_iter()
            .find_map(|one| one.node.get("items").map(|items| one.at(items)))
    }

    /// The format of its text: `duration`.
    pub(super) fn format(self) -> Option<&'a str> {
        self.alternatives()
            .into_iter()
            .find_map(|one| one.node["format"].as_str())
    }

    /// Whether it's for a secret.
    pub(super) fn is_secret(self) -> bool {
        let says = |node: &Value| {
            matches!(node["format"].as_str(), Some("secret" | "password"))
                || node["writeOnly"] == true
                || node["x-secret"] == true
                || node["$ref"]
                    .as_str()
                    .is_some_and(|target| target.ends_with("/Secret"))
        };
        says(self.node) || self.alternatives().into_iter().any(|one| says(one.node))
    }
}

/// Types in words: `text or a list`.
pub(super) fn words(kinds: &[&str]) -> String {
    let words = kinds
        .iter()
        .filter(|kind| **kind != "null")
        .map(|kind| match *kind {
            "string" => "text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "true or false",
            "array" => "a list",
            "object" => "a map",
            other => other,
        });
    let mut unique: Vec<&str> = Vec::new();
    for word in words {
        if !unique.contains(&word) {
            unique.push(word);
        }
    }
    unique.join(" or ")
}
