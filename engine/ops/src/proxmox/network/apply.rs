//! Applying what is staged.

use runbook::{
    action::{Change, Condition, Kind},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use serde_json::json;
use world::proxmox::{Identity, Request};

use super::{NetworkSpec, Observed, list, pending::refuse_foreign};

pub(super) async fn run(operation: &Operation, spec: NetworkSpec) -> Result<Fields, Halt> {
    let observed = Observed::read(operation, &spec.node).await?;
    refuse_foreign(&spec.node, &observed, &spec.interfaces)?;
    if !observed.pending.trim().is_empty() {
        let trace = operation
            .trace(&Identity::Root, &spec.node, "srvreload")
            .await?;
        operation
            .write(application(&spec.node, observed.pending).traced(trace))
            .await?;
        verify(operation, &spec.node).await?;
    }
    let mut fields = Fields::new();
    fields.insert("node".to_owned(), json!(spec.node));
    Ok(fields)
}

fn application(node: &str, diff: String) -> Write {
    let before = json!({ "interfaces": "staged" });
    let after = json!({ "interfaces": "applied" });
    let mut change = Change::new(format!("network of {node}"), Kind::Apply, before, after);
    change.diff = Some(diff);
    let request = Request::put(Request::path(&["nodes", node, "network"]));
    // No answer's data tells applied from staged: without a task it wasn't applied, and is looked at again.
    Write::request(
        change,
        &Identity::Root,
        node,
        request,
        (list(node), Condition::Absent),
    )
}

async fn verify(operation: &Operation, node: &str) -> Result<(), Halt> {
    let left = Observed::read(operation, node).await?.pending;
    if left.trim().is_empty() {
        return Ok(());
    }
    let failure = Failure::new(
        "homelab::network::still_staged",
        format!("{node} still has staged network changes after they were applied"),
    );
    Err(failure
        .cause(left)
        .help("look at them in the web interface; somebody may have staged them meanwhile")
        .into())
}
