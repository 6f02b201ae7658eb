//! Why the API can't give what was asked: one typed variant a class, each with the API's own words.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use super::{PortError, Request, Upid};
use crate::code::{self, Code};

/// Which node was asked for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The node's name.
    pub node: Arc<str>,
    /// Method and path: `POST /storage`.
    pub request: Arc<str>,
}

impl Asked {
    /// Names a request to a node.
    #[must_use]
    pub fn new(node: &str, request: &Request) -> Self {
        Self {
            node: node.into(),
            request: request.to_string().into(),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.request, self.node)
    }
}

/// Why a call of the API failed. `words` are the API's own.
#[derive(Clone, Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the fields' names say it: asked, words, path, privileges …"
)]
pub enum ApiError {
    /// No answer came.
    #[error("{asked}: no answer")]
    Port {
        asked: Asked,
        #[source]
        source: PortError,
    },
    /// No node of that name is known.
    #[error("{asked}: no node '{}' is known", asked.node)]
    UnknownNode {
        asked: Asked,
        nearest: Option<String>,
    },
    /// What is needed to log in isn't known.
    #[error("{asked}: {what} isn't known")]
    NoCredentials { asked: Asked, what: String },
    /// The user or the password is wrong.
    #[error("{asked}: the login of {user} was refused: {words}")]
    Login {
        asked: Asked,
        user: String,
        words: String,
    },
    /// The ticket or the token was refused.
    #[error("{asked}: {who} was refused: {words}")]
    Ticket {
        asked: Asked,
        who: String,
        words: String,
    },
    /// A privilege is missing.
    #[error("{asked}: {words}")]
    Permission {
        asked: Asked,
        path: String,
        privileges: String,
        words: String,
    },
    /// Only the literal root@pam, by ticket, may do this.
    #[error("{asked}: {words}")]
    RootOnly { asked: Asked, words: String },
    /// Parameters were refused.
    #[error("{asked}: {words}{}", listed(errors))]
    Parameters {
        asked: Asked,
        errors: BTreeMap<String, String>,
        words: String,
    },
    /// What was asked for isn't there.
    #[error("{asked}: {words}")]
    NotFound { asked: Asked, words: String },
    /// What should be made is there.
    #[error("{asked}: {words}")]
    AlreadyExists { asked: Asked, words: String },
    /// Somebody else holds a lock.
    #[error("{asked}: {words}")]
    Locked { asked: Asked, words: String },
    /// The cluster has no quorum.
    #[error("{asked}: {words}")]
    NoQuorum { asked: Asked, words: String },
    /// Somebody else changed it in the meantime.
    #[error("{asked}: {words}")]
    Digest { asked: Asked, words: String },
    /// The node couldn't reach the node that should have answered, or its own daemon.
    #[error("{asked}: the hop behind the node failed with {status}: {words}")]
    Proxy {
        asked: Asked,
        status: u16,
        words: String,
    },
    /// Something else answered, and says to ask elsewhere.
    #[error("{asked}: status {status} leads to {to}")]
    Redirected {
        asked: Asked,
        status: u16,
        to: String,
    },
    /// The API, or the twin, doesn't know this call.
    #[error("{asked}: {words}")]
    NotImplemented { asked: Asked, words: String },
    /// Any other refusal.
    #[error("{asked}: {status} {words}")]
    Server {
        asked: Asked,
        status: u16,
        words: String,
    },
    /// The answer isn't what the API sends.
    #[error("{asked}: the answer can't be read: {what}")]
    Malformed {
        asked: Asked,
        what: String,
        truncated: bool,
    },
    /// A task ended with an error.
    #[error("task {} on {} failed: {exitstatus}", upid.kind, upid.node)]
    TaskFailed {
        upid: Box<Upid>,
        exitstatus: String,
        log: Vec<String>,
    },
    /// A task didn't end in time.
    #[error("task {} on {} still runs after {} s", upid.kind, upid.node, waited.as_secs())]
    TaskTimeout { upid: Box<Upid>, waited: Duration },
    /// The node runs a release that isn't supported.
    #[error("{asked}: the node runs Proxmox VE {found}; 9.0 or later is needed")]
    OldVersion { asked: Asked, found: String },
}

