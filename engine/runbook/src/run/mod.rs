//! A run: one execution of a runbook in one world. Holds what every body of it shares.

pub mod body;
mod convert;
mod course;
mod declare;
pub mod event;
pub mod execute;
mod foreseen;
pub mod gate;
pub mod language;
pub mod listed;
mod monitor;
pub mod options;
mod options_of;
mod parallel;
mod plan;
mod preflight;
pub(crate) mod question;
mod reads;
mod step;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use world::{
    World, code, docs::Docs, host::Foresight, install::Machine, proxmox::Api, redact::Redact,
    secret::Redactor,
};

use crate::{
    failure::{Class, Failure},
    journal::{
        Calls, Entry, Fact, Figures, Group, IntentId, JournalError, OperationKey, RunId, Sealed,
        SharedJournal, StepPath, Stored, Summary, entry::Note, keyed_hash,
    },
    run::{
        event::{Event, Progress, Sink, is_event},
        gate::Gate,
        listed::{Declared, Listed, Mode},
        options::{Environment, Options, Questions},
        plan::Expected,
    },
    script::Script,
};

/// What every body of a run shares.
pub struct Run {
    /// The world it runs in.
    pub world: World,
    /// The Proxmox VE API of that world.
    pub api: Arc<Api>,
    /// The lab's facts.
    pub docs: Arc<Docs>,
    /// The lab's folder. What lies there beside the operator's own files is the same in every world.
    pub lab: PathBuf,
    /// The compiled runbook and its modules.
    pub script: Arc<Script>,
    /// What the command line chose.
    pub options: Options,
    /// Values of the environment.
    pub environment: Arc<dyn Environment>,
    /// Answers questions.
    pub questions: Arc<dyn Questions>,
    /// Removes secrets from all that is recorded or shown.
    pub redactor: Redactor,
    /// Cancelled by Ctrl-C.
    pub cancel: CancellationToken,
    /// The runtime on which operations wait.
    pub handle: Handle,
    /// The hosts of the world, with what is known of them; the world's own port is this one.
    pub(crate) foresight: Arc<Foresight>,
    pub(crate) journal: SharedJournal,
    pub(crate) group: Group,
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) key: Vec<u8>,
    pub(crate) state: Mutex<State>,
}

/// What changes while a run goes on.
#[derive(Default)]
pub(crate) struct State {
    /// The run's id in its journal; 0 until it has begun.
    pub(crate) id: RunId,
    pub(crate) mode: Mode,
    pub(crate) declared: Declared,
    pub(crate) listed: Vec<Listed>,
    /// The unfinished run that this invocation goes on with.
    pub(crate) continued: Option<RunId>,
    /// What this run has done, earlier invocations included.
    pub(crate) summary: Summary,
    /// What it had done when this invocation began: what that one does meanwhile stands in for nothing.
    pub(crate) before: Summary,
    /// The last run of the runbook in this world whose values may stand in.
    pub(crate) last: Option<Summary>,
    pub(crate) seen: BTreeMap<String, String>,
    pub(crate) group: Option<String>,
    pub(crate) from_reached: bool,
    pub(crate) until_passed: bool,
    /// What a saved plan contains and hasn't happened yet.
    pub(crate) expected: Option<Expected>,
    pub(crate) intents: u64,
    pub(crate) notes: BTreeSet<String>,
    /// The machines that got answer files in this invocation, by the nodes that they become.
    pub(crate) machines: BTreeMap<String, Machine>,
    /// What this invocation learned; the same isn't recorded twice.
    pub(crate) learned: BTreeSet<(OperationKey, Fact)>,
    /// What earlier runs measured, once something was measured in this one.
    pub(crate) measured: Option<Arc<Earlier>>,
    /// What this invocation asked of hosts.
    pub(crate) asked: Calls,
}

impl Run {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an entry that may wait for the next durable one.
    pub(crate) fn note_entry(&self, entry: impl Into<Entry>) {
        let stored = self.stamp(entry);
        self.group.add(stored.clone());
        self.take(self.id(), stored);
    }

    /// Appends an entry, and all that waited, durably.
    ///
    /// # Errors
    /// The journal can't be written; nothing may then be done in the world.
    pub(crate) fn record(&self, entry: impl Into<Entry>) -> Result<(), Failure> {
        let stored = self.stamp(entry);
        let id = self.id();
        let append = Append {
            run: self,
            entry: &stored.entry,
        };
        self.gate.pass(&format_args!("before {append}"));
        let number = self.group.add(stored.clone());
        self.group
            .commit(number, |entries| self.journal.append(id, entries))
            .map_err(journal_failure)?;
        self.gate.pass(&format_args!("after {append}"));
        self.take(id, stored);
        Ok(())
    }

