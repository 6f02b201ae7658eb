//! The certificates that a cluster knows of its nodes.

use runbook::{halt::Halt, operation::Operation};
use world::proxmox::{Identity, Request};

use crate::{difference::text, learns};

/// Learns which certificates these nodes show, as one of them knows it. That it doesn't say is no failure: nothing else
/// depends on it.
pub(crate) async fn learn(
    operation: &Operation,
    asked: &str,
    nodes: &[String],
) -> Result<(), Halt> {
    let is_wanted = |node: &String| operation.has_place(&learns::FINGERPRINT, &[node]);
    let wanted: Vec<&String> = nodes.iter().filter(|node| is_wanted(node)).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let list = Request::get("/nodes");
    let answer = match operation.try_read(&Identity::Root, asked, &list).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(Halt::Unknown(_)) => return Ok(()),
        Err(halt) => return Err(halt),
    };
    for node in wanted {
        if let Some(row) = answer.item("node", node) {
            operation.learn(&learns::FINGERPRINT, &[node], &text(row, "ssl_fingerprint"));
        }
    }
    Ok(())
}
