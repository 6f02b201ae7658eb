//! The hosts of a lab over SSH.
//!
//! [`Ssh`] is the port. A call finds its [`machine`], which has a shell for the login and one for root in a [`link`]: a
//! connection that is logged in. OpenSSH's own [`config`] says how a host is reached; the way to it is a list of
//! [`hop`]s, and the [`pool`] has the connections to all of them. A [`watcher`] checks each host's key against
//! [`known`] hosts, which [`trust`] changes; a [`login`] makes [`offers`] from the [`keyring`] and the key agent. A [`pipe`] carries a shell's
//! streams; [`trouble`] says what became of a call without a reply.

mod address;
mod attempt;
mod cipher;
mod client;
mod config;
mod configs;
mod elevate;
mod hop;
mod keyring;
mod known;
mod line;
mod link;
mod login;
mod machine;
mod offers;
mod passwords;
mod pipe;
mod pool;
mod routes;
mod settings;
mod shown;
mod signer;
mod tokens;
mod trouble;
mod trust;
mod watcher;
mod words;

pub use client::Ssh;
pub use elevate::Started;
pub use routes::{Route, Routes};
pub use settings::{Ask, AskNobody, NewKeys, Settings};
pub use shown::ShownKey;
