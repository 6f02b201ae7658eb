//! A node's interfaces: staged, shown, applied.

pub(crate) mod apply;
mod interface;
mod pending;
mod stage;

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use world::{
    code,
    proxmox::{Identity, Request},
};

use self::interface::InterfaceSpec;
use crate::field::Span;

/// Stages interfaces of a node: bridges, bonds and VLAN interfaces. Nothing takes effect before `apply`.
///
/// An interface that is there keeps what isn't named. Answers `node` and `interfaces`, their names.
///
/// Errors: the node has staged changes that aren't these (they're shown, and never applied); a port is in use
/// or doesn't exist; a bridge has `bridge_vids`, and `bridge_vlan_aware` isn't said.
///
/// ```rhai
/// proxmox::network::stage(#{
///     node: "pve1",
///     interfaces: [#{ iface: "vmbr0", type: "bridge", bridge_vlan_aware: true }]
/// })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkSpec {
    /// The node's name.
    node: String,
    /// The interfaces, those that others stand on first: bonds, bridges, VLAN interfaces.
    interfaces: Vec<InterfaceSpec>,
    /// How long the node may take to be reached through its new network; then it goes back to the former one by itself.
    /// `apply` alone needs it. Default: 2 min.
    guard: Option<Span>,
}

impl NetworkSpec {
    /// Refuses what Proxmox would drop, so that each run would want it again.
    fn check(&self) -> Result<(), Failure> {
        let lacks = InterfaceSpec::lacks_vlan_awareness;
        match self.interfaces.iter().find(|interface| lacks(interface)) {
            Some(interface) => Err(Failure::new(
                code::runbook::argument,
                format!(
                    "{} of {} has `bridge_vids`, but no `bridge_vlan_aware`",
                    interface.iface, self.node
                ),
            )
            .help(
                "say whether it tells VLANs apart; docs/NETWORK.md, Bridges, has it as VLAN aware",
            )),
            None => Ok(()),
        }
    }
}

/// A node's interfaces with all that is staged, and the staged changes as a diff.
struct Observed {
    rows: Vec<Value>,
    pending: String,
}

impl Observed {
    async fn read(operation: &Operation, node: &str) -> Result<Self, Halt> {
        let answer = operation.read(&Identity::Root, node, &list(node)).await?;
        Ok(Self {
            rows: answer.items().to_vec(),
            pending: answer.changes.unwrap_or_default(),
        })
    }
}

fn list(node: &str) -> Request {
    Request::get(Request::path(&["nodes", node, "network"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refuses_vlans_of_a_bridge_that_may_not_tell_them_apart() {
        let check = |bridge: Value| {
            let spec = json!({"node": "pve1", "interfaces": [bridge]});
            serde_json::from_value::<NetworkSpec>(spec).unwrap().check()
        };
        let refused = check(json!({"iface": "vmbr0", "type": "bridge", "bridge_vids": [20]}));
        assert_eq!(
            refused.unwrap_err().message,
            "vmbr0 of pve1 has `bridge_vids`, but no `bridge_vlan_aware`"
        );
        for aware in [true, false] {
            let bridge = json!({"iface": "vmbr0", "type": "bridge", "bridge_vlan_aware": aware, "bridge_vids": [20]});
            assert!(check(bridge).is_ok());
        }
    }
}
