//! Reports of failures as snapshots: what a user reads when something goes wrong is reviewed like code.

use crate::support::{Answer, Lab};

/// What differs from run to run, and what stands in for it in a snapshot.
const FILTERS: &[(&str, &str)] = &[
    (r"\b127\.0\.0\.1:\d+", "[listener]"),
    (r"\bprocess \d+", "process [id]"),
    (r"\btwin-[0-9a-f]{6,}", "[twin]"),
    (r"\b(?:[0-9A-F]{2} ?: ?){31}[0-9A-F]{2}", "[fingerprint]"),
    (r"UPID:[^\s│]+", "[upid]"),
];

/// Compares what a command wrote to standard error with the snapshot of that name.
#[track_caller]
pub(crate) fn reports(lab: &Lab, name: &str, answer: &Answer) {
    let folder = lab.path(".").canonicalize().unwrap();
    let text = joined(&answer.stderr).replace(folder.to_str().unwrap(), "[lab]");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (pattern, text) in FILTERS {
        settings.add_filter(pattern, *text);
    }
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The text with wrapped lines made whole: where they break depends on how long a path or a port is.
fn joined(text: &str) -> String {
    let mut whole: Vec<String> = Vec::new();
    for line in text.lines() {
        match (wrapped(line), whole.last_mut()) {
            (Some(rest), Some(last)) => {
                if !last.ends_with(['/', '-']) {
                    last.push(' ');
                }
                last.push_str(rest);
            }
            _ => whole.push(line.to_owned()),
        }
    }
    whole.join("\n")
}

/// The rest of a sentence that began on the line before.
fn wrapped(line: &str) -> Option<&str> {
    let margins = ["  │   ", "  │ ", "        ", "      "];
    let rest = margins
        .iter()
        .find_map(|margin| line.strip_prefix(margin))?;
    let own_line = rest.starts_with("see `homelab ") || rest.starts_with("at ");
    let is_prose = !own_line && rest.starts_with(|letter: char| !" ·╰│".contains(letter));
    is_prose.then_some(rest)
}
