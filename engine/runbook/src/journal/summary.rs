//! What the entries of a run add up to. Status is always computed, never stored.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Calls, Entry, IntentId, OperationKey, Read, Settlement, StepPath, Stored,
    entry::{Intent, RunStarted, Settled, StepFinished},
};
use crate::{
    action::{Action, Change, Proof},
    event::Status,
    plan::Plan,
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
    /// Its number.
    pub intent: IntentId,
    /// The operation.
    pub operation: OperationKey,
    /// The action.
    pub action: Action,
    /// Its proof.
    pub proof: Proof,
    /// What it changes.
    pub change: Change,
    /// The task, if the answer that named it came.
    pub upid: Option<String>,
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
    /// How the last invocation ended; nothing if it was killed.
    pub status: Option<Status>,
    /// Whether the last invocation left steps out.
    pub partial: bool,
    /// Steps that are done.
    pub steps: BTreeMap<StepPath, Recorded>,
    /// Open intents, in order.
    pub open: Vec<Open>,
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
        let mut operations = BTreeMap::new();
        for stored in entries {
            summary.add(&stored.entry, &mut operations);
        }
        summary
    }

    /// Whether every step of the run ended well and nothing is left to do.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.status == Some(Status::Succeeded) && !self.partial
    }

    fn add(&mut self, entry: &Entry, operations: &mut BTreeMap<IntentId, OperationKey>) {
        match entry {
            Entry::RunStarted(started) => self.add_start(started),
            Entry::Intent(begun) => self.add_intent(begun, operations),
            Entry::Task(task) => {
                let mut open = self.open.iter_mut();
                if let Some(open) = open.find(|open| open.intent == task.intent) {
                    open.upid = Some(task.upid.clone());
                }
            }
            Entry::Done(done) => self.close(done.intent, !done.unchanged, operations),
            Entry::Refused(refused) => self.close(refused.intent, false, operations),
            Entry::Settled(settled) => self.add_settled(settled, operations),
            Entry::Given(given) => {
                self.given.insert(given.node.clone());
            }
            Entry::Answered(answered) => {
                let question = (answered.step.clone(), answered.question.clone());
                self.answers.insert(question, answered.answer);
            }
            Entry::StepFinished(finished) => self.add_step(finished),
            Entry::StepStarted(started) => {
                // What runs again is not done any more.
                self.steps.remove(&started.step);
            }
            Entry::Asked(asked) => self.asked.extend(asked.calls.clone()),
            Entry::RunFinished(finished) => {
                self.status = Some(finished.status);
                self.partial = finished.partial;
            }
            _ => {}
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
        self.status = None;
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
            .retain(|operation| operation.step != *step && operation.step.step() != step.0);
    }

    fn add_intent(&mut self, begun: &Intent, operations: &mut BTreeMap<IntentId, OperationKey>) {
        self.last_intent = begun.intent.0;
        operations.insert(begun.intent, begun.operation.clone());
        self.open.push(Open {
            intent: begun.intent,
            operation: begun.operation.clone(),
            action: (*begun.action).clone(),
            proof: (*begun.proof).clone(),
            change: begun.change.clone(),
            upid: None,
        });
    }

    fn add_settled(&mut self, settled: &Settled, operations: &BTreeMap<IntentId, OperationKey>) {
        match settled.settlement {
            Settlement::Done => self.close(settled.intent, true, operations),
            Settlement::NotDone(_) => {
                self.keep_late(settled.intent);
                self.close(settled.intent, false, operations);
            }
            Settlement::InDoubt(_) => {}
        }
    }

    /// Notes that an action of an operation was carried out.
    pub(crate) fn carried_out(&mut self, operation: Option<&OperationKey>) {
        self.changed.extend(operation.cloned());
        self.under_way.extend(operation.cloned());
    }

    fn close(
        &mut self,
        intent: IntentId,
        done: bool,
        operations: &BTreeMap<IntentId, OperationKey>,
    ) {
        self.open.retain(|open| open.intent != intent);
        if done {
            self.changes += 1;
            if let Some(operation) = operations.get(&intent) {
                self.late.remove(operation);
            }
            self.carried_out(operations.get(&intent));
        }
    }

    /// Remembers an installation that isn't done: the machine's installer works on, whoever waits for it.
    pub(crate) fn keep_late(&mut self, intent: IntentId) {
        let open = self.open.iter().find(|open| open.intent == intent);
        if let Some(open) = open.filter(|open| matches!(open.proof, Proof::Installed { .. })) {
            self.late.insert(open.operation.clone(), intent);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use world::{Confidence, clock::Moment};

    use super::*;

    fn stored(entry: impl Into<Entry>) -> Stored {
        Stored {
            at: Moment(0),
            entry: entry.into(),
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
}
