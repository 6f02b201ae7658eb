//! Hosts: the port (a framed call of a verb, and its reply), the verbs, and the live side.
//!
//! A prelude in POSIX sh defines one function per verb and is sent once per connection; each probe or
//! action is one framed call. The machine that homelab runs on is the host [`OPERATOR`].

mod call;
mod operator;
mod port;
mod shell;
mod verb;

pub use call::{Call, Reply};
pub use operator::Operator;
pub use port::{HostError, Port};
pub use shell::{FrameError, PRELUDE, Shell, prelude_hash, serve_command};
pub use verb::{Effect, VERBS, Verb};

/// The host name of the machine that homelab runs on. Its paths are relative to the lab's folder.
pub const OPERATOR: &str = "operator";
