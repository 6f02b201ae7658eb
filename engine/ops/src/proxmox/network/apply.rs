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
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    proxmox::{Identity, Method, Request},
};

use crate::{
    host::guard::Guard,
    info::{Effect, Sent, with_task},
    operate::{Operate, answered},
    proxmox::cluster::spare::{Away, REQUEST, spare},
};

use super::{NetworkSpec, Observed, list, pending::refuse_foreign};

/// How long a node may take to be reached through its new network, if nobody says otherwise.
const WITHIN: Duration = Duration::from_secs(120);

/// Why a node may be away for a moment.
const WHY: &str = "its network is changed, and taken back if it isn't reached through the new one";

/// Applies what is staged for these interfaces of a node, and shows it as the API's own diff. A timer on the node is
/// armed first that restores the former network: it's disarmed once the node is reached over SSH through the new one.
///
/// In a cluster it waits first until the other nodes hold the quorum; of two nodes the other has to be there. Answers
/// `node`.
///
/// Errors: the node has staged changes that aren't these, or the others hold no quorum (nothing is applied then); the
/// task failed; changes are still staged after it.
///
/// ```rhai
/// let bridge = #{
///     node: "pve1",
///     interfaces: [#{ iface: "vmbr0", type: "bridge", bridge_vlan_aware: true }]
/// };
/// proxmox::network::stage(bridge);
/// proxmox::network::apply(bridge)
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct ApplySpec(NetworkSpec);

impl Operate for ApplySpec {
    const NAME: &str = "proxmox::network::apply";
    const EFFECT: Effect = Effect::Change;

    fn requests() -> Vec<Sent> {
        with_task(&[
            REQUEST,
            (Method::Get, "/nodes/{node}/network"),
            (Method::Put, "/nodes/{node}/network"),
        ])
    }

    fn resource(&self) -> String {
        self.0.resource()
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let Self(wanted) = self;
        wanted.check()?;
        let guard = Guard {
            host: &wanted.node,
            id: "network",
            reload: "network",
            paths: &["/etc/network/interfaces"],
            patience: wanted.guard.map_or(WITHIN, |span| span.0),
        };
        let earlier = guard.earlier(operation).await?;
        let observed = Observed::read(operation, &wanted.node).await?;
        refuse_foreign(&wanted.node, &observed, &wanted.interfaces)?;
        if observed.pending.trim().is_empty() {
            guard.confirm_earlier(operation, earlier).await?;
        } else {
            spare(operation, Away::a_moment(&wanted.node, WHY)).await?;
            let apply = async || {
                let trace = operation
                    .trace(&Identity::Root, &wanted.node, "srvreload")
                    .await?;
                let write = application(&wanted.node, observed.pending).traced(trace);
                operation.write(write).await
            };
            guard.around(operation, earlier, apply).await?;
            verify(operation, &wanted.node).await?;
        }
        Ok(answered([("node", json!(wanted.node))]))
    }
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
        code::network::still_staged,
        format!("{node} still has staged network changes after they were applied"),
    );
    Err(failure
        .cause(left)
        .help("look at them in the web interface; somebody may have staged them meanwhile")
        .into())
}
