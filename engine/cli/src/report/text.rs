//! Events as lines for people. Terminal and plain output have the same ones.

use std::collections::BTreeMap;

use runbook::{
    action::Change,
    event::{Event, Progress},
    failure::Failure,
    journal::{
        Entry, IntentId, RunId, Settlement, StepPath,
        entry::{
            Done, Intent, Refused, RunStarted, Settled, StepFailed, StepFinished, StepRecorded,
            StepSkipped, StepStarted, StepUnknown, Unclear,
        },
    },
};

use super::{
    Paint, change,
    summary::{self, Forecast},
    visible,
};

/// Turns events into lines.
#[derive(Default)]
pub(crate) struct Text {
    paint: Paint,
    /// A plan's invocation: changes are predicted, and come with their fields.
    plan: bool,
    group: Option<String>,
    /// Changes that are under way.
    changes: BTreeMap<IntentId, (StepPath, Change)>,
    forecast: Forecast,
}

impl Text {
    /// Lines in these colours.
    pub(crate) fn new(paint: Paint) -> Self {
        Self {
            paint,
            ..Self::default()
        }
    }

    /// The lines of an event.
    pub(crate) fn lines(&mut self, event: &Event) -> Vec<String> {
        let shown = visible::in_event(event);
        match shown.as_ref().unwrap_or(event) {
            Event::Recorded { run, stored } => self.entry(*run, &stored.entry),
            Event::Progress(progress) => self.progress(progress),
            Event::Finished(finished) if self.plan => {
                summary::plan(finished, &self.forecast, self.paint)
            }
            Event::Finished(finished) => summary::run(finished, self.paint),
        }
    }

    fn progress(&self, progress: &Progress) -> Vec<String> {
        let step = StepPath(progress.step.clone());
        let line = progress
            .line
            .as_deref()
            .filter(|line| !line.trim().is_empty());
        line.map(|line| inside(&step, &self.paint.dim(&format!("| {line}"))))
            .into_iter()
            .collect()
    }

    fn entry(&mut self, run: RunId, entry: &Entry) -> Vec<String> {
        match entry {
            Entry::RunStarted(started) => vec![self.started(run, started)],
            Entry::Intent(begun) => self.intent(begun),
            Entry::Done(done) => self.done(done),
            Entry::Refused(refused) => self.refused(refused),
            Entry::Settled(settled) => vec![self.settled(settled)],
            Entry::Unclear(unclear) => vec![self.unclear(unclear)],
            Entry::Answered(answered) => {
                let answer = if answered.answer { "yes" } else { "no" };
                let line = format!("? {} {answer} ({})", answered.question, answered.by);
                vec![inside(&answered.step, &line)]
            }
            Entry::Given(given) => {
                let line = format!("| {} got its answer file ({})", given.node, given.machine);
                vec![inside(&given.operation.step, &self.paint.dim(&line))]
            }
            Entry::Note(note) => {
                let lines = note.text.lines().map(|line| format!("note: {line}"));
                match &note.step {
                    Some(step) => lines.map(|line| inside(step, &line)).collect(),
                    None => lines.collect(),
                }
            }
            _ => self.step(entry),
        }
    }

    fn started(&mut self, run: RunId, started: &RunStarted) -> String {
        let paint = self.paint;
        *self = Self::new(paint);
        let world = &started.world;
        let place = world.strip_prefix("plan: ");
        self.plan = place.is_some();
        let title = paint.bold(&format!("{} {}", started.runbook, started.version));
        match (place, started.continued) {
            (Some(place), _) => format!("Plan of {title} on {place}"),
            (None, false) => format!("Run {run} of {title} on {world}"),
            (None, true) => format!("Run {run} of {title} on {world} goes on"),
        }
    }

    fn intent(&mut self, begun: &Intent) -> Vec<String> {
        if self.plan {
            return self.planned(begun);
        }
        let change = (begun.operation.step.clone(), begun.change.clone());
        self.changes.insert(begun.intent, change);
        Vec::new()
    }

    /// A change that a plan predicts, with its fields.
    fn planned(&mut self, begun: &Intent) -> Vec<String> {
        let (step, confidence) = (&begun.operation.step, &begun.confidence);
        self.forecast.count(step, confidence);
        let sure = self.paint.dim(&format!("({confidence})"));
        let head = format!("{} {sure}", change::line(&begun.change, self.paint));
        let details = change::details(&begun.change, self.paint)
            .into_iter()
            .map(|line| format!("    {line}"));
        std::iter::once(head)
            .chain(details)
            .map(|line| inside(step, &line))
            .collect()
    }

    fn unclear(&mut self, unclear: &Unclear) -> String {
        let (operation, confidence) = (&unclear.operation, &unclear.confidence);
        self.forecast.count(&operation.step, confidence);
        let line = format!(
            "? {} {} ({confidence})",
            operation.function, operation.resource
        );
        inside(&operation.step, &self.paint.yellow(&line))
    }

