//! One script function as the reference describes it.

use serde::Serialize;
use serde_json::Value;
use world::docs::Learnable;

use super::field::{Field, fields};

/// A function that a script can call.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Function {
    /// Its full name: `proxmox::storage::ensure`.
    pub(crate) name: String,
    /// How it's called: `proxmox::storage::ensure(storage, spec)`.
    pub(crate) signature: String,
    /// What it does: the first paragraph of its doc comment.
    pub(crate) summary: String,
    /// The paragraphs after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) text: Vec<String>,
    /// What it can do to the world; nothing for a function that isn't an operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effect: Option<&'static str>,
    /// Whether only the literal `root@pam` may do it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) needs_root: bool,
    /// The columns of docs that it tells `homelab docs sync` about: `HARDWARE/Nodes: Host key`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) learns: Vec<String>,
    /// The fields of its map.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<Field>,
    /// How it fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) errors: Option<String>,
    /// A piece of a runbook that calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) example: Option<String>,
}

impl Function {
    /// A function from the engine's metadata, if it has a doc comment: what has none is the language's own machinery.
    pub(super) fn of(path: &str, metadata: &Value) -> Option<Self> {
        let comments = metadata["docComments"].as_array()?;
        let lines = comments
            .iter()
            .filter_map(Value::as_str)
            .flat_map(str::lines);
        let doc = Doc::read(lines.map(|line| line.trim_start().trim_start_matches("///")));
        // Operators and properties of values are described with the values, in the guide.
        let short = metadata["name"]
            .as_str()
            .filter(|name| name.starts_with(char::is_alphabetic) && !name.contains('$'))?;
        let name = if path.is_empty() {
            short.to_owned()
        } else {
            format!("{path}::{short}")
        };
        let operation = ops::operations()
            .iter()
            .find(|operation| operation.name == name);
        Some(Self {
            signature: format!("{name}({})", parameters(metadata)),
            summary: doc.summary,
            text: doc.text,
            effect: operation.map(|operation| operation.effect.word()),
            needs_root: operation.is_some_and(|operation| operation.needs_root),
            fields: operation.map(fields).unwrap_or_default(),
            learns: ops::learns(&name).iter().map(column).collect(),
            errors: doc.errors,
            example: doc.example,
            name,
        })
    }

    /// The module that it's in; empty for the language's own words.
    pub(crate) fn module(&self) -> &str {
        self.name.rsplit_once("::").map_or("", |(module, _)| module)
    }
}

fn column(learnable: &Learnable) -> String {
    let Learnable {
        document,
        table,
        heading,
        ..
    } = learnable;
    format!("{document}/{table}: {heading}")
}

fn parameters(metadata: &Value) -> String {
    let all = metadata["params"].as_array().into_iter().flatten();
    let names = all.filter(|parameter| {
        !parameter["type"]
            .as_str()
            .unwrap_or_default()
            .contains("NativeCallContext")
    });
    names
        .filter_map(|parameter| parameter["name"].as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// The parts of a doc comment.
#[derive(Debug, Default)]
struct Doc {
    summary: String,
    text: Vec<String>,
    errors: Option<String>,
    example: Option<String>,
}

impl Doc {
    fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut paragraphs: Vec<String> = vec![String::new()];
        let mut example: Option<Vec<String>> = None;
        let mut inside = false;
        for line in lines {
            let trimmed = line.trim();
            match (inside, trimmed) {
                (_, fence) if fence.starts_with("```") => {
                    inside = !inside;
                    example.get_or_insert_default();
                }
                (true, _) => {
                    let code = line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned();
                    example.get_or_insert_default().push(code);
                }
                (false, "") => paragraphs.push(String::new()),
                (false, words) => append(paragraphs.last_mut(), words),
            }
        }
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        let errors = paragraphs
            .iter()
            .position(|paragraph| paragraph.starts_with("Errors: "));
        let errors = errors.map(|at| paragraphs.remove(at).split_off("Errors: ".len()));
        let mut paragraphs = paragraphs.into_iter();
        Self {
            summary: paragraphs.next().unwrap_or_default(),
            text: paragraphs.collect(),
            errors,
            example: example.map(|lines| lines.join("\n")),
        }
    }
}

fn append(paragraph: Option<&mut String>, words: &str) {
    let Some(paragraph) = paragraph else { return };
    if !paragraph.is_empty() {
        paragraph.push(if words.starts_with("- ") { '\n' } else { ' ' });
    }
    paragraph.push_str(words);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn takes_a_doc_comment_apart() {
        let metadata = json!({
            "name": "x", "params": [
                {"name": "context", "type": "NativeCallContext"}, {"name": "a", "type": "&str"}, {"name": "b", "type": "Map"},
            ],
            "docComments": ["/// Does x,\n/// twice.\n///\n/// More.\n///\n/// Errors: it's gone.\n///\n/// ```rhai\n/// m::x(1);\n///   2\n/// ```"],
        });
        let function = Function::of("m", &metadata).unwrap();
        assert_eq!(function.signature, "m::x(a, b)");
        assert_eq!(
            (function.summary.as_str(), function.text.as_slice()),
            ("Does x, twice.", &["More.".to_owned()][..])
        );
        assert_eq!(function.errors.as_deref(), Some("it's gone."));
        assert_eq!(function.example.as_deref(), Some("m::x(1);\n  2"));
        assert_eq!(function.module(), "m");
    }
}
