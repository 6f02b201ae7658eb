//! The automated installer: answer files, the machines that ask for them, and the port through which a world
//! gives them out.
//!
//! A node is installed by Proxmox's own installer. It posts what machine it runs on to an address that was put
//! on its medium, and gets an answer file back. [`Desk`] is the one handler of such a request; a live lab serves
//! it over HTTP, the twin's machines ask it in process, and a preview predicts what they would become.

mod answer;
pub mod crypt;
mod desk;
mod http;
pub mod keys;
mod machine;

use crate::code::{self, Code};
use futures_util::future::BoxFuture;

pub use answer::{
    AnswerFile, DiskSetup, FirstBoot, Global, Hashed, Network, NoAnswer, Raid, Source,
};
pub use desk::{Asked, Desk, Offer, Offered};
pub use http::HttpInstaller;
pub use machine::Machine;

/// Gives answer files to machines that have no system yet.
pub trait Installer: Send + Sync {
    /// Lays an answer file ready for one machine, until the guard is dropped.
    ///
    /// # Errors
    /// Nobody can ask for it here.
    fn offer(&self, offer: Offer) -> BoxFuture<'_, Result<Offered, InstallError>>;
}

/// Why an answer file can't be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstallError {
    /// The lab says nowhere on which address installers find it.
    #[error("no address is set on which installers get their answer files")]
    NoAddress,
    /// The address can't be listened on.
    #[error("{address} can't be listened on: {cause}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        cause: String,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandom,
    /// A preview or twin knows no such node.
    #[error("docs describe no node {0}")]
    NoNode(String),
    /// The installer wouldn't take the answer file.
    #[error("the installer wouldn't take the answer file of {node}: {why}")]
    Refused {
        /// The node.
        node: String,
        /// Why.
        why: String,
    },
}

impl InstallError {
    /// The stable code of the class: `homelab::install::listen`.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NoAddress => code::install::no_address,
            Self::Listen { .. } => code::install::listen,
            Self::NoRandom => code::install::no_random,
            Self::NoNode(_) => code::install::no_node,
            Self::Refused { .. } => code::install::refused,
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoAddress => {
                "add a row 'Answer server' with HOST:PORT of this machine to docs/NETWORK.md, Settings, or set HOMELAB_LISTEN"
            }
            Self::Listen { .. } => {
                "it must be an address of this machine, and its port free; HOMELAB_LISTEN names another one"
            }
            Self::NoRandom => "try again; a system without random bytes can't hash a password",
            Self::NoNode(_) => "add it to docs/HARDWARE.md: Nodes, Disks, Interfaces",
            Self::Refused { .. } => {
                "correct the node's rows in docs/HARDWARE.md and docs/NETWORK.md; `homelab doc proxmox::answer_file` shows how to look at the file"
            }
        }
    }
}
