//! The Proxmox VE API: the port (a request and its answer), and all that lies above the cut and so runs
//! in every world: requests as data, sessions, typed errors, tasks, property strings.

mod answer;
mod api;
mod certificate;
mod classify;
mod client;
mod error;
mod help;
pub mod lenient;
mod login;
mod node;
mod port;
mod request;
mod retry;
mod routes;
mod session;
mod task;
mod version;
mod watch;

pub use answer::Answer;
pub use api::{Api, Teller};
pub use client::HttpsPort;
pub use error::{ApiError, Asked};
pub use node::{Identity, Node};
pub use port::{Port, PortError, Reason};
pub use request::{Method, Param, Request};
pub use routes::{Route, Routes, Trust, TrustError};
pub use task::{TaskEnd, TaskEvent, TaskStatus, Upid, UpidError};
pub use watch::Watch;

#[cfg(test)]
mod tests;
