//! Why a world can't be used.

use crate::{
    WorldId,
    code::{self, Code},
};

/// Why a world can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// Another run has it.
    #[error("another run is under way in this world: {0}")]
    Held(String),
    /// Its lock can't be written.
    #[error("the lock file {file} can't be used: {cause}")]
    Unusable {
        /// The lock's file.
        file: String,
        /// What the system said.
        cause: String,
    },
    /// It was reset: what is there now is another world.
    #[error("the twin was reset: {was} is gone, this is {now}")]
    Reset {
        /// The world that was meant.
        was: WorldId,
        /// The world that is there.
        now: WorldId,
    },
    /// Nobody serves it any more.
    #[error("nobody serves the twin at {address}: {cause}")]
    Silent {
        /// Where its door was.
        address: String,
        /// What the system said.
        cause: String,
    },
}

impl LeaseError {
    /// The error's stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Held(_) => code::run::locked,
            Self::Unusable { .. } => code::run::lock,
            Self::Reset { .. } => code::run::other_world,
            Self::Silent { .. } => code::via::silent,
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Held(_) => "wait for it, or end it; a dead owner holds no lock",
            Self::Unusable { .. } => "make room, or give write permission",
            Self::Reset { .. } => "`homelab run RUNBOOK` begins anew in the twin as it is now",
            Self::Silent { .. } => {
                "serve it again: `homelab twin serve --json`; the run can be gone on with then"
            }
        }
    }
}
