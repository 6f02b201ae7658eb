//! What the journal holds.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use world::{Confidence, clock::Moment, host::Call};

use crate::{
    action::{Action, Change, Proof},
    failure::Failure,
    learn::Fact,
    plan::Plan,
};

/// Identifies a run in its journal; counts up from 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .map(Self)
            .map_err(|_| "a run is a number; `homelab runs` lists them".to_owned())
    }
}

/// Identifies an intent within its run; counts up from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(pub u64);

/// A step's id, or `STEP/KEY` for a body of `parallel`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepPath(pub String);

impl StepPath {
    /// The path of a body of `parallel` in this step.
    #[must_use]
    pub fn child(&self, key: &str) -> Self {
        Self(format!("{}/{key}", self.0))
    }

    /// The step's id, without the keys of parallel bodies.
    #[must_use]
    pub fn step(&self) -> &str {
        self.0.split('/').next().unwrap_or(&self.0)
    }

    /// Whether this is `step` itself or a body in it.
    #[must_use]
    pub fn is_within(&self, step: &Self) -> bool {
        self == step
            || self
                .0
                .strip_prefix(&step.0)
                .is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which call of an operation: by step, function and resource, and the how-manieth such call of its step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationKey {
    /// The step.
    pub step: StepPath,
    /// The script function: `proxmox::storage::ensure`.
    pub function: String,
    /// The resource: `storage nas`.
    pub resource: String,
    /// 0 for the first call with the same step, function and resource.
    pub nth: u32,
}

/// Something a step read that isn't the world: a docs cell, the shape of a table, an environment name, an argument.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Read {
    /// What was read: `fact HARDWARE/Nodes/pve1/address`, `env CLUSTER_NAME`.
    pub what: String,
    /// SHA-256 of the value, keyed with the journal's key, in hexadecimal.
    pub hash: String,
}

/// How an open intent was settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "was", content = "why")]
pub enum Settlement {
    /// It was carried out.
    Done,
    /// It wasn't, and can't be any more.
    NotDone(String),
    /// It can't be known.
    InDoubt(String),
}

/// What was asked of hosts: by the step's id and the host's name, in the order in which it was asked.
pub type Calls = BTreeMap<String, BTreeMap<String, Vec<Call>>>;

/// An entry and its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// When it was written, by the world's clock.
    pub at: Moment,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What happened in a run. Entries come first, events are derived from them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "entry")]
pub enum Entry {
    /// The run began, or was continued: what is executed from here on.
    RunStarted {
        /// The runbook's name.
        runbook: String,
        /// Its version.
        version: String,
        /// Its file, relative to the lab.
        file: String,
        /// The sources that are executed, by file name.
        sources: BTreeMap<String, String>,
        /// Whether an earlier invocation began this run.
        continued: bool,
        /// Where it runs: `live`, `twin`, `via`; with `plan: ` before it for a preview.
        world: String,
        /// The plan that it keeps to, from here on also when it's resumed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<Box<Plan>>,
    },
    /// A step's body begins.
    StepStarted {
        /// The step.
        step: StepPath,
        /// Its title.
        title: String,
        /// The group that it's in.
        group: Option<String>,
        /// 1 for the first attempt.
        attempt: u32,
    },
    /// An operation begins.
    OperationStarted {
        /// Which one.
        operation: OperationKey,
    },
    /// An action is about to be carried out.
    Intent {
        /// Its number.
        intent: IntentId,
        /// The operation.
        operation: OperationKey,
        /// The action.
        action: Box<Action>,
        /// How to find out whether it happened.
        proof: Box<Proof>,
        /// What it changes.
        change: Change,
        /// How sure the prediction is, in a plan.
        confidence: Confidence,
    },
    /// The action's answer is a task.
    Task {
        /// The intent.
        intent: IntentId,
        /// The task.
        upid: String,
    },
    /// A machine got its answer file: it isn't given a second time in this run.
    Given {
        /// The operation that had it ready.
        operation: OperationKey,
        /// The node that the machine becomes.
        node: String,
        /// The machine: MAC addresses, serial number, product.
        machine: String,
    },
    /// An operation measured something.
    Measured {
        /// The operation.
        operation: OperationKey,
        /// The figures by their names, which say the unit: `read_bytes_per_second`.
        figures: BTreeMap<String, f64>,
    },
    /// An operation saw something of the world that docs have a place for.
    Learned {
        /// The operation.
        operation: OperationKey,
        /// What it saw, and the cell that it belongs to.
        fact: Fact,
    },
    /// The action was carried out; where it's a task, it ended well.
    Done {
        /// Whether it turned out that nothing was changed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unchanged: bool,
        /// The intent.
        intent: IntentId,
    },
    /// The action was refused, or its task failed.
    Refused {
        /// The intent.
        intent: IntentId,
        /// Why.
        why: String,
    },
    /// An intent that an earlier invocation left open was settled.
    Settled {
        /// The intent.
        intent: IntentId,
        /// How.
        settlement: Settlement,
    },
    /// A change that a plan can't describe, since its arguments aren't known yet.
    Unclear {
        /// The operation.
        operation: OperationKey,
        /// Why.
        confidence: Confidence,
    },
    /// An operation ended.
    OperationFinished {
        /// Which one.
        operation: OperationKey,
        /// How many actions it carried out.
        changes: u32,
    },
    /// A question was answered.
    Answered {
        /// The step.
        step: StepPath,
        /// The question.
        question: String,
        /// The answer.
        answer: bool,
        /// Who answered: `terminal`, `--yes`, `twin`, `plan`.
        by: String,
    },
    /// A line for the reader: what a script printed, what a preview assumed.
    Note {
        /// The step, if within one.
        step: Option<StepPath>,
        /// The line.
        text: String,
    },
    /// A step's body ended.
    StepFinished {
        /// The step.
        step: StepPath,
        /// Its title.
        title: String,
        /// Hash of its source and what it captured.
        fingerprint: String,
        /// What else it read.
        reads: Vec<Read>,
        /// Its return value, tagged.
        value: Value,
        /// Changes in this step by this invocation.
        changes: u32,
    },
    /// A step wasn't run; its recorded value stands in.
    StepRecorded {
        /// The step.
        step: StepPath,
        /// Its title.
        title: String,
    },
    /// A step was left out.
    StepSkipped {
        /// The step.
        step: StepPath,
        /// Its title.
        title: String,
        /// Why: `when`, `--skip`.
        why: String,
    },
    /// A plan can't go on in this step: it needs a value that isn't known yet.
    StepUnknown {
        /// The step.
        step: StepPath,
        /// Its title.
        title: String,
        /// What is unknown, and where it's needed.
        failure: Box<Failure>,
    },
    /// A step failed.
    StepFailed {
        /// The step.
        step: StepPath,
        /// Its title.
        title: String,
        /// Why.
        failure: Box<Failure>,
    },
    /// What the invocation asked of hosts: the next one asks it ahead.
    Asked {
        /// By step and host, each call once, in the order in which they were asked.
        calls: Calls,
    },
    /// The invocation ended.
    RunFinished {
        /// How.
        status: crate::event::Status,
        /// Whether the command line left steps out, so that a later invocation goes on with this run.
        #[serde(default)]
        partial: bool,
        /// Why, if it failed outside a step.
        failure: Option<Box<Failure>>,
    },
}
