//! One line of a text file.

use std::borrow::Cow;

use formats::lines::Lines;
use regex::Regex;
use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::code;

use super::{
    content::Text,
    edit::{Create, Edited, Shown, shown},
    fields::FilePath,
};
use crate::{info::Effect, operate::Operate};

const LINE: &str = "host::line";

/// Ensures one line of a text file. All other lines, the mode and the owners stay as they are. Answers `path`.
///
/// What isn't UTF-8 in it stays, too; an expression finds each such byte by `.`.
///
/// Errors: there is no such file; `replaces` finds several lines.
///
/// ```rhai
/// host::line("pve1", "/etc/ssh/sshd_config", #{ line: "PrintMotd yes", replaces: "^#?PrintMotd" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineSpec {
    /// The host.
    host: String,
    /// The file's path.
    path: FilePath,
    /// The line, without its end. It may be left out where lines are taken away by `replaces`.
    line: Option<String>,
    /// A regular expression: the line that it finds becomes `line`. One that finds several lines is an error.
    replaces: Option<String>,
    /// A regular expression: a new line stands behind the last line that it finds. Default: at the file's end.
    after: Option<String>,
    /// Whether the file is made if it isn't there. Default: no.
    #[serde(default)]
    create: bool,
    /// Whether the line, or every line that `replaces` finds, is to be gone. Default: no.
    #[serde(default)]
    absent: bool,
}

impl Operate for LineSpec {
    const NAME: &str = LINE;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "path"];

    fn resource(&self) -> String {
        format!("line of {} on {}", self.path, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.path.on(&self.host)?;
        let create = Create::from(self.create || self.absent);
        let file = Edited::read(operation, (&self.host, &self.path), create).await?;
        if let Some(edit) = edit(&self, &file.text)? {
            let shown = Shown {
                resource: self.resource(),
                before: edit.before,
                after: edit.after,
            };
            file.write(operation, &Text::Plain(edit.text), shown)
                .await?;
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(self.path));
        Ok(fields)
    }
}

/// A changed text, and what changed in it.
#[derive(Debug, PartialEq)]
struct Edit {
    text: String,
    before: Value,
    after: Value,
}

/// What becomes of a text; none if it stays as it is.
fn edit(spec: &LineSpec, old: &str) -> Result<Option<Edit>, Failure> {
    let replaces = expression("replaces", spec.replaces.as_deref())?;
    let after = expression("after", spec.after.as_deref())?;
    let mut new = Lines::of(old);
    let lines: Vec<String> = new.texts().map(Cow::into_owned).collect();
    let is_own = |line: &str| Some(line) == spec.line.as_deref();
    let is_found =
        |line: &str| is_own(line) || replaces.as_ref().is_some_and(|own| own.is_match(line));
    let found: Vec<usize> = (0..lines.len())
        .filter(|at| is_found(&lines[*at]))
        .collect();
    if spec.absent {
        return Ok(without(new, &found));
    }
    let Some(line) = spec
        .line
        .as_deref()
        .filter(|line| !line.contains(['\n', '\r']))
    else {
        let text = format!("{LINE}: `line` is needed, one line without its end");
        return Err(Failure::new(code::runbook::argument, text)
            .help("for several lines there is host::block"));
    };
    if !found.is_empty() && found.iter().all(|at| is_own(&lines[*at])) {
        return Ok(None);
    }
    let place = match found.as_slice() {
        [] => {
            let last = after.and_then(|after| lines.iter().rposition(|line| after.is_match(line)));
            let place = last.map_or(lines.len(), |at| at + 1);
            place..place
        }
        [at] => *at..at + 1,
        several => return Err(too_many(spec, several)),
    };
    let before = match &lines[place.clone()] {
        [] => Value::Null,
        is => json!({ "line": seen(&is[0]) }),
    };
    new.replace(place, &[line]);
    Ok(Some(Edit {
        text: new.content(),
        before,
        after: json!({ "line": line }),
    }))
}

fn without(mut lines: Lines<'_, str>, found: &[usize]) -> Option<Edit> {
    let gone: Vec<String> = found
        .iter()
        .map(|at| lines.text(*at).into_owned())
        .collect();
    for at in found.iter().rev() {
        lines.remove(*at..at + 1);
    }
    (!gone.is_empty()).then(|| Edit {
        text: lines.content(),
        before: json!({ "lines": gone.iter().map(|line| seen(line)).collect::<Vec<_>>() }),
        after: Value::Null,
    })
}

fn seen(line: &str) -> Value {
    shown(&Text::Plain(line.to_owned()))
}

fn expression(field: &str, text: Option<&str>) -> Result<Option<Regex>, Failure> {
    let wrong = |error: regex::Error| {
        let text = format!("{LINE}: `{field}` is no regular expression");
        Failure::new(code::runbook::argument, text).cause(error.to_string())
    };
    text.map(Regex::new).transpose().map_err(wrong)
}

fn too_many(spec: &LineSpec, found: &[usize]) -> Failure {
    let numbers: Vec<String> = found.iter().map(|at| (at + 1).to_string()).collect();
    let text = format!(
        "`replaces` finds lines {} of {} on {}",
        numbers.join(", "),
        spec.path,
        spec.host
    );
    Failure::new(code::host::several_lines, text)
        .help("make it narrower, or take the lines away first: `absent: true`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use world::code;

    fn spec(fields: Value) -> LineSpec {
        let mut spec = json!({ "host": "a", "path": "/x" });
        let own = spec.as_object_mut().unwrap();
        own.extend(fields.as_object().unwrap().clone());
        serde_json::from_value(spec).unwrap()
    }

    #[test]
    fn a_line_has_no_end_in_it() {
        for line in ["a\nb", "a\r", "a\r\n"] {
            let failure = edit(&spec(json!({ "line": line })), "").unwrap_err();
            assert_eq!(failure.code, code::runbook::argument, "{line:?}");
        }
    }

    #[test]
    fn changes_one_line_and_no_other() {
        for (old, fields, new) in [
            ("a\nb\n", json!({ "line": "b" }), None),
            ("a\nb", json!({ "line": "c" }), Some("a\nb\nc\n")),
            ("", json!({ "line": "c" }), Some("c\n")),
            (
                "a\n#b 1\nc\n",
                json!({ "line": "b 2", "replaces": "^#?b " }),
                Some("a\nb 2\nc\n"),
            ),
            (
                "a\nc\n",
                json!({ "line": "b", "after": "^a" }),
                Some("a\nb\nc\n"),
            ),
            (
                "a\nb 2\n",
                json!({ "line": "b 2", "replaces": "^#?b " }),
                None,
            ),
            (
                "a\nb\na\n",
                json!({ "line": "a", "absent": true }),
                Some("b\n"),
            ),
            (
                "a\nb\n",
                json!({ "replaces": "^[ab]", "absent": true }),
                Some(""),
            ),
            ("a\n", json!({ "line": "x", "absent": true }), None),
        ] {
            let edit = edit(&spec(fields), old).unwrap();
            assert_eq!(edit.map(|edit| edit.text).as_deref(), new, "{old}");
        }
        let several = edit(&spec(json!({ "line": "b", "replaces": "^a" })), "a\na\n");
        assert_eq!(several.unwrap_err().code, code::host::several_lines);
        assert!(edit(&spec(json!({ "line": "a\nb" })), "").is_err());
        assert!(edit(&spec(json!({ "line": "a", "replaces": "(" })), "").is_err());
    }
}
