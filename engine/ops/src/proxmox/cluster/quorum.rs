//! Waiting for quorum.

use std::time::Duration;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::proxmox::{Identity, Request};

use super::membership::Membership;
use crate::{
    difference::text,
    field::{Names, Span},
    proxmox::{first_node, node::certificates},
    spec::spec,
};

/// The argument of `proxmox::cluster::status`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusSpec {
    /// The node that is asked. Default: the first connected node.
    node: Option<String>,
    /// The nodes that must be online. Default: those that the cluster knows.
    #[serde(default)]
    nodes: Names,
    /// How long to wait at most. Default: `2 min`.
    timeout: Option<Span>,
}
spec!(StatusSpec, |_spec| "cluster".to_owned());

const PAUSE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) async fn run(operation: &Operation, spec: StatusSpec) -> Result<Fields, Halt> {
    let node = match &spec.node {
        Some(node) => node.clone(),
        None => first_node(operation)?,
    };
    let patience = spec.timeout.map_or(PATIENCE, |timeout| timeout.0);
    let mut waited = Duration::ZERO;
    loop {
        let membership = Membership::read(operation, &node).await?;
        let wanted = if spec.nodes.is_empty() {
            membership.nodes.keys().cloned().collect()
        } else {
            spec.nodes.sorted()
        };
        let lack = match membership.lack(&wanted) {
            Some(lack) => Some(lack),
            None => behind(operation, &node, &wanted).await?,
        };
        match lack {
            None => {
                certificates::learn(operation, &node, &wanted).await?;
                return Ok(told(operation, &membership));
            }
            Some(lack) if waited >= patience || membership.cluster.is_none() => {
                return Err(late(&node, &lack, waited));
            }
            Some(_) => operation.wait(PAUSE).await?,
        }
        waited += PAUSE;
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

fn late(node: &str, lack: &str, waited: Duration) -> Halt {
    Failure::new(
        "homelab::cluster::not_ready",
        format!(
            "the cluster isn't ready, as {node} sees it after {} s",
            waited.as_secs()
        ),
    )
    .cause(lack.to_owned())
    .help("see that every node is on and reaches the others on the corosync links, then resume")
    .into()
}
