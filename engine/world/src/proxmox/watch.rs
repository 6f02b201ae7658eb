//! Following a task.

use super::{Identity, Upid};

/// Which task is watched, as whom, and at which node the questions are asked.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The task.
    pub upid: Upid,
    /// As whom its state is read: its owner may always.
    pub identity: Identity,
    /// The node that is asked; the task's own unless chosen otherwise.
    pub at: String,
}
