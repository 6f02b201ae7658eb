//! Which facts count: those of the newest runs of a world.

use std::collections::BTreeSet;

use runbook::journal::{JournalError, Learned, RunId, SharedJournal, Summary, learned};
use world::{WorldId, docs::Learnable};

use crate::LEARNS;

/// A fact that a run learned, and the column that it's for.
#[derive(Clone, Debug)]
pub struct KnownFact {
    /// The run.
    pub run: RunId,
    /// The fact, its operation, and when it was learned.
    pub learned: Learned,
    /// The column.
    pub column: Learnable,
}

/// The facts of one run, in order. Those of columns that this homelab doesn't know are left out.
///
/// # Errors
/// There is no such run, or the journal can't be read.
pub fn of_run(journal: &SharedJournal, run: RunId) -> Result<Vec<KnownFact>, JournalError> {
    Ok(known(run, learned(&journal.load(run)?)))
}

/// The facts of a world's runs, the newest ones last: of each runbook those since its last complete run, that one included.
///
/// # Errors
/// The journal can't be read.
pub fn of_world(journal: &SharedJournal, world: &WorldId) -> Result<Vec<KnownFact>, JournalError> {
    let heads = journal.runs(Some(world))?;
    let mut complete = BTreeSet::new();
    let mut runs = Vec::new();
    for head in heads {
        if complete.contains(&head.runbook) {
            continue;
        }
        let entries = journal.load(head.run)?;
        if Summary::of(&entries).is_complete() {
            complete.insert(head.runbook);
        }
        runs.push(known(head.run, learned(&entries)));
    }
    let mut known = runs.concat();
    // A run may have been resumed after a later one.
    known.sort_by_key(|known| known.learned.at);
    Ok(known)
}

/// What a run learned, in order. What is of columns that this homelab doesn't know is left out.
pub fn known(run: RunId, learned: Vec<Learned>) -> Vec<KnownFact> {
    let known = |learned: Learned| {
        let columns = LEARNS.iter().flat_map(|learns| learns.columns);
        let mut fitting = columns.filter(|column| learned.fact.is_in(column));
        Some(KnownFact {
            run,
            column: *fitting.next()?,
            learned,
        })
    };
    learned.into_iter().filter_map(known).collect()
}
