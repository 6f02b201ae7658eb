//! Whether a storage is active on its nodes.

use std::time::Duration;

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::{
    code,
    proxmox::{Identity, Request},
};

use super::shape::StorageSpec;
use crate::host::patience::Patience;

const PAUSE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the storage is active on every node that should have it, and names them.
pub(super) async fn wait(operation: &Operation, spec: &StorageSpec) -> Result<Vec<String>, Halt> {
    let nodes = if spec.nodes.is_empty() {
        let mut all: Vec<String> = operation
            .api()
            .nodes()
            .into_iter()
            .map(|node| node.name)
            .collect();
        all.sort();
        all
    } else {
        spec.nodes.sorted()
    };
    let patience = Patience {
        limit: spec.timeout.map_or(PATIENCE, |timeout| timeout.0),
        every: PAUSE,
    };
    let look = async || {
        for node in &nodes {
            if let Some(lack) = lack(operation, &spec.storage, node).await? {
                return Ok(Err(late(&spec.storage, node, lack, patience.limit)));
            }
        }
        Ok(Ok(()))
    };
    patience.until(operation, look).await?;
    Ok(nodes)
}

/// Why the storage can't be used on a node; nothing if it can.
async fn lack(
    operation: &Operation,
    storage: &str,
    node: &str,
) -> Result<Option<&'static str>, Halt> {
    let request = Request::get(Request::path(&[
        "nodes", node, "storage", storage, "status",
    ]));
    let status = operation.read(&Identity::Root, node, &request).await?;
    Ok(
        match (status.field_bool("enabled"), status.field_bool("active")) {
            (Some(false), _) => Some("it isn't enabled there"),
            (_, Some(true)) => None,
            _ => Some("it isn't active there"),
        },
    )
}

fn late(storage: &str, node: &str, lack: &str, waited: Duration) -> Failure {
    Failure::new(
        code::storage::inactive,
        format!("storage {storage} can't be used on {node} after {} s", waited.as_secs()),
    )
    .cause(lack.to_owned())
    .help("see that the node reaches the storage's server, or has its volume group or pool; then resume")
}
