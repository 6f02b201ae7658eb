//! Applying what is staged.

use std::time::Duration;

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

use crate::{
    host::guard::Guard,
    proxmox::cluster::spare::{Away, spare},
};

use super::{NetworkSpec, Observed, list, pending::refuse_foreign};

/// How long a node may take to be reached through its new network, if nobody says otherwise.
const WITHIN: Duration = Duration::from_secs(120);

/// Why a node may be away for a moment.
const WHY: &str = "its network is changed, and taken back if it isn't reached through the new one";

pub(super) async fn run(operation: &Operation, spec: NetworkSpec) -> Result<Fields, Halt> {
    let guard = Guard {
        host: &spec.node,
        id: "network",
        reload: "network",
        paths: &["/etc/network/interfaces"],
        patience: spec.guard.map_or(WITHIN, |span| span.0),
    };
    let earlier = guard.earlier(operation).await?;
    let observed = Observed::read(operation, &spec.node).await?;
    refuse_foreign(&spec.node, &observed, &spec.interfaces)?;
    if observed.pending.trim().is_empty() {
        guard.confirm_earlier(operation, earlier).await?;
    } else {
        spare(operation, Away::a_moment(&spec.node, WHY)).await?;
        let apply = async || {
            let trace = operation
                .trace(&Identity::Root, &spec.node, "srvreload")
                .await?;
            let write = application(&spec.node, observed.pending).traced(trace);
            operation.write(write).await
        };
        guard.around(operation, earlier, apply).await?;
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
