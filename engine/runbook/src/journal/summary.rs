//! What the entries of a run add up to. Status is always computed, never stored.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Calls, Entry, IntentId, OperationKey, Read, Settlement, StepPath, Stored,
    entry::{Intent, RunFinished, RunStarted, Settled, StepFinished},
};
use crate::{
    failure::Failure,
    journal::{Plan, Selection, Status, Steps, action::Proof},
};

/// A step that is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Hash of its source and what it captured.
    pub fingerprint: String,
    /// What else it read.
    pub reads: Vec<Read>,
    /// Its value, tagged.
    pub value: Value,
}

/// An intent without an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// What was about to be done.
    pub begun: Intent,
    /// The task, if the answer that named it came.
    pub upid: Option<String>,
}

/// What the last invocation of a run did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Invocation {
    /// How it ended; nothing while it goes on, and if it was killed.
    pub status: Option<Status>,
    /// Whether it left steps out.
    pub partial: bool,
    /// What it was to run.
    pub selection: Selection,
    /// What became of steps.
    pub steps: Steps,
    /// How many actions were carried out, those included that an earlier one had begun.
    pub changes: u64,
    /// Operations whose actions were carried out.
    pub changed: BTreeSet<OperationKey>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// The state of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The runbook's name.
    pub runbook: String,
    /// The version that ran last.
    pub version: String,
    /// The runbook's file, relative to the lab.
    pub file: String,
    /// The world in words: `live`, `twin`, `via`.
    pub world: String,
    /// What the last invocation did.
    pub invocation: Invocation,
    /// Steps that are done.
    pub steps: BTreeMap<StepPath, Recorded>,
    /// Open intents, in order.
    pub open: BTreeMap<IntentId, Open>,
    /// Operations whose actions were carried out, in all steps.
    pub changed: BTreeSet<OperationKey>,
    /// Operations whose actions were carried out in steps that haven't ended well since.
    pub under_way: BTreeSet<OperationKey>,
    /// Answered questions.
    pub answers: BTreeMap<(StepPath, String), bool>,
    /// Nodes whose machines got their answer files.
    pub given: BTreeSet<String>,
    /// The plan that it keeps to.
    pub plan: Option<Plan>,
    /// Installations that weren't done when an earlier invocation's intents were settled, and may have gone on since.
    pub late: BTreeMap<OperationKey, IntentId>,
    /// What was asked of hosts, by step and host.
    pub asked: Calls,
    /// The number of the last intent.
    pub last_intent: u64,
    /// How many actions were carried out.
    pub changes: u64,
}

impl Summary {
    /// Adds up entries.
    #[must_use]
    pub fn of(entries: &[Stored]) -> Self {
        let mut summary = Self::default();
        entries.iter().for_each(|stored| summary.add(&stored.entry));
        summary
    }

