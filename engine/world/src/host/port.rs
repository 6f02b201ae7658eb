//! The cut: one framed call to one host, and its reply.

use futures_util::future::BoxFuture;

use super::{Call, Reply};
use crate::Origin;

/// The hosts of a lab, cut at verbs.
pub trait Port: Send + Sync {
    /// Calls a verb on a host.
    ///
    /// # Errors
    /// No reply came: see [`HostError`]. A verb that fails has a reply with its status.
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>>;
}

/// Why a call has no reply.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HostError {
    /// No connection: the call was never sent.
    #[error("host {host} can't be reached: {cause}")]
    Unreachable {
        /// The host's name.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// The connection ended before the reply did: whether the call was carried out is unknown.
    #[error("the connection to host {host} ended before its reply: {cause}")]
    Broken {
        /// The host's name.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// A preview can't know the reply.
    #[error("not known yet: {0}")]
    Unknown(Origin),
    /// A model doesn't know this call; it never pretends.
    #[error("not modelled: {0}")]
    Unmodelled(String),
}

impl HostError {
    /// The stable code of the class: `homelab::host::unreachable`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "homelab::host::unreachable",
            Self::Broken { .. } => "homelab::host::broken",
            Self::Unknown(_) => "homelab::host::unknown",
            Self::Unmodelled(_) => "homelab::host::not_implemented",
        }
    }

    /// What the reader can do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unreachable { host, .. } => Some(format!(
                "check that {host} is up and that this machine may reach it"
            )),
            Self::Broken { .. } => {
                Some("resume the run: what was done is found out first".to_owned())
            }
            Self::Unknown(_) | Self::Unmodelled(_) => None,
        }
    }

    /// Whether it's unknown if a write was carried out.
    #[must_use]
    pub const fn outcome_unknown(&self) -> bool {
        matches!(self, Self::Broken { .. })
    }
}
