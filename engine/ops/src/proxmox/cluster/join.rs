//! Joining a node to the cluster.

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    Secret, code,
    proxmox::{Identity, Method, Request},
};

use super::{
    LinkSpec,
    create::{described, is_founded, member, there},
    membership::Membership,
    with_links,
};
use crate::{
    difference::text,
    info::{Effect, Sent, with_task},
    operate::Operate,
    proxmox::first_node,
};

/// Ensures that a node is in the cluster of this name; joins it if it's in none and holds no guests, and waits until the
/// member gets through to it.
///
/// One node at a time. The joining node's users, tokens, storages and certificate are replaced by the
/// cluster's. Needs the literal root@pam. Answers `name` and `node`.
///
/// Errors: the node is in another cluster, holds guests, or can't be reached; there is no such cluster yet; the
/// task failed.
///
/// ```rhai
/// proxmox::cluster::ensure(#{ name: "example", node: "pve1" });
/// proxmox::cluster::join(#{ name: "example", node: "pve2", password: secret("PROXMOX_PASSWORD") })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinSpec {
    /// The cluster's name.
    name: String,
    /// The node that joins.
    node: String,
    /// The member that is joined through. Default: the first connected node.
    member: Option<String>,
    /// The password of root@pam on the member.
    #[schemars(schema_with = "crate::field::secret")]
    password: Secret,
    /// The joining node's corosync links. Default: link 0 on the address that its name resolves to.
    #[serde(default)]
    links: Vec<LinkSpec>,
}

impl Operate for JoinSpec {
    const NAME: &str = "proxmox::cluster::join";
    const EFFECT: Effect = Effect::Change;
    const NEEDS_ROOT: bool = true;

    fn requests() -> Vec<Sent> {
        with_task(&[
            (Method::Get, "/cluster/status"),
            (Method::Get, "/cluster/resources"),
            (Method::Get, "/cluster/config/totem"),
            (Method::Get, "/cluster/config/join"),
            (Method::Post, "/cluster/config/join"),
            (Method::Get, "/nodes/{node}/version"),
        ])
    }

    fn resource(&self) -> String {
        format!("cluster {} on {}", self.name, self.node)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let membership = Membership::read(operation, &self.node).await?;
        if !membership.is_in(&self.node, &self.name)? {
            refuse_guests(operation, &self.node).await?;
            let through = match &self.member {
                Some(member) => member.clone(),
                None => first_node(operation)?,
            };
            let door = door(operation, &self, &through).await?;
            let trace = operation
                .trace(&Identity::Root, &self.node, "clusterjoin")
                .await?;
            operation.write(joining(&self, &door).traced(trace)).await?;
            // Its tickets died with its old users; it logs in again.
            operation.api().forget_ticket(&self.node);
            reached(operation, &through, &self.node).await?;
        }
        Ok(member(&self.name, &self.node))
    }
}

/// A join replaces the node's configuration, that of its guests too: Proxmox refuses it, and so do we, in time.
async fn refuse_guests(operation: &Operation, node: &str) -> Result<(), Halt> {
    let request = Request::get("/cluster/resources").with("type", "vm");
    let answer = operation.read(&Identity::Root, node, &request).await?;
    let guests = guests(answer.items());
    if guests.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(
        code::cluster::guests,
        format!(
            "{node} holds guests and can't join a cluster: {}; nothing was changed",
            guests.join(", ")
        ),
    );
    Err(failure
        .help("back them up, remove them, join, and restore them")
        .into())
}

fn guests(rows: &[Value]) -> Vec<String> {
    let name = |row: &Value| match text(row, "name") {
        name if name.is_empty() => text(row, "vmid"),
        name => format!("{} ({name})", text(row, "vmid")),
    };
    let mut guests: Vec<String> = rows.iter().map(name).collect();
    guests.sort();
    guests
}

/// Where a join goes: the member's address and the fingerprint of its certificate.
struct Door {
    address: String,
    fingerprint: String,
}

/// Waits until a member gets through to the new one: it takes the new certificate for a wrong one until it has it, and that
/// is what a read outlasts.
async fn reached(operation: &Operation, through: &str, node: &str) -> Result<(), Halt> {
    let request = Request::get(Request::path(&["nodes", node, "version"]));
    let answer = operation.read(&Identity::Root, through, &request).await;
    answer.map(drop)
}

async fn door(operation: &Operation, spec: &JoinSpec, through: &str) -> Result<Door, Halt> {
    let membership = Membership::read(operation, through).await?;
    if !membership.is_in(through, &spec.name)? {
        if !is_founded(operation, through).await? {
            return Err(no_cluster(spec, through).into());
        }
        there(operation, through, &spec.name).await?;
    }
    let request = Request::get("/cluster/config/join");
    let answer = operation.read(&Identity::Root, through, &request).await?;
    let door = read_door(&answer.data, through).ok_or_else(|| {
        Failure::new(
            code::cluster::no_fingerprint,
            format!("{through} doesn't say by which address and certificate it can be joined"),
        )
    })?;
    Ok(door)
}

fn no_cluster(spec: &JoinSpec, through: &str) -> Failure {
    let (node, name) = (&spec.node, &spec.name);
    let text = format!("{node} can't join: {through} isn't in the cluster '{name}'");
    Failure::new(code::cluster::no_cluster, text)
        .help("proxmox::cluster::ensure makes the cluster first")
}

fn read_door(data: &Value, through: &str) -> Option<Door> {
    let nodes = data.get("nodelist")?.as_array()?;
    let preferred = text(data, "preferred_node");
    let named = |name: &str| nodes.iter().find(|node| text(node, "name") == name);
    let node = named(through).or_else(|| named(&preferred))?;
    let door = Door {
        address: text(node, "pve_addr"),
        fingerprint: text(node, "pve_fp"),
    };
    (!door.address.is_empty() && !door.fingerprint.is_empty()).then_some(door)
}

fn joining(spec: &JoinSpec, door: &Door) -> Write {
    let request = Request::post("/cluster/config/join")
        .with("hostname", &door.address)
        .with("fingerprint", &door.fingerprint)
        .with("password", spec.password.clone());
    let proof = Condition::Contains(json!({ "type": "cluster", "name": spec.name }));
    Write::request(
        Change::create(
            format!("member {} of cluster {}", spec.node, spec.name),
            described(&spec.node, &spec.links),
        ),
        &Identity::Root,
        &spec.node,
        with_links(request, &spec.links),
        (Request::get("/cluster/status"), proof),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_guests() {
        let rows = json!([{"vmid": 200, "name": "web"}, {"vmid": "101"}]);
        assert_eq!(guests(rows.as_array().unwrap()), ["101", "200 (web)"]);
    }

    #[test]
    fn finds_the_door_by_the_members_name_or_the_preferred_one() {
        let data = json!({"preferred_node": "a", "nodelist": [
            {"name": "a", "pve_addr": "10.0.0.1", "pve_fp": "AA"},
            {"name": "b", "pve_addr": "10.0.0.2", "pve_fp": "BB"},
        ]});
        assert_eq!(read_door(&data, "b").unwrap().fingerprint, "BB");
        assert_eq!(read_door(&data, "other").unwrap().address, "10.0.0.1");
        assert!(read_door(&json!({}), "a").is_none());
    }
}
