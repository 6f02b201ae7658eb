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
        let entry = serde_json::to_value(self.entry).map_err(|_| fmt::Error)?;
        f.write_str("append ")?;
        f.write_str(entry["entry"].as_str().unwrap_or_default())?;
        let known = self.run.state();
        let of_intent = |intent| known.functions.get(&intent).map(String::as_str);
        let function = entry["operation"]["function"]
            .as_str()
            .or_else(|| entry["intent"].as_u64().and_then(of_intent));
        function.map_or(Ok(()), |function| write!(f, " {function}"))
    }
}