    fn done(&mut self, done: &Done) -> Vec<String> {
        if self.plan || done.unchanged {
            return Vec::new();
        }
        let change = self.changes.remove(&done.intent);
        let line = |(step, change)| inside(&step, &change::line(&change, self.paint));
        change.map(line).into_iter().collect()
    }

    fn refused(&mut self, refused: &Refused) -> Vec<String> {
        let change = self.changes.remove(&refused.intent);
        let line = |(step, change): (StepPath, Change)| {
            let text = format!("! {}: {}", change.resource, refused.why);
            inside(&step, &self.paint.red(&text))
        };
        change.map(line).into_iter().collect()
    }

    /// What became of an action that an earlier invocation left open.
    fn settled(&mut self, settled: &Settled) -> String {
        let known = self.changes.remove(&settled.intent);
        let what = known.map_or_else(
            || format!("action {}", settled.intent.0),
            |(step, change)| format!("{} of {step}", change.resource),
        );
        match &settled.settlement {
            Settlement::Done => format!("settled: {what} was carried out"),
            Settlement::NotDone(why) => format!("settled: {what} wasn't carried out ({why})"),
            Settlement::InDoubt(why) => self.paint.red(&format!("in doubt: {what}: {why}")),
        }
    }

    fn step(&mut self, entry: &Entry) -> Vec<String> {
        let paint = self.paint;
        match entry {
            Entry::StepStarted(started) => self.step_started(started),
            Entry::StepFinished(finished) => self.step_finished(finished),
            Entry::StepRecorded(StepRecorded { step, title, why }) => {
                let recorded = match why {
                    Some(why) => format!("recorded, not looked at ({why})"),
                    None => "recorded".to_owned(),
                };
                vec![format!(
                    "{}: {}",
                    head(step, title, paint),
                    paint.dim(&recorded)
                )]
            }
            Entry::StepSkipped(StepSkipped { step, title, why }) => {
                let skipped = paint.dim(&format!("skipped ({why})"));
                vec![format!("{}: {skipped}", head(step, title, paint))]
            }
            Entry::StepUnknown(StepUnknown { step, failure, .. }) => {
                self.forecast.unknown.push(step.to_string());
                let line = paint.yellow(&format!("unknown: {}", brief(failure)));
                vec![inside(step, &line)]
            }
            Entry::StepFailed(StepFailed { step, failure, .. }) => {
                let line = paint.red(&format!("failed: {}", brief(failure)));
                vec![inside(step, &line)]
            }
            _ => Vec::new(),
        }
    }

    fn step_started(&mut self, started: &StepStarted) -> Vec<String> {
        let (step, attempt) = (&started.step, started.attempt);
        // A body of `parallel` stands below its step, whatever group that is in.
        if step.0.contains('/') {
            return match attempt {
                1 => Vec::new(),
                _ => vec![inside(step, &format!("attempt {attempt}"))],
            };
        }
        let mut lines = self.heading(started.group.as_ref());
        let head = head(step, &started.title, self.paint);
        lines.push(match attempt {
            1 => head,
            _ => format!("{head} (attempt {attempt})"),
        });
        lines
    }

    fn step_finished(&self, finished: &StepFinished) -> Vec<String> {
        let (step, changes) = (&finished.step, finished.changes);
        if step.0.contains('/') && changes == 0 {
            return Vec::new();
        }
        let what = if self.plan { "" } else { "done, " };
        let line = match changes {
            0 => self.paint.dim(&format!("{what}no change")),
            _ => {
                let changes = summary::changes(u64::from(changes));
                self.paint.green(&format!("{what}{changes}"))
            }
        };
        vec![inside(step, &line)]
    }

    /// The group's title, when it isn't the one before.
    fn heading(&mut self, group: Option<&String>) -> Vec<String> {
        if self.group.as_ref() == group {
            return Vec::new();
        }
        self.group = group.cloned();
        group
            .map(|title| self.paint.bold(title))
            .into_iter()
            .collect()
    }
}

/// What failed and its first cause; the report after the run has all of them.
fn brief(failure: &Failure) -> String {
    match failure.causes.first() {
        Some(cause) => format!("{}: {cause}", failure.message),
        None => failure.message.clone(),
    }
}

fn head(step: &StepPath, title: &str, paint: Paint) -> String {
    format!("{}  {title}", paint.bold(&step.0))
}

/// A line below its step; a body of `parallel` says which one it is.
fn inside(step: &StepPath, line: &str) -> String {
    match step.0.split_once('/') {
        Some((_, key)) => format!("  [{key}] {line}"),
        None => format!("  {line}"),
    }
}
