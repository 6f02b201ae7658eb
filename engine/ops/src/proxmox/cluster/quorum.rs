//! Waiting for quorum.

use std::time::Duration;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    proxmox::{Identity, Method, Request},
};

use super::{PATIENCE, membership::Membership};
use crate::{
    difference::text,
    field::{Names, Span},
    host::patience::Patience,
    info::{Effect, Sent},
    operate::Operate,
    proxmox::{first_node, node::certificates},
};

/// Waits until the cluster has quorum, and the named nodes are online in it and in the list of its resources.
///
/// Says what two nodes mean for quorum. Answers `name`, `nodes` (in order of their names) and `quorate`.
///
/// Errors: no quorum, or a node is missing or offline, when the time is up; there is no cluster.
///
/// ```rhai
/// proxmox::cluster::ensure(#{ name: "example", node: "pve1" });
/// proxmox::cluster::status(#{ nodes: ["pve1"], timeout: "2 min" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusSpec {
    /// The node that is asked. Default: the first connected node.
    node: Option<String>,
    /// The nodes that must be online. Default: those that the cluster knows.
    #[serde(default)]
    nodes: Names,
    /// How long to wait at most. Default: `2 min`.
    timeout: Option<Span>,
}

impl Operate for StatusSpec {
    const NAME: &str = "proxmox::cluster::status";
    const EFFECT: Effect = Effect::Read;

    fn requests() -> Vec<Sent> {
        vec![
            (Method::Get, "/nodes"),
            (Method::Get, "/cluster/status"),
            (Method::Get, "/cluster/resources"),
        ]
    }

    fn resource(&self) -> String {
        "cluster".to_owned()
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let node = match &self.node {
            Some(node) => node.clone(),
            None => first_node(operation)?,
        };
        let patience = Patience {
            limit: self.timeout.map_or(PATIENCE.limit, |timeout| timeout.0),
            ..PATIENCE
        };
        let look = async || {
            let membership = Membership::read(operation, &node).await?;
            let wanted = if self.nodes.is_empty() {
                membership.nodes.keys().cloned().collect()
            } else {
                self.nodes.sorted()
            };
            let lack = match membership.lack(&wanted) {
                Some(lack) => Some(lack),
                None => behind(operation, &node, &wanted).await?,
            };
            match lack {
                None => Ok(Ok((membership, wanted))),
                // Nothing would come of waiting.
                Some(lack) if membership.cluster.is_none() => {
                    Err(late(&node, &lack, Duration::ZERO).into())
                }
                Some(lack) => Ok(Err(late(&node, &lack, patience.limit))),
            }
        };
        let (membership, wanted) = patience.until(operation, look).await?;
        certificates::learn(operation, &node, &wanted).await?;
        Ok(told(operation, &membership))
    }
}

/// Which of the nodes the list of the cluster's resources doesn't show as online yet; it lags behind.
async fn behind(
    operation: &Operation,
    node: &str,
    wanted: &[String],
) -> Result<Option<String>, Halt> {
    let request = Request::get("/cluster/resources").with("type", "node");
    let answer = operation.read(&Identity::Root, node, &request).await?;
    let is_online = |name: &str| {
        answer
            .item("node", name)
            .is_some_and(|row| text(row, "status") == "online")
    };
    let behind: Vec<&str> = wanted
        .iter()
        .map(String::as_str)
        .filter(|name| !is_online(name))
        .collect();
    Ok((!behind.is_empty()).then(|| {
        format!(
            "the cluster's resources don't show as online: {}",
            behind.join(", ")
        )
    }))
}

fn told(operation: &Operation, membership: &Membership) -> Fields {
    if membership.nodes.len() == 2 {
        operation.remark(
            "a cluster of two nodes has no quorum while one is down: /etc/pve is then read-only and no guest starts; \
             a QDevice on a third machine gives it a third vote",
        );
    }
    let mut fields = Fields::new();
    fields.insert("name".to_owned(), json!(membership.cluster));
    fields.insert(
        "nodes".to_owned(),
        json!(membership.nodes.keys().collect::<Vec<_>>()),
    );
    fields.insert("quorate".to_owned(), json!(true));
    fields
}

fn late(node: &str, lack: &str, waited: Duration) -> Failure {
    Failure::new(
        code::cluster::not_ready,
        format!(
            "the cluster isn't ready, as {node} sees it after {} s",
            waited.as_secs()
        ),
    )
    .cause(lack.to_owned())
    .help("see that every node is on and reaches the others on the corosync links, then resume")
}
