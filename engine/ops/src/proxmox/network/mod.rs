//! A node's interfaces: staged, shown, applied.

pub(crate) mod apply;
mod interface;
mod pending;
mod stage;

use runbook::{halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use world::proxmox::{Identity, Request};

use self::interface::InterfaceSpec;
use crate::field::Span;

/// Stages interfaces of a node: bridges, bonds and VLAN interfaces. Nothing takes effect before `apply`.
///
/// An interface that is there keeps what isn't named. Answers `node` and `interfaces`, their names.
///
/// Errors: the node has staged changes that aren't these (they're shown, and never applied); a port is in use
/// or doesn't exist.
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
