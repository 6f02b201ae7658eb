//! Events as lines for people. Terminal and plain output have the same ones.

use std::collections::BTreeMap;

use runbook::{
    action::Change,
    event::{Event, Progress},
    failure::{Class, Failure},
    journal::{
        Entry, IntentId, RunId, Settlement, StepPath, Stored,
        entry::{
            Done, Intent, Refused, RunStarted, Settled, StepFailed, StepFinished, StepRecorded,
            StepSkipped, StepStarted, StepUnknown, Unclear,
        },
    },
};
use world::clock::Moment;

use super::{
    Paint, change,
    plan::{self, Held, NO_CHANGE},
    summary::{self, Forecast},
    visible,
};

/// Turns events into lines.
#[derive(Default)]
pub(crate) struct Text {
    paint: Paint,
    /// A plan's invocation: changes are predicted, and come with their fields.
    plan: bool,
    /// Fields and steps without changes aren't wanted.
    brief: bool,
    /// What a plan says of the step that hasn't ended yet.
    held: Option<Held>,
    /// How many steps there are, and how many have come.
    steps: (u64, u64),
    /// When steps began.
    began: BTreeMap<StepPath, Moment>,
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

    /// Lines without fields and without steps that change nothing.
    pub(crate) fn brief(mut self, brief: bool) -> Self {
        self.brief = brief;
        self
    }

    /// The lines of an event. What a plan says of a step comes once the step has ended.
    pub(crate) fn lines(&mut self, event: &Event) -> Vec<String> {
        let shown = visible::in_event(event);
        match shown.as_ref().unwrap_or(event) {
            Event::Recorded { run, stored } => self.recorded(*run, stored),
            Event::Progress(_) if self.plan => Vec::new(),
            Event::Progress(progress) => self.progress(progress),
            Event::Finished(finished) if self.plan => {
                let mut lines = self.release(None);
                lines.extend(summary::plan(finished, &self.forecast, self.paint));
                lines
            }
            Event::Finished(finished) => summary::run(finished, self.paint),
        }
    }

    fn recorded(&mut self, run: RunId, stored: &Stored) -> Vec<String> {
        let is_own = is_own(&stored.entry);
        let lines = self.entry(run, &stored.entry, stored.at);
        match &mut self.held {
            Some(held) if !is_own => {
                lines.into_iter().for_each(|line| held.line(line));
                Vec::new()
            }
            _ => lines,
        }
    }

