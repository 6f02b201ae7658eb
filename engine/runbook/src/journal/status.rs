//! How an invocation ended, and what became of its steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every step is done.
    Succeeded,
    /// A step failed, or the run couldn't go on.
    Failed,
    /// The user stopped it, or a question waits for an answer; it can be resumed.
    Interrupted,
    /// It was a plan.
    Planned,
}

/// Counts of an invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Steps {
    /// Bodies that ran to their end.
    pub done: u64,
    /// Steps whose recorded value stood in.
    pub recorded: u64,
    /// Steps left out by `when` or the command line.
    pub skipped: u64,
    /// Steps that failed.
    pub failed: u64,
    /// Steps that a plan couldn't follow to their end.
    pub unknown: u64,
}
