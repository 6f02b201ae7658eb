//! The model: pure handlers over rows. It answers for the twin and for previews, and knows neither.

pub mod access;
pub mod auth;
pub mod beat;
pub mod corosync;
pub mod declare;
pub mod dispatch;
pub mod effect;
pub mod fault;
pub mod format;
mod format_more;
mod format_properties;
pub mod host_effect;
pub mod interfaces;
pub mod kind;
pub mod node;
pub mod params;
pub mod permission;
pub mod privilege;
pub mod property;
pub mod published;
pub mod request;
pub mod rows;
pub mod schema;
pub mod stop;
pub mod task;
pub mod transaction;
pub mod upload;

pub use dispatch::answer;
pub use effect::Effect;
pub use host_effect::HostEffect;
pub use params::Params;
pub use published::Api;
pub use rows::{CellId, Fault, Key, MemoryRows, Rows, domain_of, founded_domain, node_domain};
pub use stop::Stop;
pub use task::{Task, Work};
pub use transaction::{Caller, Config, Passing, Reality, Tx};
