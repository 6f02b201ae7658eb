//! The journal of a plan: reads what was recorded, and records nothing.

use std::sync::{Mutex, PoisonError};

use world::WorldId;

use super::{Head, Journal, JournalError, MemoryJournal, RunId, SharedJournal, Stored};

/// A journal in memory over another one that is only read.
///
/// A plan that goes on with an unfinished run goes on with a copy of it. New runs have negative ids, so that
/// they can't be taken for recorded ones.
pub struct Overlay {
    below: SharedJournal,
    new: MemoryJournal,
    continued: Mutex<Option<(RunId, Vec<Stored>)>>,
}

impl Overlay {
    /// A journal over `below`.
    #[must_use]
    pub fn new(below: SharedJournal) -> Self {
        Self {
            below,
            new: MemoryJournal::default(),
            continued: Mutex::default(),
        }
    }
}

impl Journal for Overlay {
    fn begin(
        &self,
        world: &WorldId,
        runbook: &str,
        entries: &[Stored],
    ) -> Result<RunId, JournalError> {
        Ok(RunId(-self.new.begin(world, runbook, entries)?.0))
    }

    fn append(&self, run: RunId, entries: &[Stored]) -> Result<(), JournalError> {
        if run.0 < 0 {
            return self.new.append(RunId(-run.0), entries);
        }
        let mut all = self.load(run)?;
        all.extend_from_slice(entries);
        *self
            .continued
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some((run, all));
        Ok(())
    }

    fn load(&self, run: RunId) -> Result<Vec<Stored>, JournalError> {
        if run.0 < 0 {
            return self.new.load(RunId(-run.0));
        }
        let continued = self
            .continued
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match continued.as_ref() {
            Some((id, entries)) if *id == run => Ok(entries.clone()),
            _ => self.below.load(run),
        }
    }

    fn runs(&self, world: Option<&WorldId>) -> Result<Vec<Head>, JournalError> {
        self.below.runs(world)
    }

    fn owned(&self, world: &WorldId) -> Result<Vec<String>, JournalError> {
        self.below.owned(world)
    }

    fn forget(&self, run: RunId) -> Result<(), JournalError> {
        self.new.forget(RunId(-run.0))
    }

    fn key(&self) -> Result<Vec<u8>, JournalError> {
        self.below.key()
    }
}
