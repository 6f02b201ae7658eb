//! What the journal holds.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use world::{Confidence, clock::Moment, host::Call, redact::Redact, secret::Redactor};

use super::{IntentId, OperationKey, Sealed, StepPath};
use crate::{
    failure::Failure,
    journal::{
        Fact, Plan, Selection, Status,
        action::{Action, Change, Proof},
    },
};

/// Something a step read that isn't the world: a docs cell, the shape of a table, an environment name, an argument.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Read {
    /// What was read: `fact HARDWARE/Nodes/pve1/address`, `env CLUSTER_NAME`.
    pub what: String,
    /// SHA-256 of the value, keyed with the journal's key, in hexadecimal.
    pub hash: String,
}

/// How an open intent was settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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

/// Figures by their names, which say the unit: `read_bytes_per_second`.
pub type Figures = BTreeMap<String, f64>;

/// An entry and its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// When it was written, by the world's clock.
    pub at: Moment,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
    /// The entry as it was before its secrets were masked, where a later invocation needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

impl Stored {
    /// The entry as it was before its secrets were masked; nothing if it was sealed with another key.
    pub(crate) fn plain(&self, key: &[u8]) -> Option<Cow<'_, Entry>> {
        match &self.sealed {
            None => Some(Cow::Borrowed(&self.entry)),
            Some(sealed) => serde_json::from_slice(&sealed.open(key)?)
                .ok()
                .map(Cow::Owned),
        }
    }
}

/// An enum of the structs below, and their names in journals and events.
macro_rules! entries {
    ($($entry:ident = $kind:literal,)*) => {
        /// What happened in a run. Entries come first, events are derived from them.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "entry")]
        pub enum Entry {
            $(#[doc = concat!("See [`", stringify!($entry), "`].")] #[serde(rename = $kind)] $entry($entry),)*
        }

        impl Entry {
            /// The names of all kinds, as journals have them.
            pub const KINDS: &[&str] = &[$($kind),*];

            /// The name of its kind.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$entry(_) => $kind,)*
                }
            }

            /// The schema of each kind.
            pub(crate) fn schemas(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
                vec![$(($kind, $entry::json_schema(generator))),*]
            }
        }

        impl Redact for Entry {
            fn redact(&mut self, redactor: &Redactor) {
                match self {
                    $(Self::$entry(entry) => entry.redact(redactor),)*
                }
            }
        }

        $(impl From<$entry> for Entry {
            fn from(entry: $entry) -> Self {
                Self::$entry(entry)
            }
        })*
    };
}

entries! {
    RunStarted = "run_started",
    Settled = "settled",
    StepStarted = "step_started",
    OperationStarted = "operation_started",
    Intent = "intent",
    Task = "task",
    Given = "given",
    Measured = "measured",
    Learned = "learned",
    Done = "done",
    Refused = "refused",
    Unclear = "unclear",
    OperationFinished = "operation_finished",
    Answered = "answered",
    Note = "note",
    StepFinished = "step_finished",
    StepRecorded = "step_recorded",
    StepSkipped = "step_skipped",
    StepUnknown = "step_unknown",
    StepFailed = "step_failed",
    Asked = "asked",
    RunFinished = "run_finished",
}

impl Entry {
    /// Whether a later invocation compares or sends what stands in it.
    pub(crate) const fn is_needed_again(&self) -> bool {
        matches!(
            self,
            Self::RunStarted(_) | Self::Intent(_) | Self::StepFinished(_) | Self::Answered(_)
        )
    }
}

/// An invocation begins: what is executed from here on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunStarted {
    /// The runbook's name.
    pub runbook: String,
    /// Its version.
    pub version: String,
    /// Its file, relative to the lab.
    pub file: String,
    /// The sources that are executed, by file name.
    #[schemars(skip)]
    pub sources: BTreeMap<String, String>,
    /// Whether an earlier invocation began this run.
    pub continued: bool,
    /// How many steps the runbook has, as far as that is known before they run; older journals don't say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Where it runs: `live`, `twin`, `via`; with `plan: ` before it for a preview.
    pub world: String,
    /// When it began, by the clock of the machine that homelab runs on; a twin's shows another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u64>")]
    pub began: Option<Moment>,
    /// What it runs, from here on also when it's resumed.
    #[serde(default, skip_serializing_if = "Selection::is_empty")]
    pub selection: Selection,
    /// The plan that it keeps to, from here on also when it's resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub plan: Option<Box<Plan>>,
}

