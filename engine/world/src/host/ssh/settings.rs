//! What the SSH side is told once: configuration, keys, questions, limits.

use std::{path::PathBuf, sync::Arc};

use futures_util::future::BoxFuture;

use super::Routes;
use crate::Secret;

/// How many hosts are connected to at the same time, if nobody says otherwise.
const CONNECTING: usize = 16;

/// What is done with a host key that isn't known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewKeys {
    /// The connection is refused.
    #[default]
    Refuse,
    /// It's taken, and added to the known_hosts file.
    Accept,
}

/// Answers what only a person knows. Answers are kept in memory, so each question comes once.
pub trait Ask: Send + Sync {
    /// Asks for the passphrase of a key file; none: there is no answer.
    fn passphrase<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<Secret>>;
}

/// There is nobody to ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct AskNobody;

impl Ask for AskNobody {
    fn passphrase<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Option<Secret>> {
        Box::pin(std::future::ready(None))
    }
}

/// What the SSH side is told once.
#[derive(Clone)]
pub struct Settings {
    /// The program that reads `~/.ssh/config`.
    pub program: PathBuf,
    /// The configuration file; none: OpenSSH's own two.
    pub config: Option<PathBuf>,
    /// The caller's home folder.
    pub home: PathBuf,
    /// The caller's own name: who logs in where nothing else is said and `program` isn't there.
    pub user: String,
    /// The socket of the key agent, as `SSH_AUTH_SOCK` has it.
    pub agent: Option<PathBuf>,
    /// What is done with a host key that isn't known.
    pub new_keys: NewKeys,
    /// Who answers questions.
    pub ask: Arc<dyn Ask>,
    /// How many hosts are connected to at the same time.
    pub connecting: usize,
    /// Where hosts of a served twin really listen.
    pub routes: Routes,
    /// The public key that the caller's own one stands for, at a served twin: what is told of logins by a key.
    pub stands_for: Option<String>,
}

impl Settings {
    /// The settings of a caller with this home and name: OpenSSH's own configuration, no agent, unknown keys refused,
    /// nobody to ask.
    pub fn new(home: impl Into<PathBuf>, user: impl Into<String>) -> Self {
        Self {
            program: PathBuf::from("ssh"),
            config: None,
            home: home.into(),
            user: user.into(),
            agent: None,
            new_keys: NewKeys::Refuse,
            ask: Arc::new(AskNobody),
            connecting: CONNECTING,
            routes: Routes::default(),
            stands_for: None,
        }
    }
}
