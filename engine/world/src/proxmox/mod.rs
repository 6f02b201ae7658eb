//! The Proxmox VE API: the port (a request and its answer), and all that lies above the cut and so runs
//! in every world: requests as data, sessions, typed errors, tasks, property strings.

mod answer;
mod api;
mod client;
mod error;
mod port;
mod property;
mod request;
mod task;

pub use answer::Answer;
pub use api::{Api, Credentials, Identity, Node};
pub use client::{HttpsPort, Route, Routes};
pub use error::ApiError;
pub use port::{Port, PortError, Reason};
pub use property::PropertyString;
pub use request::{Method, Param, Request};
pub use task::{TaskStatus, Upid};
