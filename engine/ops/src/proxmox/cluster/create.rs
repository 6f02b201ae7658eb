//! Making the cluster.

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::proxmox::{Identity, Request};

use super::{LinkSpec, membership::Membership, with_links};
use crate::spec::spec;

/// The argument of `proxmox::cluster::ensure`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnsureSpec {
    /// The cluster's name. It can't be changed later.
    name: String,
    /// The node that creates the cluster.
    node: String,
    /// The node's corosync links. Default: link 0 on the address that its name resolves to.
    #[serde(default)]
    links: Vec<LinkSpec>,
}
spec!(EnsureSpec, |spec| format!("cluster {}", spec.name));

pub(super) async fn run(operation: &Operation, spec: EnsureSpec) -> Result<Fields, Halt> {
    let membership = Membership::read(operation, &spec.node).await?;
    if !membership.is_in(&spec.node, &spec.name)? {
        let trace = operation
            .trace(&Identity::Root, &spec.node, "clustercreate")
            .await?;
        operation.write(creation(&spec).traced(trace)).await?;
    }
    Ok(member(&spec.name, &spec.node))
}

fn creation(spec: &EnsureSpec) -> Write {
    let request = Request::post("/cluster/config").with("clustername", &spec.name);
    let proof = Condition::Contains(json!({ "type": "cluster", "name": spec.name }));
    Write::request(
        Change::create(
            format!("cluster {}", spec.name),
            described(&spec.node, &spec.links),
        ),
        &Identity::Root,
        &spec.node,
        with_links(request, &spec.links),
        (Request::get("/cluster/status"), proof),
    )
}

/// The fields of a change that makes a node a member.
pub(super) fn described(node: &str, links: &[LinkSpec]) -> Value {
    let mut after = json!({ "node": node });
    for link in links {
        after[format!("link{}", link.link)] = link.property().into();
    }
    after
}

/// What both operations answer.
pub(super) fn member(name: &str, node: &str) -> Fields {
    let mut fields = Fields::new();
    fields.insert("name".to_owned(), json!(name));
    fields.insert("node".to_owned(), json!(node));
    fields
}
