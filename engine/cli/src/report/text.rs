//! Events as lines for people. Terminal and plain output have the same ones.

use std::collections::BTreeMap;

use runbook::{
    action::Change,
    event::{Event, Progress},
    failure::Failure,
    journal::{Entry, IntentId, RunId, Settlement, StepPath},
};

use super::{
    Paint, change,
    summary::{self, Forecast},
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
        match event {
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
            Entry::RunStarted { .. } => self.started(run, entry),
            Entry::Intent { .. }
            | Entry::Done { .. }
            | Entry::Refused { .. }
            | Entry::Settled { .. }
            | Entry::Unclear { .. } => self.action(entry),
            Entry::Answered {
                step,
                question,
                answer,
                by,
            } => {
                let answer = if *answer { "yes" } else { "no" };
                vec![inside(step, &format!("? {question} {answer} ({by})"))]
            }
            Entry::Given {
                operation,
                node,
                machine,
            } => {
                let line = format!("| {node} got its answer file ({machine})");
                vec![inside(&operation.step, &self.paint.dim(&line))]
            }
            Entry::Note { step, text } => {
                let lines = text.lines();
                match step {
                    Some(step) => lines
                        .map(|line| inside(step, &format!("note: {line}")))
                        .collect(),
                    None => lines.map(|line| format!("note: {line}")).collect(),
                }
            }
            _ => self.step(entry),
        }
    }

    fn started(&mut self, run: RunId, entry: &Entry) -> Vec<String> {
        let Entry::RunStarted {
            runbook,
            version,
            continued,
            world,
            ..
        } = entry
        else {
            return Vec::new();
        };
        let paint = self.paint;
        *self = Self::new(paint);
        let place = world.strip_prefix("plan: ");
        self.plan = place.is_some();
        let title = paint.bold(&format!("{runbook} {version}"));
        vec![match (place, continued) {
            (Some(place), _) => format!("Plan of {title} on {place}"),
            (None, false) => format!("Run {run} of {title} on {world}"),
            (None, true) => format!("Run {run} of {title} on {world} goes on"),
        }]
    }

    fn action(&mut self, entry: &Entry) -> Vec<String> {
        match entry {
            Entry::Intent {
                intent,
                operation,
                change,
                ..
            } if !self.plan => {
                self.changes
                    .insert(*intent, (operation.step.clone(), change.clone()));
                Vec::new()
            }
            Entry::Intent { .. } => self.planned(entry),
            Entry::Unclear {
                operation,
                confidence,
            } => {
                self.forecast.count(&operation.step, confidence);
                let line = format!(
                    "? {} {} ({confidence})",
                    operation.function, operation.resource
                );
                vec![inside(&operation.step, &self.paint.yellow(&line))]
            }
            Entry::Done {
                intent,
                unchanged: false,
            } if !self.plan => {
                let done = self.changes.remove(intent);
                done.map(|(step, change)| inside(&step, &change::line(&change, self.paint)))
                    .into_iter()
                    .collect()
            }
            Entry::Refused { intent, why } => {
                let refused = self.changes.remove(intent);
                let line = |(step, change): (StepPath, Change)| {
                    inside(
                        &step,
                        &self.paint.red(&format!("! {}: {why}", change.resource)),
                    )
                };
                refused.map(line).into_iter().collect()
            }
            Entry::Settled { intent, settlement } => vec![self.settled(*intent, settlement)],
            _ => Vec::new(),
        }
    }

    /// A change that a plan predicts, with its fields.
    fn planned(&mut self, entry: &Entry) -> Vec<String> {
        let Entry::Intent {
            operation,
            change,
            confidence,
            ..
        } = entry
        else {
            return Vec::new();
        };
        self.forecast.count(&operation.step, confidence);
        let sure = self.paint.dim(&format!("({confidence})"));
        let head = format!("{} {sure}", change::line(change, self.paint));
        let details = change::details(change, self.paint)
            .into_iter()
            .map(|line| format!("    {line}"));
        std::iter::once(head)
            .chain(details)
            .map(|line| inside(&operation.step, &line))
            .collect()
    }

    /// What became of an action that an earlier invocation left open.
    fn settled(&mut self, intent: IntentId, settlement: &Settlement) -> String {
        let known = self.changes.remove(&intent);
        let what = known.map_or_else(
            || format!("action {}", intent.0),
            |(step, change)| format!("{} of {step}", change.resource),
        );
        match settlement {
            Settlement::Done => format!("settled: {what} was carried out"),
            Settlement::NotDone(why) => format!("settled: {what} wasn't carried out ({why})"),
            Settlement::InDoubt(why) => self.paint.red(&format!("in doubt: {what}: {why}")),
        }
    }

    fn step(&mut self, entry: &Entry) -> Vec<String> {
        let paint = self.paint;
        match entry {
            Entry::StepStarted {
                step,
                title,
                group,
                attempt,
            } => {
                // A body of `parallel` stands below its step, whatever group that is in.
                let mut lines = match step.0.contains('/') {
                    true => Vec::new(),
                    false => self.heading(group.as_ref()),
                };
                match (step.0.contains('/'), *attempt) {
                    (true, 1) => {}
                    (true, attempt) => lines.push(inside(step, &format!("attempt {attempt}"))),
                    (false, 1) => lines.push(head(step, title, paint)),
                    (false, attempt) => {
                        lines.push(format!("{} (attempt {attempt})", head(step, title, paint)))
                    }
                }
                lines
            }
            Entry::StepFinished { step, changes, .. } if step.0.contains('/') && *changes == 0 => {
                Vec::new()
            }
            Entry::StepFinished { step, changes, .. } => {
                let what = if self.plan { "" } else { "done, " };
                let line = match changes {
                    0 => paint.dim(&format!("{what}no change")),
                    _ => paint.green(&format!("{what}{}", summary::changes(u64::from(*changes)))),
                };
                vec![inside(step, &line)]
            }
            Entry::StepRecorded { step, title } => vec![format!(
                "{}: {}",
                head(step, title, paint),
                paint.dim("recorded")
            )],
            Entry::StepSkipped { step, title, why } => {
                vec![format!(
                    "{}: {}",
                    head(step, title, paint),
                    paint.dim(&format!("skipped ({why})"))
                )]
            }
            Entry::StepUnknown { step, failure, .. } => {
                self.forecast.unknown.push(step.to_string());
                vec![inside(
                    step,
                    &paint.yellow(&format!("unknown: {}", brief(failure))),
                )]
            }
            Entry::StepFailed { step, failure, .. } => {
                vec![inside(
                    step,
                    &paint.red(&format!("failed: {}", brief(failure))),
                )]
            }
            _ => Vec::new(),
        }
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
