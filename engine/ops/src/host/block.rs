//! A block of a text file between two markers.

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{Secret, code};

use super::{
    content::Text,
    edit::{Create, Edited, Shown, shown},
    fields::FilePath,
};
use crate::{info::Effect, operate::Operate};

const BLOCK: &str = "host::block";

/// Ensures a block of a text file between two markers, at the file's end where it's new. What stands outside the
/// markers stays as it is, and so do mode and owners. Answers `path`.
///
/// Errors: there is no such file; one of the two markers is missing.
///
/// ```rhai
/// host::block("pve1", "/etc/ssh/sshd_config", #{ name: "ops", content: "Match Group ops\n  X11Forwarding no\n" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockSpec {
    /// The host.
    host: String,
    /// The file's path.
    path: FilePath,
    /// What stands between the markers: text or a secret.
    content: Option<Text>,
    /// The block's name, which its markers have: `# BEGIN homelab NAME`. Default: `block`.
    #[serde(default = "block")]
    name: String,
    /// What begins a comment in this file. Default: `#`.
    #[serde(default = "hash")]
    comment: String,
    /// Whether the file is made if it isn't there. Default: no.
    #[serde(default)]
    create: bool,
    /// Whether the block and its markers are to be gone. Default: no.
    #[serde(default)]
    absent: bool,
}

impl Operate for BlockSpec {
    const NAME: &str = BLOCK;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host", "path"];

    fn resource(&self) -> String {
        format!("block {} of {} on {}", self.name, self.path, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.path.on(&self.host)?;
        let create = Create::from(self.create || self.absent);
        let file = Edited::read(operation, (&self.host, &self.path), create).await?;
        let content = match (&self.content, self.absent) {
            (_, true) => None,
            (Some(content), false) => Some(content),
            (None, false) => {
                let text = format!("{BLOCK}: `content` is missing");
                return Err(Failure::new(code::runbook::argument, text).into());
            }
        };
        let is_plain = content.is_none_or(Text::is_plain);
        let markers = Markers::of(&self.comment, &self.name);
        if let Some(wrong) = markers.wrong(content.map(Text::expose)) {
            let text = format!("{BLOCK}: {wrong}");
            return Err(Failure::new(code::runbook::argument, text)
                .help("give the block another name")
                .into());
        }
        if let Some(edit) = markers
            .edit(&file.text, content.map(Text::expose))
            .ok_or_else(|| half(&self, &markers))?
        {
            let seen = |text: Option<String>| match text {
                None => Value::Null,
                Some(text) if is_plain => json!({ "content": shown(&Text::Plain(text)) }),
                Some(text) => json!({ "content": shown(&Text::Secret(Secret::new(BLOCK, text))) }),
            };
            let shown = Shown {
                resource: self.resource(),
                before: seen(edit.before),
                after: seen(edit.after),
            };
            let text = if is_plain {
                Text::Plain(edit.text)
            } else {
                Text::Secret(Secret::new(BLOCK, edit.text))
            };
            file.write(operation, &text, shown).await?;
        }
        let mut fields = Fields::new();
        fields.insert("path".to_owned(), json!(self.path));
        Ok(fields)
    }
}

fn block() -> String {
    "block".to_owned()
}

fn hash() -> String {
    "#".to_owned()
}

/// A changed text, and the block in it.
#[derive(Debug, PartialEq)]
pub(super) struct Edit {
    pub(super) text: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// Whether a line is a marker, whatever its end.
fn is_it(line: &str, marker: &str) -> bool {
    line.trim_end_matches(['\r', '\n']) == marker
}

/// The lines around a block.
pub(super) struct Markers {
    begin: String,
    end: String,
    is_first: bool,
}

impl Markers {
    /// The markers of a block by its name.
    pub(super) fn of(comment: &str, name: &str) -> Self {
        Self {
            begin: format!("{comment} BEGIN homelab {name}"),
            end: format!("{comment} END homelab {name}"),
            is_first: false,
        }
    }

