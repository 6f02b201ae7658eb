//! A terminal: the same lines, and below them what runs now, with the percentages of tasks.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use runbook::{
    event::{Event, Progress, Sink},
    journal::{
        Entry, StepPath,
        entry::{OperationStarted, StepFailed, StepFinished, StepStarted, StepUnknown},
    },
};

use super::{Pager, Paint, Screen, text::Text};
use crate::settings::Style;

/// How often a spinner turns.
const TURN: Duration = Duration::from_millis(100);

/// Prints events on a terminal.
pub(crate) struct Bars {
    all: MultiProgress,
    /// Takes the lines, where a pager shows them in the end.
    pager: Option<Pager>,
    state: Mutex<State>,
}

struct State {
    text: Text,
    running: BTreeMap<String, ProgressBar>,
}

impl Bars {
    /// Bars on standard output.
    pub(crate) fn new() -> Self {
        Self::with(Text::new(Paint::new(Style::Terminal)), None)
    }

    /// The same for the lines of a text, which a pager may take.
    pub(crate) fn with(text: Text, pager: Option<Pager>) -> Self {
        Self {
            all: MultiProgress::with_draw_target(ProgressDrawTarget::stdout()),
            pager,
            state: Mutex::new(State {
                text,
                running: BTreeMap::new(),
            }),
        }
    }

    fn follow(&self, running: &mut BTreeMap<String, ProgressBar>, entry: &Entry) {
        match entry {
            Entry::StepStarted(StepStarted { step, .. }) => {
                let bar = self
                    .all
                    .add(ProgressBar::new_spinner().with_style(spinner()));
                bar.set_prefix(step.to_string());
                bar.enable_steady_tick(TURN);
                if let Some(before) = running.insert(step.to_string(), bar) {
                    before.finish_and_clear();
                }
            }
            Entry::OperationStarted(OperationStarted { operation }) => {
                if let Some(bar) = running.get(&operation.step.to_string()) {
                    bar.set_message(format!("{} {}", operation.function, operation.resource));
                }
            }
            Entry::StepFinished(StepFinished { step, .. })
            | Entry::StepFailed(StepFailed { step, .. })
            | Entry::StepUnknown(StepUnknown { step, .. }) => end(running, step),
            _ => {}
        }
    }
}

/// Ends the bar of a step, and those of its bodies that didn't come to an end of their own.
fn end(running: &mut BTreeMap<String, ProgressBar>, step: &StepPath) {
    running.retain(|path, bar| {
        let within = StepPath(path.clone()).is_within(step);
        if within {
            bar.finish_and_clear();
        }
        !within
    });
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {prefix:.bold}  {wide_msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn message(progress: &Progress) -> String {
    let percent = progress.percent.map(|percent| format!(" {percent:.0} %"));
    let line = progress.line.as_deref().map(|line| format!(": {line}"));
    format!(
        "{}{}{}",
        progress.operation,
        percent.unwrap_or_default(),
        line.unwrap_or_default()
    )
}

impl Sink for Bars {
    fn take(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        match event {
            Event::Recorded { stored, .. } => self.follow(&mut state.running, &stored.entry),
            Event::Progress(progress) => {
                if let Some(bar) = state.running.get(&progress.step) {
                    bar.set_message(message(progress));
                }
            }
            Event::Finished(_) => {
                for bar in std::mem::take(&mut state.running).into_values() {
                    bar.finish_and_clear();
                }
            }
        }
        for line in state.text.lines(event) {
            match &self.pager {
                Some(pager) => pager.take(&line),
                // A terminal that went away is no failure of the run's.
                None => drop(self.all.println(line)),
            }
        }
    }
}

impl Screen for Bars {
    fn pause(&self, ask: &mut dyn FnMut()) {
        self.all.suspend(ask);
    }
}
