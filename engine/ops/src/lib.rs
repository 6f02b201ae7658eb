//! What a runbook can say: the operations, and the compositions of `stdlib/`.
//!
//! One folder a family, one file an idea. Each operation probes, computes its difference with a pure function, and
//! hands actions to its world; none knows which world that is. [`operations`] is the one list of them.

mod declared;
mod difference;
mod envrc;
mod field;
mod host;
mod info;
mod learns;
mod operate;
mod proxmox;
mod registry;
mod script;
mod spec;
pub mod sync;

pub use host::COMMAND;
pub use info::{Effect, OperationInfo, Sent};
pub use learns::{LEARNS, Learns, learns};
pub use registry::{operation, operations, register};

/// The modules that are part of the program, by the name under which scripts import them.
pub const STDLIB: &[(&str, &str)] = &[
    (
        "stdlib/cluster",
        include_str!("../../../stdlib/cluster.rhai"),
    ),
    (
        "stdlib/install",
        include_str!("../../../stdlib/install.rhai"),
    ),
    (
        "stdlib/network",
        include_str!("../../../stdlib/network.rhai"),
    ),
    (
        "stdlib/packages",
        include_str!("../../../stdlib/packages.rhai"),
    ),
    (
        "stdlib/passthrough",
        include_str!("../../../stdlib/passthrough.rhai"),
    ),
    ("stdlib/reach", include_str!("../../../stdlib/reach.rhai")),
    (
        "stdlib/storage",
        include_str!("../../../stdlib/storage.rhai"),
    ),
    ("stdlib/access", include_str!("../../../stdlib/access.rhai")),
];