    /// Whether all that the run was to do ended well.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.invocation.status == Some(Status::Succeeded)
    }

    /// Whether that was every step of the runbook.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_finished() && !self.invocation.partial
    }

    /// Adds what an older run recorded where this one recorded nothing.
    pub(crate) fn add_older(&mut self, older: Self) {
        for (step, recorded) in older.steps {
            self.steps.entry(step).or_insert(recorded);
        }
        for (step, calls) in older.asked {
            self.asked.entry(step).or_insert(calls);
        }
    }

    /// The operation of an intent that isn't closed, or is an installation that may have gone on since.
    pub(crate) fn operation_of(&self, intent: IntentId) -> Option<&OperationKey> {
        let open = self.open.get(&intent).map(|open| &open.begun.operation);
        let late = || self.late.iter().find(|(_, late)| **late == intent);
        open.or_else(|| late().map(|(operation, _)| operation))
    }

    /// Adds an entry to what there was before it.
    pub fn add(&mut self, entry: &Entry) {
        let counts = &mut self.invocation.steps;
        match entry {
            Entry::RunStarted(started) => self.add_start(started),
            Entry::Intent(begun) => self.add_intent(begun),
            Entry::Task(task) => {
                if let Some(open) = self.open.get_mut(&task.intent) {
                    open.upid = Some(task.upid.clone());
                }
            }
            Entry::Done(done) => self.close(done.intent, !done.unchanged),
            Entry::Refused(refused) => self.close(refused.intent, false),
            Entry::Settled(settled) => self.add_settled(settled),
            Entry::Given(given) => {
                self.given.insert(given.node.clone());
            }
            Entry::Answered(answered) => {
                let question = (answered.step.clone(), answered.question.clone());
                self.answers.insert(question, answered.answer);
            }
            Entry::StepStarted(started) => {
                // What runs again is not done any more.
                self.steps.remove(&started.step);
            }
            Entry::StepFinished(finished) => self.add_step(finished),
            Entry::StepRecorded(_) => counts.recorded += 1,
            Entry::StepSkipped(_) => counts.skipped += 1,
            Entry::StepUnknown(_) => counts.unknown += 1,
            Entry::StepFailed(failed) if !failed.step.is_body() => {
                counts.failed += 1;
                self.invocation.failure = Some((*failed.failure).clone());
            }
            Entry::Asked(asked) => self.asked.extend(asked.calls.clone()),
            Entry::RunFinished(finished) => self.add_end(finished),
            Entry::StepFailed(_)
            | Entry::OperationStarted(_)
            | Entry::OperationFinished(_)
            | Entry::Measured(_)
            | Entry::Learned(_)
            | Entry::Unclear(_)
            | Entry::Note(_) => {}
        }
    }

    fn add_start(&mut self, started: &RunStarted) {
        if let Some(plan) = &started.plan {
            self.plan = Some((**plan).clone());
        }
        self.runbook.clone_from(&started.runbook);
        self.version.clone_from(&started.version);
        self.file.clone_from(&started.file);
        self.world.clone_from(&started.world);
        // A no lasts once its step ended well; the resume of any other asks again.
        let steps = &self.steps;
        self.answers
            .retain(|(step, _), answer| *answer || steps.keys().any(|done| step.is_within(done)));
        self.invocation = Invocation {
            selection: started.selection.clone(),
            ..Invocation::default()
        };
    }

    fn add_end(&mut self, finished: &RunFinished) {
        let invocation = &mut self.invocation;
        invocation.status = Some(finished.status);
        invocation.partial = finished.partial;
        if let Some(failure) = &finished.failure {
            invocation.failure = Some((**failure).clone());
        }
    }

    fn add_step(&mut self, finished: &StepFinished) {
        let step = &finished.step;
        let recorded = Recorded {
            fingerprint: finished.fingerprint.clone(),
            reads: finished.reads.clone(),
            value: finished.value.clone(),
        };
        self.steps.insert(step.clone(), recorded);
        self.under_way
            .retain(|operation| !operation.step.is_within(step));
        if !step.is_body() {
            self.invocation.steps.done += 1;
        }
    }

    fn add_intent(&mut self, begun: &Intent) {
        // Bodies that run at the same time may write theirs in another order than that of their numbers.
        self.last_intent = self.last_intent.max(begun.intent.0);
        let open = Open {
            begun: begun.clone(),
            upid: None,
        };
        self.open.insert(begun.intent, open);
    }

    fn add_settled(&mut self, settled: &Settled) {
        match settled.settlement {
            Settlement::Done => self.close(settled.intent, true),
            Settlement::NotDone(_) => {
                self.keep_late(settled.intent);
                self.close(settled.intent, false);
            }
            Settlement::InDoubt(_) => {}
        }
    }

    fn close(&mut self, intent: IntentId, done: bool) {
        let operation = self.operation_of(intent).cloned();
        self.open.remove(&intent);
        if !done {
            return;
        }
        self.changes += 1;
        self.invocation.changes += 1;
        if let Some(operation) = operation {
            self.late.remove(&operation);
            self.changed.insert(operation.clone());
            self.under_way.insert(operation.clone());
            self.invocation.changed.insert(operation);
        }
    }

    /// Remembers an installation that isn't done: the machine's installer works on, whoever waits for it.
    fn keep_late(&mut self, intent: IntentId) {
        if let Some(Open { begun, .. }) = self.open.get(&intent)
            && matches!(*begun.proof, Proof::Installed { .. })
        {
            self.late.insert(begun.operation.clone(), intent);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use world::{Confidence, clock::Moment};

    use super::*;
    use crate::journal::{
        action::{Action, Change},
        entry::Done,
    };

    fn stored(entry: impl Into<Entry>) -> Stored {
        Stored {
            at: Moment(0),
            entry: entry.into(),
            sealed: None,
        }
    }

    fn settled(settlement: Settlement) -> Stored {
        stored(Settled {
            intent: IntentId(1),
            settlement,
        })
    }

    #[test]
    fn an_installation_that_went_on_after_a_kill_counts_once() {
        let operation = OperationKey {
            step: StepPath("install".to_owned()),
            function: "proxmox::node::install".to_owned(),
            resource: "node a".to_owned(),
            nth: 0,
        };
        let intent = stored(Intent {
            intent: IntentId(1),
            operation: operation.clone(),
            action: Box::new(Action::Install {
                node: "a".to_owned(),
                answer: String::new(),
            }),
            proof: Box::new(Proof::Installed {
                node: "a".to_owned(),
            }),
            change: Change::create("node a", json!({})),
            confidence: Confidence::Read,
        });
        let silent = settled(Settlement::NotDone("a doesn't answer yet".to_owned()));
        let mut entries = vec![intent, silent];
        let summary = Summary::of(&entries);
        assert_eq!((summary.changes, summary.late.len()), (0, 1));
        entries.push(settled(Settlement::Done));
        let summary = Summary::of(&entries);
        assert_eq!((summary.changes, summary.late.len()), (1, 0));
        assert!(summary.changed.contains(&operation));
    }

    fn begun(intent: u64) -> Entry {
        let key = OperationKey {
            step: StepPath("a".to_owned()),
            function: "host::file".to_owned(),
            resource: format!("file {intent}"),
            nth: 0,
        };
        let begun = Intent {
            intent: IntentId(intent),
            operation: key,
            action: Box::new(Action::Install {
                node: "a".to_owned(),
                answer: String::new(),
            }),
            proof: Box::new(Proof::Repeatable),
            change: Change::create("file", json!({})),
            confidence: Confidence::Read,
        };
        begun.into()
    }

    fn done(intent: u64, unchanged: bool) -> Entry {
        let intent = IntentId(intent);
        Done { unchanged, intent }.into()
    }

    fn started() -> Entry {
        let started = RunStarted {
            runbook: "a".to_owned(),
            version: "1.0.0".to_owned(),
            file: "a.rhai".to_owned(),
            sources: BTreeMap::new(),
            continued: false,
            steps: None,
            began: None,
            world: "twin".to_owned(),
            selection: Selection::default(),
            plan: None,
        };
        started.into()
    }

    #[test]
    fn what_turned_out_unchanged_is_no_change() {
        let mut summary = Summary::default();
        for entry in [begun(2), begun(1), done(2, true), done(1, false)] {
            summary.add(&entry);
        }
        assert_eq!((summary.changes, summary.invocation.changes), (1, 1));
        assert_eq!(summary.changed.len(), 1);
        // Whatever the order in which bodies write, the next number is a new one.
        assert_eq!(summary.last_intent, 2);
    }

    #[test]
    fn an_invocation_counts_what_it_did_and_settled() {
        let mut summary = Summary::default();
        for entry in [started(), begun(1), done(1, false), begun(2), started()] {
            summary.add(&entry);
        }
        assert_eq!((summary.changes, summary.invocation.changes), (1, 0));
        let settled = Settled {
            intent: IntentId(2),
            settlement: Settlement::Done,
        };
        summary.add(&settled.into());
        assert_eq!((summary.changes, summary.invocation.changes), (2, 1));
        assert!(summary.open.is_empty() && summary.invocation.changed.len() == 1);
    }
}
