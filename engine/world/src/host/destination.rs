//! A host as a runbook declares it: where it is, who logs in, how it proves itself.

use crate::Secret;

/// A host: where it is, who logs in, and how it proves itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// The name under which calls mean it: `pve1`.
    pub name: String,
    /// Where it's reached: a name or an address, with `:PORT` or without. A name that `~/.ssh/config` knows may be
    /// given too.
    pub address: String,
    /// Who logs in; none: what `~/.ssh/config` says, else the caller's own name.
    pub user: Option<String>,
    /// The SHA-256 fingerprint of its host key, as OpenSSH prints it: `SHA256:…`. It pins the key.
    pub host_key: Option<String>,
    /// A password for the login, used if no key is taken.
    pub password: Option<Secret>,
    /// The password for `sudo`, if it needs one and it's another one than the login's.
    pub sudo_password: Option<Secret>,
}

impl Destination {
    /// A host at an address, all else as `~/.ssh/config` has it.
    pub fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
            ..Self::default()
        }
    }
}
