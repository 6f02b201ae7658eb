//! What `homelab docs sync` prints.

use ops::sync::{Columns, KnownFact, Left, Offer, Offered, Why};
use serde_json::{Value, json};

use super::diff::diff;
use crate::{
    lab_world::WorldChoice,
    report::{Paint, date, diff_line},
    settings::Style,
};

/// What came out.
pub(super) struct Outcome<'a> {
    pub(super) offer: &'a Offer,
    pub(super) facts: &'a [KnownFact],
    pub(super) place: &'a WorldChoice,
    pub(super) columns: Columns,
    pub(super) is_written: bool,
}

impl Outcome<'_> {
    /// For people: the diff, where each edit comes from, what is left out, and what to do.
    pub(super) fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut lines = Vec::new();
        for file in &self.offer.files {
            let diff = diff(file);
            lines.extend(diff.lines().map(|line| diff_line(line, paint)));
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(self.offer.edits.iter().map(origin));
        lines.extend(self.offer.left.iter().map(left));
        let mistakes = self.offer.mistakes.iter();
        lines.extend(
            mistakes.map(|mistake| format!("note: with these edits a rule is broken: {mistake}")),
        );
        lines.push(paint.bold(&self.end()));
        lines.join("\n") + "\n"
    }

    fn end(&self) -> String {
        let places = places(self.offer.edits.len());
        match (
            self.offer.edits.len(),
            self.facts,
            self.is_written,
            self.place,
        ) {
            (_, [], ..) => {
                "Nothing to do: no run of this world has learned anything yet.".to_owned()
            }
            (0, ..) => {
                let docs = match self.columns {
                    Columns::New => "docs say",
                    Columns::Present => "the columns of docs say",
                };
                format!("Nothing to do: {docs} what {} learned.", runs(self.facts))
            }
            (_, _, true, _) => format!("{places} of docs written."),
            (_, _, _, WorldChoice::Live) => format!(
                "Docs differ from what runs learned in {places}; `homelab docs sync --write` writes them."
            ),
            _ => {
                format!("The twin differs from docs in {places}; what a twin shows isn't written.")
            }
        }
    }

    /// For programs: an object for each edit and for what is left out, then one with the diff.
    pub(super) fn json(&self) -> String {
        let edits = self.offer.edits.iter().map(|edit| {
            let mut event = described("edit", &edit.known);
            event["line"] = json!(edit.line);
            event["before"] = json!(edit.before);
            event["after"] = json!(edit.after);
            event["new_column"] = json!(edit.before.is_none());
            event
        });
        let left = self.offer.left.iter().map(|left| {
            let mut event = described("left", &left.known);
            event["why"] = json!(word(&left.why));
            event
        });
        let diff: String = self.offer.files.iter().map(diff).collect();
        let mistakes: Vec<String> = self
            .offer
            .mistakes
            .iter()
            .map(ToString::to_string)
            .collect();
        let end = json!({
            "event": "docs", "edits": self.offer.edits.len(), "written": self.is_written, "diff": diff,
            "mistakes": mistakes,
        });
        let all = edits.chain(left).chain([end]);
        all.map(|event| format!("{event}\n")).collect()
    }
}

/// `1 place`, `3 places`.
fn places(count: usize) -> String {
    format!("{count} place{}", if count == 1 { "" } else { "s" })
}

/// The runs that facts are of, in words.
fn runs(facts: &[KnownFact]) -> String {
    let mut runs: Vec<String> = facts.iter().map(|known| known.run.to_string()).collect();
    runs.dedup();
    match runs.as_slice() {
        [one] => format!("run {one}"),
        _ => format!("runs {}", runs.join(", ")),
    }
}

/// `HARDWARE/Nodes, pve1: Host key`.
fn cell(known: &KnownFact) -> String {
    let fact = &known.learned.fact;
    format!(
        "{}/{}, {}: {}",
        fact.document,
        fact.table,
        fact.row.join(" "),
        fact.column
    )
}

/// Which run and operation an edit comes from.
fn source(known: &KnownFact) -> String {
    let operation = &known.learned.operation;
    format!(
        "run {}, {}, {}, {}",
        known.run,
        date(known.learned.at),
        operation.step,
        operation.function
    )
}

fn origin(edit: &Offered) -> String {
    let new = if edit.before.is_none() {
        ", a new column"
    } else {
        ""
    };
    format!("{}{new} ({})", cell(&edit.known), source(&edit.known))
}

fn left(left: &Left) -> String {
    let (cell, source) = (cell(&left.known), source(&left.known));
    let value = &left.known.learned.fact.value;
    match &left.why {
        Why::Gone => {
            format!("note: {cell} is {value} ({source}), but docs have no such row any more")
        }
        Why::Moved => {
            format!(
                "note: {cell} is {value} ({source}), which docs have in another row: it goes by another name now, so \
                 correct both rows by hand"
            )
        }
        Why::Unwritable => {
            format!("note: {cell} is {value} ({source}), which can't be written into a cell")
        }
        Why::Disagreeing(told) => {
            let told: Vec<String> = told
                .iter()
                .map(|(who, value)| format!("{value} ({who})"))
                .collect();
            format!(
                "note: {cell} isn't one thing: {} ({source})",
                told.join(", ")
            )
        }
    }
}

const fn word(why: &Why) -> &'static str {
    match why {
        Why::Gone => "gone",
        Why::Moved => "moved",
        Why::Unwritable => "unwritable",
        Why::Disagreeing(_) => "disagreeing",
    }
}

fn described(event: &str, known: &KnownFact) -> Value {
    let (fact, operation) = (&known.learned.fact, &known.learned.operation);
    json!({
        "event": event, "document": fact.document, "table": fact.table, "row": fact.row, "column": fact.column,
        "value": fact.value, "run": known.run, "at": known.learned.at, "operation": operation,
    })
}
