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
use world::proxmox::{Identity, Method, Request};

use super::{LinkSpec, membership::Membership, with_links};
use crate::{
    info::{Effect, Sent, with_task},
    operate::Operate,
};

/// Ensures that a node is in the cluster of this name; makes the cluster if the node is in none.
///
/// Needs the literal root@pam. Answers `name` and `node`.
///
/// Errors: the node is in another cluster; it can't be reached; the task failed.
///
/// ```rhai
/// proxmox::cluster::ensure(#{ name: "example", node: "pve1" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnsureSpec {
    /// The cluster's name. It can't be changed later.
    name: String,
    /// The node that creates the cluster.
    node: String,
    /// The node's corosync links. Default: link 0 on the address that its name resolves to.
    #[serde(default)]
    links: Vec<LinkSpec>,
}

impl Operate for EnsureSpec {
    const NAME: &str = "proxmox::cluster::ensure";
    const EFFECT: Effect = Effect::Change;
    const NEEDS_ROOT: bool = true;

    fn requests() -> Vec<Sent> {
        with_task(&[
            (Method::Get, "/cluster/status"),
            (Method::Post, "/cluster/config"),
        ])
    }

    fn resource(&self) -> String {
        format!("cluster {}", self.name)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let membership = Membership::read(operation, &self.node).await?;
        if !membership.is_in(&self.node, &self.name)? {
            let trace = operation
                .trace(&Identity::Root, &self.node, "clustercreate")
                .await?;
            operation.write(creation(&self).traced(trace)).await?;
        }
        Ok(member(&self.name, &self.node))
    }
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
