//! What a task does when it ends well, as data.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{rows::Key, stop::Stop, task::Task, transaction::Tx};

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

impl Effect {
    /// Applies the effect; `tx` stands at the task's end, on its node, with its user.
    ///
    /// # Errors
    /// What the task ends with instead of `OK`, or the rows' fault.
    pub(super) fn apply(self, tx: &mut Tx<'_>, _task: &Task) -> Result<(), Stop> {
        match self {
            Self::Rows { rows } => {
                for (key, value) in rows {
                    match value {
                        Some(value) => tx.rows.put(&key, value)?,
                        None => tx.rows.delete(&key)?,
                    }
                }
                Ok(())
            }
            Self::ApplyNetwork => crate::api::network::apply_staged(tx),
            Self::Join {
                into,
                section,
                nodeid,
            } => crate::api::cluster::finish_join(tx, &into, section, nodeid),
        }
    }
}
