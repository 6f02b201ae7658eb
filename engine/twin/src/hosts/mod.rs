//! The hosts of a twin: calls as they come in, with the faults that are to happen, and the keys that hosts show.

mod outcome;
mod port;
mod trust;

pub(crate) use self::{outcome::Outcome, port::TwinHosts};
