//! One stream of events for terminal, JSON lines and reports; derived from journal entries, plus progress.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;
use world::clock::Moment;

use crate::{
    failure::Failure,
    journal::{Entry, RunId, Status, Steps, Stored},
};

/// What readers of a run get, in order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// A journal entry: lifecycle, never dropped.
    Recorded {
        /// The run.
        run: RunId,
        /// The entry.
        #[serde(flatten)]
        stored: Stored,
    },
    /// Progress of a task or wait; not journaled, may be dropped.
    Progress(Progress),
    /// The last event of an invocation.
    Finished(Finished),
}

/// A task or a wait goes on; may be left out, isn't recorded.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Progress {
    /// The step.
    pub step: String,
    /// The operation's function.
    pub operation: String,
    /// The task, if it's one.
    pub upid: Option<String>,
    /// A line of its log.
    pub line: Option<String>,
    /// How far it is, 0 to 100.
    pub percent: Option<f64>,
}

/// An invocation ended; always the last event, also if nothing was started.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Finished {
    /// The run.
    #[schemars(skip)]
    pub run: RunId,
    /// How it ended.
    pub status: Status,
    /// Step counts.
    pub steps: Steps,
    /// Changes made by this invocation (settled ones included), or predicted by a plan.
    pub changes: u64,
    /// Of the changes, how many the plan had announced that it keeps to.
    pub as_planned: Option<u64>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When.
    #[schemars(skip)]
    pub at: Moment,
}

impl Event {
    /// The event as one JSON object: `event` names it, the other fields are in `docs/reference/events.md`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Recorded { stored, run } => recorded(*run, stored),
            Self::Progress(progress) => named("progress", progress),
            Self::Finished(finished) => named("run_finished", finished),
        }
    }
}

fn named(name: &str, body: &impl Serialize) -> Value {
    let mut event = serde_json::Map::new();
    event.insert("event".to_owned(), name.into());
    if let Ok(Value::Object(fields)) = serde_json::to_value(body) {
        event.extend(fields);
    }
    Value::Object(event)
}

/// An entry as an event: its name comes first; the sources of a run, its plan and what is sealed stay in the journal.
fn recorded(run: RunId, stored: &Stored) -> Value {
    let mut event = serde_json::Map::new();
    let Ok(Value::Object(mut fields)) = serde_json::to_value(stored) else {
        return Value::Null;
    };
    event.insert(
        "event".to_owned(),
        fields.remove("entry").unwrap_or_default(),
    );
    event.insert("run".to_owned(), run.0.into());
    fields.remove("sources");
    fields.remove("plan");
    fields.remove("sealed");
    event.extend(fields);
    Value::Object(event)
}

/// Reads a run's events as they come: terminal, JSON lines, report.
pub trait Sink: Send + Sync {
    /// Takes one event.
    fn take(&self, event: &Event);
}

/// A sink that keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSink;

impl Sink for NoSink {
    fn take(&self, _event: &Event) {}
}

/// Whether an entry is an event: the end of an invocation has an event of its own.
#[must_use]
pub fn is_event(entry: &Entry) -> bool {
    !HIDDEN.contains(&entry.kind())
}

/// Entries that are no events.
const HIDDEN: &[&str] = &["asked", "run_finished"];

/// The schema of each event by its name, in the order in which they come. The generator has those of the types that they name.
pub fn schemas(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
    let mut events = Entry::schemas(generator);
    events.retain(|(kind, _)| !HIDDEN.contains(kind));
    events.push(("progress", Progress::json_schema(generator)));
    events.push(("run_finished", Finished::json_schema(generator)));
    events
}
