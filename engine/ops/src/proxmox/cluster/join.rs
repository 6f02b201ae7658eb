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
    Secret,
    proxmox::{Identity, Request},
};

use super::{
    LinkSpec,
    create::{described, member},
    membership::Membership,
    with_links,
};
use crate::{difference::text, proxmox::first_node, spec::spec};

/// The argument of `proxmox::cluster::join`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinSpec {
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
spec!(JoinSpec, |spec| format!(
    "cluster {} on {}",
    spec.name, spec.node
));

pub(super) async fn run(operation: &Operation, spec: JoinSpec) -> Result<Fields, Halt> {
    let membership = Membership::read(operation, &spec.node).await?;
    if !membership.is_in(&spec.node, &spec.name)? {
        refuse_guests(operation, &spec.node).await?;
        let door = door(operation, &spec).await?;
        let trace = operation
            .trace(&Identity::Root, &spec.node, "clusterjoin")
            .await?;
        operation.write(joining(&spec, &door).traced(trace)).await?;
        // Its tickets died with its old users; it logs in again.
        operation.api().forget_ticket(&spec.node);
    }
    Ok(member(&spec.name, &spec.node))
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
        "homelab::cluster::guests",
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

async fn door(operation: &Operation, spec: &JoinSpec) -> Result<Door, Halt> {
    let through = match &spec.member {
        Some(member) => member.clone(),
        None => first_node(operation)?,
    };
    if !Membership::read(operation, &through)
        .await?
        .is_in(&through, &spec.name)?
    {
        let failure = Failure::new(
            "homelab::cluster::no_cluster",
            format!(
                "{} can't join: {through} isn't in the cluster '{}'",
                spec.node, spec.name
            ),
        );
        return Err(failure
            .help("proxmox::cluster::ensure makes the cluster first")
            .into());
    }
    let request = Request::get("/cluster/config/join");
    let answer = operation.read(&Identity::Root, &through, &request).await?;
    let door = read_door(&answer.data, &through).ok_or_else(|| {
        Failure::new(
            "homelab::cluster::no_fingerprint",
            format!("{through} doesn't say by which address and certificate it can be joined"),
        )
    })?;
    Ok(door)
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
