//! Points at which a run may be killed. A test holds the process there; otherwise they cost nothing.

use std::fmt;

use crate::{journal::Entry, run::Run};

/// Passes, or never returns.
pub trait Gate: Send + Sync {
    /// Called at a kill point; `point` says which, its kind before a colon: `before append intent proxmox::pool::ensure`,
    /// `after write proxmox::pool::ensure: POST /pools on pve1`, `wait`.
    fn pass(&self, point: &dyn fmt::Display);
}

/// Every point is passed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Open;

impl Gate for Open {
    fn pass(&self, _point: &dyn fmt::Display) {}
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
