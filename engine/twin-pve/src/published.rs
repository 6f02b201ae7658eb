//! What Proxmox publishes of the calls of its API.

use std::sync::LazyLock;

use model::{declare::Declaration, published::Calls};

/// One call a line, as `api/generate` writes them.
pub(crate) const LINES: &str = include_str!("../api/calls.jsonl");

/// Every call, also those that nothing answers.
pub(crate) static CALLS: LazyLock<Calls> = LazyLock::new(|| Calls::new(LINES));

/// What is published about a call that a handler names.
pub(crate) fn declaration(call: &str) -> &'static Declaration {
    CALLS.declaration(call)
}
