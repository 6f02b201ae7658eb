//! Which facts count: those of the newest runs of a world.

use std::collections::BTreeSet;

use ops::LEARNS;
use runbook::{
    failure::Failure,
    journal::{RunId, SharedJournal, Stored, Summary},
    learn::{self, Learned},
};
use world::{WorldId, docs::Learnable};

use crate::session::journal_failure;

/// A fact that a run learned, and the column that it's for.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The run.
    pub(crate) run: RunId,
    /// The fact, its operation, and when it was learned.
    pub(crate) learned: Learned,
    /// The column.
    pub(crate) column: Learnable,
}

/// The facts of one run, in order. Those of columns that this homelab doesn't know are left out.
///
/// # Errors
/// There is no such run, or the journal can't be read.
pub(crate) fn of_run(journal: &SharedJournal, run: RunId) -> Result<Vec<Known>, Failure> {
    Ok(known(run, learn::learned(&load(journal, run)?)))
}

/// The facts of a world's runs, the newest ones last: of each runbook those since its last complete run, that one included.
///
/// # Errors
/// The journal can't be read.
pub(crate) fn of_world(journal: &SharedJournal, world: &WorldId) -> Result<Vec<Known>, Failure> {
    let heads = journal
        .runs(Some(world))
        .map_err(|error| journal_failure(&error))?;
    let mut complete = BTreeSet::new();
    let mut runs = Vec::new();
    for head in heads {
        if complete.contains(&head.runbook) {
            continue;
        }
        let entries = load(journal, head.run)?;
        if Summary::of(&entries).is_complete() {
            complete.insert(head.runbook);
        }
        runs.push(known(head.run, learn::learned(&entries)));
    }
    let mut known = runs.concat();
    // A run may have been resumed after a later one.
    known.sort_by_key(|known| known.learned.at);
    Ok(known)
}

fn load(journal: &SharedJournal, run: RunId) -> Result<Vec<Stored>, Failure> {
    journal.load(run).map_err(|error| journal_failure(&error))
}

/// What a run learned, in order. What is of columns that this homelab doesn't know is left out.
pub(crate) fn known(run: RunId, learned: Vec<Learned>) -> Vec<Known> {
    let known = |learned: Learned| {
        let columns = LEARNS.iter().flat_map(|learns| learns.columns);
        let mut fitting = columns.filter(|column| learned.fact.is_in(column));
        Some(Known {
            run,
            column: *fitting.next()?,
            learned,
        })
    };
    learned.into_iter().filter_map(known).collect()
}
