//! What is known of an operation without calling it: effect, fields, the API calls that it may send.

use schemars::Schema;
use world::proxmox::Method;

/// What an operation can do to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Only looks.
    Read,
    /// Makes or changes things.
    Change,
    /// Can remove something, or takes what can't be given back, as an empty disk.
    Destroy,
}

impl Effect {
    /// The effect in one word, as the reference shows it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Change => "change",
            Self::Destroy => "destroy",
        }
    }
}

/// A call of the API that an operation may send: method and path template.
pub type Sent = (Method, &'static str);

/// What is known of an operation.
#[derive(Clone, Debug)]
pub struct OperationInfo {
    /// Its name in scripts: `proxmox::storage::ensure`.
    pub name: &'static str,
    /// What it can do.
    pub effect: Effect,
    /// Fields that are given as arguments of their own, before the map.
    pub positional: &'static [&'static str],
    /// The schema of its argument.
    pub schema: fn() -> Schema,
    /// Whether only the literal `root@pam` with its password may do it.
    pub needs_root: bool,
    /// Every call of the API that it may send.
    pub requests: Vec<Sent>,
}

/// Calls, and the reads that following a task needs.
pub(crate) fn with_task(calls: &[Sent]) -> Vec<Sent> {
    let task = [
        (Method::Get, "/nodes/{node}/tasks"),
        (Method::Get, "/nodes/{node}/tasks/{upid}/status"),
        (Method::Get, "/nodes/{node}/tasks/{upid}/log"),
    ];
    [calls, &task].concat()
}