    /// The same, whose block stands at the file's beginning where it's new.
    pub(super) const fn first(mut self) -> Self {
        self.is_first = true;
        self
    }

    /// Why a block of these markers wouldn't be found again.
    fn wrong(&self, content: Option<&str>) -> Option<&'static str> {
        if self.begin.contains(['\n', '\r']) {
            return Some("`name` and `comment` are parts of one line");
        }
        let is_marker = |line: &str| {
            [&self.begin, &self.end]
                .iter()
                .any(|marker| is_it(line, marker))
        };
        let holds = content.is_some_and(|content| content.split('\n').any(is_marker));
        holds.then_some("`content` has a line that is a marker of the block itself")
    }

    /// What becomes of a text: `Some(None)` if it stays as it is, none if a marker is missing.
    pub(super) fn edit(&self, old: &str, content: Option<&str>) -> Option<Option<Edit>> {
        let (begin, end) = (&self.begin, &self.end);
        let lines: Vec<&str> = old.split_inclusive('\n').collect();
        let place = |marker: &String| lines.iter().position(|line| is_it(line, marker));
        let content = content.map(ended);
        let new = content.as_ref();
        let new = new.map(|content| format!("{begin}\n{content}{end}\n"));
        let (head, is, tail) = match (place(begin), place(end)) {
            (None, None) if self.is_first => (String::new(), None, old.to_owned()),
            (None, None) => (ended(old), None, String::new()),
            (Some(first), Some(last)) if first < last => (
                lines[..first].concat(),
                Some(lines[first + 1..last].concat()),
                lines[last + 1..].concat(),
            ),
            _ => return None,
        };
        if is == content {
            return Some(None);
        }
        Some(Some(Edit {
            text: format!("{head}{}{tail}", new.unwrap_or_default()),
            before: is,
            after: content,
        }))
    }
}

fn ended(text: &str) -> String {
    match text {
        "" => String::new(),
        text if text.ends_with('\n') => text.to_owned(),
        text => format!("{text}\n"),
    }
}

fn half(spec: &BlockSpec, markers: &Markers) -> Failure {
    let Markers { begin, end, .. } = markers;
    let text = format!(
        "{} on {} has one of the markers '{begin}' and '{end}', or has them the wrong way round",
        spec.path, spec.host
    );
    Failure::new(code::host::markers, text)
        .help("put the missing marker where the block ends, or take both away")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_would_not_be_found_again_is_none() {
        let markers = Markers::of("#", "n");
        assert_eq!(
            markers.wrong(Some("a\n # END homelab n\n# END homelab m\n")),
            None
        );
        for content in [
            "# END homelab n",
            "a\n# BEGIN homelab n\nb",
            "a\r\n# END homelab n\r\n",
        ] {
            assert!(markers.wrong(Some(content)).is_some(), "{content}");
        }
        for name in ["a\nb", "a\r"] {
            assert!(Markers::of("#", name).wrong(None).is_some(), "{name:?}");
        }
    }

    #[test]
    fn changes_what_stands_between_the_markers() {
        let markers = Markers::of("#", "n");
        let with = |content: &str| format!("a\n# BEGIN homelab n\n{content}# END homelab n\nb\n");
        for (old, content, new) in [
            (
                "a".to_owned(),
                Some("x"),
                Some("a\n# BEGIN homelab n\nx\n# END homelab n\n".to_owned()),
            ),
            (with("x\n"), Some("x"), None),
            (with("x\n"), Some("y\nz\n"), Some(with("y\nz\n"))),
            (with("x\n"), None, Some("a\nb\n".to_owned())),
            ("a\n".to_owned(), None, None),
        ] {
            let edit = markers.edit(&old, content).unwrap();
            assert_eq!(edit.map(|edit| edit.text), new, "{old}");
        }
        assert_eq!(markers.edit("# END homelab n\n", Some("x")), None);
        let first = Markers::of("#", "n").first();
        let text = first.edit("a\n", Some("x")).unwrap().unwrap().text;
        assert_eq!(text, "# BEGIN homelab n\nx\n# END homelab n\na\n");
    }
}
