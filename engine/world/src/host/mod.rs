//! Hosts: the port (a framed call of a verb, and its reply), the verbs, and the live side.
//!
//! A prelude in POSIX sh defines one function per verb and is sent once per connection; each probe or
//! action is one framed call. The machine that homelab runs on is the host [`OPERATOR`].

mod call;
mod destination;
mod error;
mod foresight;
mod frame;
mod live;
mod marked;
mod operator;
mod port;
mod prelude;
mod script;
mod shell;
pub mod ssh;
pub mod verb;

pub use call::{Call, Reply, Who};
pub use destination::Destination;
pub use error::HostError;
pub use foresight::{Foresight, holds};
pub use frame::{FrameError, Line, Request, read_line};
pub use live::LiveHosts;
pub use operator::Operator;
pub use port::Port;
pub use prelude::{COMMAND, PRELUDE, Start};
pub use script::{Script, ScriptError};
pub use shell::{NoReply, Shell};
pub use ssh::Ssh;
pub use verb::{Ask, Effect, Parts, Split, Told, VERBS, Verb, all as verbs};

/// The host name of the machine that homelab runs on. Its paths are relative to the lab's folder.
pub const OPERATOR: &str = "operator";
