//! The last lines of an invocation, and the summary of a recorded one.

use std::collections::{BTreeMap, BTreeSet};

use runbook::{
    event::Finished,
    journal::{Invocation, RunId, Status, StepPath, Steps, Stored, Summary, entry::Intent},
};
use world::Confidence;

use super::{Paint, plan};

/// What a plan predicted so far.
#[derive(Debug, Default)]
pub(crate) struct Forecast {
    read: u64,
    predicted: u64,
    later: u64,
    opaque: u64,
    steps: BTreeSet<String>,
    /// Changes by their sign, and by the node that they go to.
    signs: BTreeMap<char, u64>,
    nodes: BTreeMap<String, u64>,
    /// Whether steps were left out.
    pub(crate) partial: bool,
    /// The world that was planned for.
    pub(crate) place: String,
    /// Steps that need a value which isn't known yet.
    pub(crate) unknown: Vec<String>,
}

impl Forecast {
    /// Counts a change of a step.
    pub(crate) fn count(&mut self, step: &StepPath, confidence: &Confidence) {
        self.steps.insert(step.step().to_owned());
        *match confidence {
            Confidence::Read => &mut self.read,
            Confidence::Predicted => &mut self.predicted,
            Confidence::Unknown(_) => &mut self.later,
            Confidence::Opaque => &mut self.opaque,
        } += 1;
    }

    /// Counts a change by its kind and its node.
    pub(crate) fn change(&mut self, begun: &Intent) {
        *self.signs.entry(plan::sign(&begun.change)).or_default() += 1;
        let node = plan::node(&begun.action).to_owned();
        *self.nodes.entry(node).or_default() += 1;
    }

    /// Totals by kind and node, and what the signs and words mean.
    fn totals(&self, paint: Paint) -> Vec<String> {
        if self.signs.is_empty() {
            return Vec::new();
        }
        let listed = |counts: Vec<String>| counts.join(", ");
        let kinds = self.signs.iter();
        let kinds = kinds.map(|(sign, count)| format!("{count} {}", plan::word(*sign)));
        let nodes = self
            .nodes
            .iter()
            .map(|(node, count)| format!("{node} {count}"));
        let words = [
            (self.read, "read: seen on the lab"),
            (self.predicted, "predicted: as the steps before leave it"),
            (self.later, "unknown: a run has to find out"),
            (self.opaque, "opaque: only its author knows what it does"),
        ];
        let words = words.iter().filter(|(count, _)| *count > 0);
        let words: Vec<&str> = words.map(|(_, word)| *word).collect();
        vec![
            format!("  by kind: {}", listed(kinds.collect())),
            format!("  by node: {}", listed(nodes.collect())),
            paint.dim(&format!(
                "  {}; {}",
                plan::legend(self.signs.keys()),
                words.join("; ")
            )),
        ]
    }

    /// Whether nothing is left open.
    const fn is_sure(&self) -> bool {
        self.later == 0 && self.opaque == 0 && self.unknown.is_empty() && !self.partial
    }

    fn shares(&self) -> String {
        let all = [
            (self.read, "read"),
            (self.predicted, "predicted"),
            (self.later, "unknown"),
            (self.opaque, "opaque"),
        ];
        let parts = present(&all);
        if parts.is_empty() {
            String::new()
        } else {
            format!(" ({})", parts.join(", "))
        }
    }
}

/// `1 change`, `3 changes`.
pub(crate) fn changes(count: u64) -> String {
    counted(count, "change")
}

/// `1 run`, `2 runs`.
pub(crate) fn counted(count: u64, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// The last lines of a plan.
pub(crate) fn plan(finished: &Finished, forecast: &Forecast, paint: Paint) -> Vec<String> {
    if finished.changes == 0 && finished.status == Status::Planned && forecast.is_sure() {
        let place = match forecast.place.as_str() {
            "live" => "lab",
            _ => "twin",
        };
        return vec![paint.green(&format!("No changes: the {place} is as docs say"))];
    }
    let steps = u64::try_from(forecast.steps.len()).unwrap_or(u64::MAX);
    let mut lines = vec![paint.bold(&format!(
        "Plan: {} in {}{}",
        changes(finished.changes),
        counted(steps, "step"),
        forecast.shares()
    ))];
    lines.extend(forecast.totals(paint));
    if !forecast.unknown.is_empty() {
        let count = u64::try_from(forecast.unknown.len()).unwrap_or(u64::MAX);
        let line = format!(
            "{} can't be planned to the end: {}",
            counted(count, "step"),
            forecast.unknown.join(", ")
        );
        lines.push(paint.yellow(&line));
    }
    if finished.status == Status::Failed {
        lines.push(paint.red("The plan isn't whole: a step failed."));
    }
    lines
}

/// The last lines of a run.
pub(crate) fn run(finished: &Finished, paint: Paint) -> Vec<String> {
    let word = match finished.status {
        Status::Succeeded => paint.green("Succeeded"),
        Status::Failed => paint.red("Failed"),
        Status::Interrupted => paint.yellow("Interrupted"),
        Status::Planned => "Planned".to_owned(),
    };
    let mut lines = vec![format!(
        "{word}: {}; {}",
        steps(&finished.steps),
        changes(finished.changes)
    )];
    if let Some(kept) = finished.as_planned {
        lines.push(format!(
            "{kept} of {} came as planned",
            changes(finished.changes)
        ));
    }
    if finished.status == Status::Interrupted || finished.status == Status::Failed {
        lines.push(paint.dim(&format!("`homelab resume {}` goes on", finished.run)));
    }
    lines
}

/// What there is any of, with its count.
fn present(all: &[(u64, &str)]) -> Vec<String> {
    all.iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect()
}

fn steps(steps: &Steps) -> String {
    let all = [
        (steps.done, "done"),
        (steps.recorded, "recorded"),
        (steps.skipped, "skipped"),
        (steps.failed, "failed"),
        (steps.unknown, "unknown"),
    ];
    let parts = present(&all);
    if parts.is_empty() {
        "no step".to_owned()
    } else {
        format!("steps: {}", parts.join(", "))
    }
}

/// The end of the last invocation of a recorded run; nothing if it was killed.
pub(crate) fn finished(run: RunId, entries: &[Stored]) -> Option<Finished> {
    let Invocation {
        status,
        steps,
        changes,
        failure,
        ..
    } = Summary::of(entries).invocation;
    Some(Finished {
        run,
        status: status?,
        steps,
        changes,
        as_planned: None,
        failure,
        at: entries.last()?.at,
    })
}