/// A step's body begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepStarted {
    /// The step.
    pub step: StepPath,
    /// Its title.
    pub title: String,
    /// The group that it's in.
    pub group: Option<String>,
    /// 1 for the first attempt.
    pub attempt: u32,
}

/// An operation begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationStarted {
    /// Which one.
    pub operation: OperationKey,
}

/// An action is about to be carried out; in a plan: would be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Intent {
    /// Its number.
    pub intent: IntentId,
    /// The operation.
    pub operation: OperationKey,
    /// The request or the host's call, without secrets.
    #[schemars(with = "Value")]
    pub action: Box<Action>,
    /// How it's found out later whether the action was carried out.
    #[schemars(with = "Value")]
    pub proof: Box<Proof>,
    /// What it changes.
    pub change: Change,
    /// How sure the prediction is, in a plan.
    pub confidence: Confidence,
}

/// The action's answer is a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// The intent.
    pub intent: IntentId,
    /// The task.
    pub upid: String,
}

/// A machine got its answer file: it isn't given a second time in this run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Given {
    /// The operation that had it ready.
    pub operation: OperationKey,
    /// The node that the machine becomes.
    pub node: String,
    /// The machine: MAC addresses, serial number, product.
    pub machine: String,
}

/// An operation measured something; it's kept, and compared with the next time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// The operation.
    pub operation: OperationKey,
    /// The figures by their names, which say the unit: `read_bytes_per_second`.
    pub figures: Figures,
}

/// An operation saw something of the world that docs have a place for; `homelab docs sync` compares it with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Learned {
    /// The operation.
    pub operation: OperationKey,
    /// What it saw, and the cell that it belongs to.
    pub fact: Fact,
}

/// The action was carried out; where it's a task, it ended well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// Whether it turned out that nothing was changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchanged: bool,
    /// The intent.
    pub intent: IntentId,
}

/// The action was refused, or its task failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// The intent.
    pub intent: IntentId,
    /// The other side's words.
    pub why: String,
}

/// What an earlier invocation left open was settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settled {
    /// The intent.
    pub intent: IntentId,
    /// How.
    pub settlement: Settlement,
}

/// A change that a plan can't describe, since its arguments aren't known yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unclear {
    /// The operation.
    pub operation: OperationKey,
    /// Why.
    pub confidence: Confidence,
}

/// An operation ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationFinished {
    /// Which one.
    pub operation: OperationKey,
    /// How many actions it carried out.
    pub changes: u32,
}

/// A question was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answered {
    /// The step.
    pub step: StepPath,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: bool,
    /// Who answered: `terminal`, `--yes`, `twin`, `plan`.
    pub by: String,
}

/// A line for the reader: what a script printed, what was made up or assumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// The step, if within one.
    pub step: Option<StepPath>,
    /// The line.
    pub text: String,
}

/// A step's body ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepFinished {
    /// The step.
    pub step: StepPath,
    /// Its title.
    pub title: String,
    /// Hash of its source and what it captured.
    pub fingerprint: String,
    /// What else it read.
    pub reads: Vec<Read>,
    /// Its return value, tagged.
    pub value: Value,
    /// Its changes in this invocation.
    pub changes: u32,
}

/// A recorded value stands in for a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepRecorded {
    /// The step.
    pub step: StepPath,
    /// Its title.
    pub title: String,
    /// The choice that leaves it out, so that it wasn't looked at again: `--only`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A step is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepSkipped {
    /// The step.
    pub step: StepPath,
    /// Its title.
    pub title: String,
    /// Why: `when`, `--skip`.
    pub why: String,
}

/// A plan can't go on in this step: it needs a value that isn't known yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepUnknown {
    /// The step.
    pub step: StepPath,
    /// Its title.
    pub title: String,
    /// What is unknown, and where it's needed.
    pub failure: Box<Failure>,
}

/// A step failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepFailed {
    /// The step.
    pub step: StepPath,
    /// Its title.
    pub title: String,
    /// Why.
    pub failure: Box<Failure>,
}

/// What the invocation asked of hosts: the next one asks it ahead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// By step and host, each call once, in the order in which they were asked.
    #[schemars(with = "Value")]
    pub calls: Calls,
}

/// The invocation ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunFinished {
    /// How.
    pub status: Status,
    /// Whether the command line left steps out, so that a later invocation goes on with this run.
    #[serde(default)]
    pub partial: bool,
    /// Why, if it failed outside a step.
    pub failure: Option<Box<Failure>>,
}