    pub(crate) fn stamp(&self, entry: impl Into<Entry>) -> Stored {
        let mut stored = Stored {
            at: self.world.clock.now(),
            entry: entry.into(),
            sealed: None,
        };
        self.mask(&mut stored);
        stored
    }

    /// Masks the secrets of an entry; what a later invocation needs as it was is kept sealed.
    fn mask(&self, stored: &mut Stored) {
        if self.redactor.is_empty() {
            return;
        }
        let text = serde_json::to_string(&stored.entry).expect("an entry is data");
        // Almost nothing holds a secret; a text is searched faster than a value is taken apart.
        if !self.redactor.finds(&text) {
            return;
        }
        let entry = self.redact(stored.entry.clone());
        if entry != stored.entry && entry.is_needed_again() {
            stored.sealed = Some(Sealed::new(&self.key, text.as_bytes()));
        }
        stored.entry = entry;
    }

    /// Adds an entry to what the run has done, and shows it.
    pub(crate) fn take(&self, run: RunId, stored: Stored) {
        let plain = stored.plain(&self.key);
        let plain = plain.expect("a run's key opens what the run sealed");
        self.state().summary.add(&plain);
        if is_event(&stored.entry) {
            self.sink.take(&Event::Recorded { run, stored });
        }
    }

    pub(crate) fn progress(&self, progress: Progress) {
        self.sink
            .take(&Event::Progress(progress_line(progress, &self.redactor)));
    }

    /// A note for the reader, once per run.
    pub fn remark(&self, step: Option<StepPath>, text: impl Into<String>) {
        let text = text.into();
        let mut state = self.state();
        let is_new = state.mode == Mode::Run && state.notes.insert(text.clone());
        drop(state);
        if is_new {
            self.note_entry(Note { step, text });
        }
    }

    /// A line that a script prints.
    pub(crate) fn say(&self, step: Option<StepPath>, text: &str) {
        if self.state().mode == Mode::Run {
            self.note_entry(Note {
                step,
                text: text.to_owned(),
            });
        }
    }

    /// The same without secrets in its free text.
    pub(crate) fn redact<T: Redact>(&self, mut value: T) -> T {
        value.redact(&self.redactor);
        value
    }

    /// A keyed hash in hexadecimal: equal for equal values in one journal, and telling nothing about them.
    #[must_use]
    pub fn hash(&self, value: &[u8]) -> String {
        keyed_hash(&self.key, value)
    }

    /// What a failure comes from, if it's that the world is gone: a twin was reset, or isn't served any more.
    pub(crate) fn gone(&self, failure: &Failure) -> Option<Failure> {
        if failure.class == Class::Interrupted {
            return None;
        }
        let gone = self.handle.block_on(self.world.lease.present()).err()?;
        Some(Failure::from(gone).cause(failure.message.clone()))
    }

    /// The run's id in its journal.
    #[must_use]
    pub fn id(&self) -> RunId {
        self.state().id
    }

    pub(crate) fn next_intent(&self) -> IntentId {
        let mut state = self.state();
        state.intents += 1;
        IntentId(state.intents)
    }

    /// Fails if the user has interrupted the run.
    pub(crate) fn check_interrupted(&self) -> Result<(), Failure> {
        if self.cancel.is_cancelled() {
            return Err(interrupted());
        }
        Ok(())
    }
}

fn progress_line(mut progress: Progress, redactor: &Redactor) -> Progress {
    progress.line = progress.line.map(|line| redactor.redact(&line));
    progress
}

/// The failure of an interrupted run.
#[must_use]
pub(crate) fn interrupted() -> Failure {
    Failure::new(code::run::interrupted, "the run was interrupted")
        .class(Class::Interrupted)
        .help("`homelab run` with the same runbook goes on where it stopped")
}

/// A journal's error as a failure.
#[must_use]
pub(crate) fn journal_failure(error: JournalError) -> Failure {
    let help = error.help();
    Failure::of(error.code(), &error).help(help)
}

/// An append to the journal: the entry's name, and the function that it's about.
pub(crate) struct Append<'a> {
    pub(crate) run: &'a Run,
    pub(crate) entry: &'a Entry,
}

impl fmt::Display for Append<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "append {}", self.entry.kind())?;
        let state = self.run.state();
        let operation = match self.entry {
            Entry::Intent(begun) => Some(&begun.operation),
            Entry::Given(given) => Some(&given.operation),
            Entry::Measured(measured) => Some(&measured.operation),
            Entry::Task(task) => state.summary.operation_of(task.intent),
            Entry::Refused(refused) => state.summary.operation_of(refused.intent),
            Entry::Settled(settled) => state.summary.operation_of(settled.intent),
            _ => None,
        };
        operation.map_or(Ok(()), |operation| write!(f, " {}", operation.function))
    }
}

/// The newest figures of earlier runs, by function and resource.
pub(crate) type Earlier = BTreeMap<(String, String), (RunId, Figures)>;