fn listed(errors: &BTreeMap<String, String>) -> String {
    errors
        .iter()
        .map(|(name, text)| format!("\n  {name}: {text}"))
        .collect()
}

impl ApiError {
    /// The stable code of the class: `homelab::proxmox::permission`.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Port {
                source: PortError::Fingerprint { .. },
                ..
            } => code::proxmox::fingerprint,
            Self::Port {
                source: PortError::Unreachable { .. } | PortError::Refused { .. },
                ..
            } => code::proxmox::unreachable,
            Self::Port {
                source: PortError::Broken { .. },
                ..
            } => code::proxmox::broken,
            Self::Port {
                source: PortError::Unknown(_),
                ..
            } => code::proxmox::unknown,
            Self::Port {
                source: PortError::Unmodelled(_),
                ..
            }
            | Self::NotImplemented { .. } => code::proxmox::not_implemented,
            Self::UnknownNode { .. } => code::proxmox::unknown_node,
            Self::NoCredentials { .. } => code::proxmox::no_credentials,
            Self::Login { .. } => code::proxmox::login,
            Self::Ticket { .. } => code::proxmox::ticket,
            Self::Permission { .. } => code::proxmox::permission,
            Self::RootOnly { .. } => code::proxmox::root_only,
            Self::Parameters { .. } => code::proxmox::parameters,
            Self::NotFound { .. } => code::proxmox::not_found,
            Self::AlreadyExists { .. } => code::proxmox::already_exists,
            Self::Locked { .. } => code::proxmox::locked,
            Self::NoQuorum { .. } => code::proxmox::no_quorum,
            Self::Digest { .. } => code::proxmox::digest,
            Self::Proxy { .. } => code::proxmox::proxy,
            Self::Redirected { .. } => code::proxmox::redirected,
            Self::Server { .. } => code::proxmox::server,
            Self::Malformed { .. } => code::proxmox::malformed,
            Self::TaskFailed { .. } => code::proxmox::task_failed,
            Self::TaskTimeout { .. } => code::proxmox::task_timeout,
            Self::OldVersion { .. } => code::proxmox::old_version,
        }
    }

    /// Whether it says that the thing asked for isn't there.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether it's unknown if a write was carried out: its proof has to be asked.
    #[must_use]
    pub const fn outcome_unknown(&self) -> bool {
        match self {
            Self::Port { source, .. } => !source.surely_not_sent(),
            Self::Proxy { .. } | Self::Malformed { .. } | Self::TaskTimeout { .. } => true,
            _ => false,
        }
    }

    /// Whether the node said nothing at all: it's off, starts, or has no system yet.
    #[must_use]
    pub const fn is_silence(&self) -> bool {
        self.is_transient()
    }

    /// Whether the node's machine is there and takes no connection: nothing was sent.
    #[must_use]
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(
            self,
            Self::Port {
                source: PortError::Refused { .. },
                ..
            }
        )
    }

    /// Whether it's what a restart of the API looks like to a read behind a connection.
    #[must_use]
    pub(crate) const fn is_restart(&self) -> bool {
        match self {
            Self::Port { source, .. } => matches!(source, PortError::Broken { .. }),
            Self::Proxy { status, .. } => *status == 596,
            _ => false,
        }
    }

    /// Whether a read may be asked again: what failed lies on the way, not in the answer.
    #[must_use]
    pub(crate) const fn is_transient(&self) -> bool {
        match self {
            Self::Port { source, .. } => {
                matches!(
                    source,
                    PortError::Unreachable { .. }
                        | PortError::Refused { .. }
                        | PortError::Broken { .. }
                )
            }
            Self::Proxy { .. } => true,
            Self::Malformed { truncated, .. } => *truncated,
            _ => false,
        }
    }
}
