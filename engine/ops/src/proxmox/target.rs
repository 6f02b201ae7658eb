//! Which node is asked.

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::code;

/// The node that answers for the whole cluster: the first that was connected.
///
/// Why one rule: before the joins each node is a cluster of its own, and the first one's is the lab's.
///
/// # Errors
/// No node is connected.
pub(crate) fn first_node(operation: &Operation) -> Result<String, Halt> {
    let nodes = operation.api().nodes();
    nodes
        .into_iter()
        .next()
        .map(|node| node.name)
        .ok_or_else(|| {
            Failure::new(code::proxmox::not_connected, "no node is connected")
                .help("call proxmox::connect(#{ nodes, user, password }) at the top of the runbook")
                .into()
        })
}
