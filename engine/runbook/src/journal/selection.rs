//! What the command line chose of a runbook. A run keeps it from its start to its end.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use world::free_text;

/// The steps that an invocation runs, by id or title, and the runbook's arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Selection {
    /// The first step that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last step that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The only steps that run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// Steps that don't run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Arguments by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, String>,
}

free_text!(Selection { arguments; from, until, only, skip });

impl Selection {
    /// Whether nothing is chosen: all steps run, with the runbook's own arguments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether steps are left out, so that the runbook isn't complete when the run ends.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.from.is_some()
            || self.until.is_some()
            || !self.only.is_empty()
            || !self.skip.is_empty()
    }
}

/// As the command line has it: `--until 1.2-cluster --arg measure=false`.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = |name: &'static str| move |step: &String| format!("--{name} {}", quoted(step));
        let arguments = self.arguments.iter();
        let words: Vec<String> = (self.from.iter().map(flag("from")))
            .chain(self.until.iter().map(flag("until")))
            .chain(self.only.iter().map(flag("only")))
            .chain(self.skip.iter().map(flag("skip")))
            .chain(
                arguments
                    .map(|(name, value)| format!("--arg {}", quoted(&format!("{name}={value}")))),
            )
            .collect();
        f.write_str(&words.join(" "))
    }
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./=:,@%+".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_reads_as_the_command_line_has_it() {
        let selection = Selection {
            until: Some("Make a group".to_owned()),
            skip: vec!["1.4-fio".to_owned()],
            arguments: BTreeMap::from([("measure".to_owned(), "it's".to_owned())]),
            ..Selection::default()
        };
        let words = r"--until 'Make a group' --skip 1.4-fio --arg 'measure=it'\''s'";
        assert_eq!(selection.to_string(), words);
        assert!(selection.is_partial() && Selection::default().is_empty());
    }
}
