//! What a task does when it ends well, as data.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::rows::Key;

/// What a task does when it ends well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub enum Effect {
    /// Rows as they are to be; one without a value is removed.
    Rows {
        /// The rows.
        rows: Vec<(Key, Option<Value>)>,
    },
    /// What is staged of the node's network is put in force.
    ApplyNetwork,
    /// The node becomes a member of a cluster.
    Join {
        /// The cluster's domain.
        into: String,
        /// The node's section in `corosync.conf`.
        section: Map<String, Value>,
        /// The number that it asked for; else it gets the lowest that is free.
        nodeid: Option<String>,
    },
}
