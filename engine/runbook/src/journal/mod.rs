//! The durable record of runs: an append-only log of typed entries. Status is computed from them.

pub mod action;
pub mod entry;
mod fact;
mod group;
mod hash;
mod id;
mod learned;
mod memory;
mod overlay;
mod owned;
mod plan;
mod seal;
mod selection;
mod sqlite;
mod status;
mod summary;
mod text;

use std::{path::Path, sync::Arc};

pub use entry::{Calls, Entry, Figures, Read, Settlement, Stored};
pub use fact::Fact;
pub(crate) use group::Group;
pub(crate) use hash::keyed_hash;
pub use id::{IntentId, OperationKey, RunId, StepPath};
pub use learned::{Learned, learned};
pub use memory::MemoryJournal;
pub use overlay::Overlay;
pub(crate) use plan::PLAN_FORMAT;
pub use plan::{Plan, Planned};
pub use seal::Sealed;
pub use selection::Selection;
pub use sqlite::SqliteJournal;
pub use status::{Status, Steps};
pub use summary::{Invocation, Open, Recorded, Summary};
use world::{
    WorldId,
    code::{self, Code},
};

/// Where runs are recorded. One seam for kill points, group commit, and a shared database.
pub trait Journal: Send + Sync {
    /// Begins a run and gives its id; durable when it returns.
    ///
    /// # Errors
    /// See [`JournalError`].
    fn begin(
        &self,
        world: &WorldId,
        runbook: &str,
        entries: &[Stored],
    ) -> Result<RunId, JournalError>;

    /// Appends entries to a run, all or none; durable when it returns.
    ///
    /// # Errors
    /// See [`JournalError`].
    fn append(&self, run: RunId, entries: &[Stored]) -> Result<(), JournalError>;

    /// The entries of a run, in order.
    ///
    /// # Errors
    /// See [`JournalError`].
    fn load(&self, run: RunId) -> Result<Vec<Stored>, JournalError>;

    /// The first and the last entry of a run: enough to know its runbook and whether it is complete.
    ///
    /// # Errors
    /// See [`JournalError`].
    fn ends(&self, run: RunId) -> Result<Vec<Stored>, JournalError> {
        let entries = self.load(run)?;
        let ends = entries.first().into_iter().chain(entries.last());
        Ok(ends.cloned().collect())
    }

    /// The runs of a world (or of all), newest first.
    ///
    /// # Errors
    /// See [`JournalError`].
    fn runs(&self, world: Option<&WorldId>) -> Result<Vec<Head>, JournalError>;

    /// The things that homelab made in a world and hasn't removed, the newest first.
    ///
    /// What an intent is about counts from the intent on, until it's known not to have been carried out.
    ///
    /// # Errors
    /// See [`JournalError`].
    fn owned(&self, world: &WorldId) -> Result<Vec<String>, JournalError>;

    /// Forgets a run, but not what it made.
    ///
    /// # Errors
    /// See [`JournalError`].
    fn forget(&self, run: RunId) -> Result<(), JournalError>;

    /// The key for hashes of secrets: random, made once, never leaves the journal.
    ///
    /// # Errors
    /// See [`JournalError`].
    fn key(&self) -> Result<Vec<u8>, JournalError>;
}

/// Which run of which runbook in which world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The run's id.
    pub run: RunId,
    /// The world it ran in.
    pub world: WorldId,
    /// The runbook's name.
    pub runbook: String,
}

/// A shared journal.
pub type SharedJournal = Arc<dyn Journal>;

/// Why the journal can't be used. Nothing is ever overwritten.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Not a journal, or damaged.
    #[error("the journal {file} is damaged: {cause}")]
    Corrupted {
        /// The journal's file.
        file: String,
        /// What SQLite said.
        cause: String,
    },
    /// Written by a newer homelab.
    #[error("the journal {file} has format {found}, this homelab knows formats up to {known}")]
    Newer {
        /// The journal's file.
        file: String,
        /// Its format.
        found: i64,
        /// The newest known format.
        known: i64,
    },
    /// The folder or file can't be written: read-only, disk full, no permission.
    #[error("the journal {file} can't be written: {cause}")]
    Unwritable {
        /// The journal's file.
        file: String,
        /// What the system said.
        cause: String,
    },
    /// Another program holds it.
    #[error("the journal {file} is locked by another program")]
    Busy {
        /// The journal's file.
        file: String,
    },
    /// No run has this id.
    #[error("there is no run {0}")]
    NoSuchRun(RunId),
}

impl JournalError {
    /// The error's stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Corrupted { .. } => code::journal::corrupted,
            Self::Newer { .. } => code::journal::newer,
            Self::Unwritable { .. } => code::journal::unwritable,
            Self::Busy { .. } => code::journal::busy,
            Self::NoSuchRun(_) => code::journal::no_such_run,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Corrupted { file, .. } => format!(
                "put back what was changed or lost; else move {} away (keep it: it knows what ran) and run again; operations find what is already there",
                Path::new(file).with_extension("*").display()
            ),
            Self::Newer { .. } => "use the homelab that wrote it, or a newer one".to_owned(),
            Self::Unwritable { file, .. } => {
                format!(
                    "make room or give write permission for {file}; no action starts that can't be recorded"
                )
            }
            Self::Busy { .. } => {
                "close the program that has it open, a database browser or a backup, and run again"
                    .to_owned()
            }
            Self::NoSuchRun(_) => "`homelab runs` lists the runs".to_owned(),
        }
    }
}
