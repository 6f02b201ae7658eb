//! Group commit: whoever needs an entry durable makes durable what all others wait for, too.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{JournalError, Stored};

/// The entries of a run that aren't durable yet.
#[derive(Default)]
pub(crate) struct Group {
    waiting: Mutex<Waiting>,
    /// The number of the last entry that is durable. Who holds it commits.
    durable: Mutex<u64>,
}

#[derive(Default)]
struct Waiting {
    entries: Vec<Stored>,
    /// How many entries there were so far.
    count: u64,
}

impl Group {
    /// Adds an entry; gives its number.
    pub(crate) fn add(&self, stored: Stored) -> u64 {
        let mut waiting = locked(&self.waiting);
        waiting.entries.push(stored);
        waiting.count += 1;
        waiting.count
    }

    /// Makes an entry durable, with all that were added meanwhile; `append` isn't called if somebody else did it.
    ///
    /// # Errors
    /// They can't be written; they wait on.
    pub(crate) fn commit(
        &self,
        number: u64,
        append: impl FnOnce(&[Stored]) -> Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        let mut durable = locked(&self.durable);
        if *durable >= number {
            return Ok(());
        }
        let mut waiting = locked(&self.waiting);
        let entries = std::mem::take(&mut waiting.entries);
        let last = waiting.count;
        drop(waiting);
        if let Err(error) = append(&entries) {
            locked(&self.waiting).entries.splice(0..0, entries);
            return Err(error);
        }
        *durable = last;
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use world::clock::Moment;

    use super::*;
    use crate::journal::{RunId, entry::Note};

    fn entry(at: u64) -> Stored {
        let text = "x".to_owned();
        let entry = Note { step: None, text }.into();
        let at = Moment(at);
        Stored {
            at,
            entry,
            sealed: None,
        }
    }

    #[test]
    fn those_who_wait_are_made_durable_together() {
        let (group, batches) = (Group::default(), Mutex::new(Vec::new()));
        let (begun, added) = (Barrier::new(4), Barrier::new(4));
        let append = |entries: &[Stored]| {
            let mut times: Vec<u64> = entries.iter().map(|stored| stored.at.0).collect();
            times.sort_unstable();
            locked(&batches).push(times);
            Ok(())
        };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let first = group.add(entry(1));
                let slow = |entries: &[Stored]| {
                    begun.wait();
                    added.wait();
                    append(entries)
                };
                group.commit(first, slow).unwrap();
            });
            for at in 2..5 {
                let (group, begun, added) = (&group, &begun, &added);
                scope.spawn(move || {
                    begun.wait();
                    let number = group.add(entry(at));
                    added.wait();
                    group.commit(number, append).unwrap();
                });
            }
        });
        assert_eq!(*locked(&batches), [vec![1], vec![2, 3, 4]]);
    }

    #[test]
    fn what_could_not_be_written_waits_on() {
        let group = Group::default();
        let number = group.add(entry(1));
        let error = group.commit(number, |_| Err(JournalError::NoSuchRun(RunId(1))));
        assert!(error.is_err());
        let number = group.add(entry(2));
        let mut written = 0;
        let append = |entries: &[Stored]| {
            written = entries.len();
            Ok(())
        };
        group.commit(number, append).unwrap();
        assert_eq!(written, 2);
    }
}