    /// What was held of a plan's step, with the line that ends it.
    fn release(&mut self, end: Option<String>) -> Vec<String> {
        let is_quiet = self.brief && end.as_deref().is_some_and(|end| end.contains(NO_CHANGE));
        match self.held.take() {
            Some(held) if !is_quiet => held.lines(end),
            Some(_) => Vec::new(),
            None => end.map(|end| format!("  {end}")).into_iter().collect(),
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

    fn entry(&mut self, run: RunId, entry: &Entry, at: Moment) -> Vec<String> {
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
            _ => self.step(entry, at),
        }
    }

    fn started(&mut self, run: RunId, started: &RunStarted) -> String {
        let paint = self.paint;
        *self = Self::new(paint).brief(self.brief);
        self.steps = (started.steps.unwrap_or_default(), 0);
        let world = &started.world;
        let place = world.strip_prefix("plan: ");
        self.plan = place.is_some();
        self.forecast.place = place.unwrap_or_default().to_owned();
        self.forecast.partial = started.selection.is_partial();
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
        self.forecast
            .count(&begun.operation.step, &begun.confidence);
        self.forecast.change(begun);
        let (brief, paint) = (self.brief, self.paint);
        let held = self.held.get_or_insert_default();
        held.change(begun, brief, paint);
        Vec::new()
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

    fn step(&mut self, entry: &Entry, at: Moment) -> Vec<String> {
        let paint = self.paint;
        match entry {
            Entry::StepStarted(started) => self.step_started(started, at),
            Entry::StepFinished(finished) => self.step_finished(finished, at),
            Entry::StepRecorded(StepRecorded { step, title, why }) => {
                let recorded = match why {
                    Some(why) => format!("recorded, not looked at ({why})"),
                    None => "recorded".to_owned(),
                };
                vec![format!(
                    "{}: {}",
                    self.head(step, title),
                    paint.dim(&recorded)
                )]
            }
            Entry::StepSkipped(StepSkipped { step, title, why }) => {
                let skipped = paint.dim(&format!("skipped ({why})"));
                vec![format!("{}: {skipped}", self.head(step, title))]
            }
            Entry::StepUnknown(StepUnknown { step, failure, .. }) => {
                self.forecast.unknown.push(step.to_string());
                let line = paint.yellow(&format!("unknown: {}", brief(failure)));
                self.end(step, line)
            }
            Entry::StepFailed(StepFailed { step, failure, .. }) => {
                let line = if failure.class == Class::Interrupted {
                    paint.yellow(&format!("stopped: {}", brief(failure)))
                } else {
                    paint.red(&format!("failed: {}", brief(failure)))
                };
                self.end(step, line)
            }
            _ => Vec::new(),
        }
    }

    fn step_started(&mut self, started: &StepStarted, at: Moment) -> Vec<String> {
        let (step, attempt) = (&started.step, started.attempt);
        // A body of `parallel` stands below its step, whatever group that is in.
        if !plan::is_step(step) {
            return match attempt {
                1 => Vec::new(),
                _ => vec![inside(step, &format!("attempt {attempt}"))],
            };
        }
        if attempt > 1 {
            return vec![inside(step, &format!("attempt {attempt}"))];
        }
        self.began.insert(step.clone(), at);
        let mut lines = self.release(None);
        lines.extend(self.heading(started.group.as_ref()));
        let head = self.head(step, &started.title);
        if self.plan {
            self.held = Some(Held::new(head));
        } else {
            lines.push(head);
        }
        lines
    }

    fn step_finished(&mut self, finished: &StepFinished, at: Moment) -> Vec<String> {
        let (step, changes) = (&finished.step, finished.changes);
        if !plan::is_step(step) && (changes == 0 || self.plan) {
            return Vec::new();
        }
        let what = if self.plan { "" } else { "done, " };
        let took = self.took(step, at);
        let line = match changes {
            0 => self.paint.dim(&format!("{what}{NO_CHANGE}{took}")),
            _ => {
                let changes = summary::changes(u64::from(changes));
                self.paint.green(&format!("{what}{changes}{took}"))
            }
        };
        self.end(step, line)
    }

    /// How long a step of a run took, by its world's clock, from a second on.
    fn took(&mut self, step: &StepPath, at: Moment) -> String {
        let began = self.began.remove(step).filter(|_| !self.plan);
        let seconds = began.map_or(0, |began| at.0.saturating_sub(began.0) / 1000);
        match seconds {
            0 => String::new(),
            1..=119 => format!(" ({seconds} s)"),
            _ => format!(" ({} min)", seconds / 60),
        }
    }

    /// The line that ends a step, or a body of one.
    fn end(&mut self, step: &StepPath, line: String) -> Vec<String> {
        if self.plan && plan::is_step(step) {
            return self.release(Some(line));
        }
        vec![inside(step, &line)]
    }

    /// A step's first line: the how manyth of how many it is, id and title.
    fn head(&mut self, step: &StepPath, title: &str) -> String {
        let (all, come) = &mut self.steps;
        *come += 1;
        let id = self.paint.bold(&step.0);
        if *all == 0 || come > all {
            return format!("{id}  {title}");
        }
        let count = self.paint.dim(&format!("({come}/{all})"));
        format!("{id}  {title} {count}")
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

/// Whether an entry begins or ends a step: it isn't among what is held of one.
fn is_own(entry: &Entry) -> bool {
    match entry {
        Entry::RunStarted(_) | Entry::StepRecorded(_) | Entry::StepSkipped(_) => true,
        Entry::StepStarted(StepStarted { step, .. })
        | Entry::StepFinished(StepFinished { step, .. })
        | Entry::StepUnknown(StepUnknown { step, .. })
        | Entry::StepFailed(StepFailed { step, .. }) => plan::is_step(step),
        _ => false,
    }
}

/// A line below its step; a body of `parallel` says which one it is.
fn inside(step: &StepPath, line: &str) -> String {
    match step.0.split_once('/') {
        Some((_, key)) => format!("  [{key}] {line}"),
        None => format!("  {line}"),
    }
}
