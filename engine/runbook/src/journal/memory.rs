//! A journal in memory: for previews, which record nothing, and for tests.

use std::sync::{Mutex, PoisonError};

use world::WorldId;

use super::{
    Head, IntentId, Journal, JournalError, RunId, Stored,
    owned::{self, Step},
};

/// A journal that is gone with the process.
#[derive(Default)]
pub struct MemoryJournal {
    runs: Mutex<Vec<(Head, Vec<Stored>)>>,
    key: Vec<u8>,
}

impl MemoryJournal {
    /// A journal that hashes with the key of the journal which it stands in for.
    #[must_use]
    pub fn with_key(key: Vec<u8>) -> Self {
        Self {
            runs: Mutex::default(),
            key,
        }
    }

    fn with<T>(
        &self,
        run: RunId,
        f: impl FnOnce(&mut Vec<Stored>) -> T,
    ) -> Result<T, JournalError> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = runs
            .iter_mut()
            .find(|(head, _)| head.run == run)
            .ok_or(JournalError::NoSuchRun(run))?;
        Ok(f(&mut entries.1))
    }
}

impl Journal for MemoryJournal {
    fn begin(
        &self,
        world: &WorldId,
        runbook: &str,
        entries: &[Stored],
    ) -> Result<RunId, JournalError> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let run = RunId(i64::try_from(runs.len()).unwrap_or(i64::MAX) + 1);
        let head = Head {
            run,
            world: world.clone(),
            runbook: runbook.to_owned(),
        };
        runs.push((head, entries.to_vec()));
        Ok(run)
    }

    fn append(&self, run: RunId, entries: &[Stored]) -> Result<(), JournalError> {
        self.with(run, |all| all.extend_from_slice(entries))
    }

    fn load(&self, run: RunId) -> Result<Vec<Stored>, JournalError> {
        self.with(run, |all| all.clone())
    }

    fn runs(&self, world: Option<&WorldId>) -> Result<Vec<Head>, JournalError> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |head: &&Head| world.is_none_or(|world| head.world == *world);
        Ok(runs
            .iter()
            .map(|(head, _)| head)
            .filter(fits)
            .rev()
            .cloned()
            .collect())
    }

    fn owned(&self, world: &WorldId) -> Result<Vec<String>, JournalError> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut things: Vec<(String, RunId, IntentId, bool)> = Vec::new();
        for (head, entries) in runs.iter().filter(|(head, _)| head.world == *world) {
            let run = head.run;
            for stored in entries {
                match owned::step(&stored.entry) {
                    Some(Step::Makes(intent, made)) => {
                        things.retain(|(thing, ..)| !made.contains(thing));
                        things.extend(made.iter().map(|thing| (thing.clone(), run, intent, false)));
                    }
                    Some(Step::Removes(by, gone)) => {
                        let gone = things.iter_mut().filter(|(thing, ..)| gone.contains(thing));
                        gone.for_each(|thing| (thing.1, thing.2, thing.3) = (run, by, true));
                    }
                    Some(Step::Done(by)) => {
                        things.retain(|(_, of, intent, going)| {
                            (*of, *intent, *going) != (run, by, true)
                        });
                    }
                    Some(Step::NotDone(by)) => {
                        things.retain(|(_, of, intent, going)| {
                            (*of, *intent, *going) != (run, by, false)
                        });
                        let kept = things
                            .iter_mut()
                            .filter(|(_, of, intent, _)| (*of, *intent) == (run, by));
                        kept.for_each(|thing| thing.3 = false);
                    }
                    None => {}
                }
            }
        }
        Ok(things.into_iter().rev().map(|(thing, ..)| thing).collect())
    }

    fn forget(&self, run: RunId) -> Result<(), JournalError> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.retain(|(head, _)| head.run != run);
        Ok(())
    }

    fn key(&self) -> Result<Vec<u8>, JournalError> {
        Ok(self.key.clone())
    }
}
