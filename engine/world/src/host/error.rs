//! Why a call has no reply.

use crate::{
    Origin,
    code::{self, Code},
};

/// Why a call has no reply.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HostError {
    /// No host of this name was declared.
    #[error("no host is called {0}")]
    Undeclared(String),
    /// No connection: the call was never sent.
    #[error("host {host} can't be reached: {cause}")]
    Unreachable {
        /// The host's name.
        host: String,
        /// What the system said.
        cause: String,
    },
    /// Its SSH configuration asks for what homelab doesn't do: the call was never sent.
    #[error("the SSH configuration of host {host} has `{setting}`, which homelab doesn't follow")]
    NotFollowed {
        /// The host's name.
        host: String,
        /// The setting, with its value.
        setting: String,
        /// What does instead.
        instead: &'static str,
    },
    /// The host's key isn't known: the call was never sent.
    #[error("the key of host {host} isn't known: {shown}")]
    UnknownKey {
        /// The host's name.
        host: String,
        /// The fingerprint that it shows.
        shown: String,
    },
    /// The host shows another key than the known one: the call was never sent.
    #[error("host {host} shows the key {shown}, and {known} is the known one ({place})")]
    ChangedKey {
        /// The host's name.
        host: String,
        /// The fingerprint that it shows.
        shown: String,
        /// The fingerprint that is known.
        known: String,
        /// Where it's known from: a file and line, or docs.
        place: String,
    },
    /// The login was refused: the call was never sent.
    #[error("host {host} refuses the login of {user}: tried {tried}; it takes {takes}")]
    Login {
        /// The host's name.
        host: String,
        /// Who logged in.
        user: String,
        /// What was tried.
        tried: String,
        /// The methods that the host would take.
        takes: String,
    },
    /// There is no shell to call verbs in: the call was never sent.
    #[error("host {host} gives {user} no shell: {cause}")]
    NoShell {
        /// The host's name.
        host: String,
        /// Who logged in.
        user: String,
        /// What it said instead.
        cause: String,
    },
    /// The login may not become root: the call was never sent.
    #[error("{user} can't become root on host {host}: {cause}")]
    NoRoot {
        /// The host's name.
        host: String,
        /// Who logged in.
        user: String,
        /// What sudo said.
        cause: String,
    },
    /// The connection ended before the reply did: whether the call was carried out is unknown.
    #[error("the connection to host {host} ended before its reply: {cause}")]
    Broken {
        /// The host's name.
        host: String,
        /// What the system said, and the host's last lines.
        cause: String,
    },
    /// The reply took too long: the call may still be carried out.
    #[error("{verb} on host {host} gave no reply within {seconds} s")]
    Timeout {
        /// The host's name.
        host: String,
        /// The verb.
        verb: String,
        /// The limit.
        seconds: u64,
        /// The last lines that came.
        last: String,
    },
    /// The call can't be sent: an argument of a command can't hold a zero byte.
    #[error("argument {position} of {verb} holds a zero byte")]
    ZeroByte {
        /// The verb.
        verb: String,
        /// Which argument, from 1.
        position: usize,
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
    pub const fn code(&self) -> Code {
        match self {
            Self::Undeclared(_) => code::host::undeclared,
            Self::Unreachable { .. } => code::host::unreachable,
            Self::NotFollowed { .. } => code::host::not_followed,
            Self::UnknownKey { .. } => code::host::unknown_key,
            Self::ChangedKey { .. } => code::host::changed_key,
            Self::Login { .. } => code::host::login,
            Self::NoShell { .. } => code::host::no_shell,
            Self::NoRoot { .. } => code::host::no_root,
            Self::Broken { .. } => code::host::broken,
            Self::Timeout { .. } => code::host::timeout,
            Self::ZeroByte { .. } => code::host::zero_byte,
            Self::Unknown(_) => code::host::unknown,
            Self::Unmodelled(_) => code::host::not_modelled,
        }
    }

    /// What the reader can do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Undeclared(_) => Some(
                "host::connect(#{ hosts: … }) at the top of the runbook says which hosts there are"
                    .to_owned(),
            ),
            Self::Unreachable { host, .. } => Some(format!(
                "check that {host} is up and that this machine may reach it"
            )),
            Self::NotFollowed { instead, .. } => Some((*instead).to_owned()),
            Self::UnknownKey { .. } => Some(
                "compare the fingerprint on the host's own screen (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), \
                 then give it in docs, or run once with --accept-new"
                    .to_owned(),
            ),
            Self::ChangedKey { host, place, .. } => Some(format!(
                "if {host} was installed anew, compare the shown key on its own screen (ssh-keygen -lf \
                 /etc/ssh/ssh_host_ed25519_key.pub), take the known one out of {place}, and run once with --accept-new; \
                 else somebody stands between: don't go on"
            )),
            Self::Login { user, .. } => Some(format!(
                "put a key that ssh uses into {user}'s authorized_keys, or give a password"
            )),
            Self::NoShell { user, .. } => {
                Some(format!("give {user} a login shell, or log in as somebody else"))
            }
            Self::NoRoot { user, cause, .. } if cause.contains("must have a tty") => Some(format!(
                "homelab gives sudo no terminal: put `Defaults:{user} !requiretty` into sudoers (visudo), or log in as root"
            )),
            Self::NoRoot { .. } => Some(
                "allow it in sudoers, give the password for sudo, or log in as root".to_owned(),
            ),
            Self::Broken { .. } => {
                Some("resume the run: what was done is found out first".to_owned())
            }
            Self::Timeout { .. } => {
                Some("see what holds the host up, then resume: what was done is found out first".to_owned())
            }
            Self::ZeroByte { .. } | Self::Unknown(_) | Self::Unmodelled(_) => None,
        }
    }

    /// What came from the other side, word for word.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Timeout { last, .. } if !last.is_empty() => Some(last),
            _ => None,
        }
    }

    /// Whether it's unknown if a write was carried out.
    #[must_use]
    pub const fn outcome_unknown(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::Timeout { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sudo_that_wants_a_terminal_has_its_own_cure() {
        let help = |cause: &str| {
            let (host, user) = ("a".to_owned(), "ops".to_owned());
            let cause = cause.to_owned();
            HostError::NoRoot { host, user, cause }.help().unwrap()
        };
        let tty = help("sudo: sorry, you must have a tty to run sudo");
        assert!(tty.contains("Defaults:ops !requiretty"), "{tty}");
        assert!(help("sudo: a password is required").contains("password for sudo"));
    }
}
