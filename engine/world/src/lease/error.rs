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
    /// Another run has it, which gave no sign of life for ten minutes.
    #[error("{owner} has this lab's lease, and gave no sign of life for {minutes} minutes")]
    Dead {
        /// Who has it.
        owner: String,
        /// His token.
        token: String,
        /// For how long.
        minutes: u64,
    },
    /// The cluster of a node has no quorum, so nobody can have its lease.
    #[error(
        "the cluster of {0} has no quorum: nobody can be kept from working on it at the same time"
    )]
    NoQuorum(String),
    /// Somebody else took it meanwhile.
    #[error("this lab's lease isn't this run's any more: {0} has it")]
    Lost(String),
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
    /// A twin's store failed.
    #[error("the twin's store .homelab/twin.db failed: {0}")]
    Store(String),
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
    pub(super) fn unusable(node: &str, cause: impl Into<String>) -> Self {
        Self::Unusable {
            file: format!("of the lab's lease on {node}"),
            cause: cause.into(),
        }
    }

    /// What may be asked about it, and what stands in [`Claim::agreed`](super::Claim) after a yes.
    #[must_use]
    pub fn question(&self) -> Option<(String, &str)> {
        match self {
            Self::Dead { token, .. } => Some((format!("{self}. Take it over?"), token)),
            Self::NoQuorum(node) => Some((format!("{self}. Go on all the same?"), node)),
            _ => None,
        }
    }

    /// The error's stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Held(_) | Self::Dead { .. } => code::run::locked,
            Self::NoQuorum(_) => code::run::no_lease,
            Self::Lost(_) => code::run::lost,
            Self::Unusable { .. } => code::run::lock,
            Self::Reset { .. } => code::run::other_world,
            Self::Silent { .. } => code::via::silent,
            Self::Store(_) => code::twin::store,
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Held(_) => "wait for it, or end it; a dead owner holds no lock",
            Self::Dead { .. } => {
                "see whether it still runs; a yes to the question takes the lease over"
            }
            Self::NoQuorum(_) => "start its nodes; a yes to the question goes on without the lease",
            Self::Lost(_) => {
                "end one of the two runs; this one can be gone on with: `homelab resume`"
            }
            Self::Unusable { .. } => "make room, or give write permission",
            Self::Reset { .. } => "`homelab run RUNBOOK` begins anew in the twin as it is now",
            Self::Store(_) => {
                "make room if the disk is full; `homelab twin reset` starts over, also where the store is damaged"
            }
            Self::Silent { .. } => {
                "serve it again: `homelab twin serve --json`; the run can be gone on with then"
            }
        }
    }
}
