//! The lab as a model: the same ports as a live lab's, answered from rows.
//!
//! [`Twin`] holds the model's rows in SQLite, and the lab's time; `twin_pve` answers the API from them, and `twin_hosts`
//! the verbs of hosts. A preview lets the same two answer from rows that are filled through a port's reads.

pub mod clock;
pub mod docs;
mod door;
mod export;
pub mod facts;
mod hosts;
mod install;
mod lease;
mod machine;
mod port;
pub mod preview;
mod rehearse;
pub mod request_log;
mod seal;
pub mod seed;
pub mod serve;
mod ssh;
mod store;
mod twin;

pub use facts::{LabFacts, Start};
pub use install::Url;
pub use model::fault;
pub use serve::{Manner, Served, ServedNode};
pub use twin::{Options, Twin, TwinError};

/// The calls that the API publishes: `GET /pools/{poolid}`.
pub fn calls() -> impl Iterator<Item = &'static str> {
    twin_pve::api().calls.all().map(|call| call.name)
}
