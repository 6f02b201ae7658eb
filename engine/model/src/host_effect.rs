//! What calls set off on hosts, as data.

use super::{
    kind,
    rows::{Key, domain_of},
};

/// The file of a node's network.
pub const NETWORK: &str = "/etc/network/interfaces";

/// The id of what a host's sshd read last.
pub const SSHD: &str = "read";

/// What a call sets off on a host beyond what it writes itself. What comes of it is the host's own doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostEffect {
    /// The host starts anew, at once.
    Restart,
    /// Proxmox VE writes the file of the network anew, from what its API has.
    WriteNetwork,
    /// The network is set up anew, as its file says.
    ReloadNetwork,
    /// A guard keeps the network as it is.
    KeepNetwork {
        /// The guard.
        guard: String,
    },
    /// sshd reads its settings.
    ReadSshd,
}

impl HostEffect {
    /// The row that shows what came of it on a host, and what that is in words.
    #[must_use]
    pub fn shown(&self, host: &str) -> (Key, String) {
        let (kind, id, what) = match self {
            Self::Restart => (kind::BOOT, "id", format!("the start of {host}")),
            Self::WriteNetwork => (
                kind::FILE,
                NETWORK,
                format!("what Proxmox VE writes to {NETWORK} of {host}"),
            ),
            Self::ReloadNetwork => (
                kind::RELOAD,
                "network",
                format!("the network of {host} after its reload"),
            ),
            Self::KeepNetwork { guard } => (
                kind::GUARDED,
                guard.as_str(),
                format!("the network of {host} before its change"),
            ),
            Self::ReadSshd => (kind::SSHD, SSHD, format!("what sshd of {host} goes by")),
        };
        (Key::new(domain_of(host), kind, id), what)
    }
}
