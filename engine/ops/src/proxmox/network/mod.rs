//! A node's interfaces: staged, shown, applied.

mod apply;
mod interface;
mod pending;
mod stage;

use rhai::plugin::*;
use schemars::JsonSchema;
use serde::Deserialize;
use world::proxmox::{Identity, Method, Request};

use interface::InterfaceSpec;
use runbook::{halt::Halt, operation::Operation};
use serde_json::Value;

use crate::{
    field::Span,
    info::{Effect, OperationInfo, TASK},
    proxmox::cluster::spare,
    script::Answer,
    spec::{schema_of, spec},
};

const STAGE: &str = "proxmox::network::stage";
const APPLY: &str = "proxmox::network::apply";

pub(crate) const OPERATIONS: &[OperationInfo] = &[
    OperationInfo {
        name: STAGE,
        effect: Effect::Change,
        positional: &[],
        schema: schema_of::<NetworkSpec>,
        needs_root: false,
        requests: &[
            (Method::Get, "/nodes/{node}/network"),
            (Method::Post, "/nodes/{node}/network"),
            (Method::Put, "/nodes/{node}/network/{iface}"),
        ],
    },
    OperationInfo {
        name: APPLY,
        effect: Effect::Change,
        positional: &[],
        schema: schema_of::<NetworkSpec>,
        needs_root: false,
        requests: &[
            spare::REQUEST,
            (Method::Get, "/nodes/{node}/network"),
            (Method::Put, "/nodes/{node}/network"),
            TASK[0],
            TASK[1],
            TASK[2],
        ],
    },
];

/// The argument of `proxmox::network::stage` and `apply`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NetworkSpec {
    /// The node's name.
    node: String,
    /// The interfaces, those that others stand on first: bonds, bridges, VLAN interfaces.
    interfaces: Vec<InterfaceSpec>,
    /// How long the node may take to be reached through its new network; then it goes back to the former one by itself.
    /// `apply` alone needs it. Default: 2 min.
    guard: Option<Span>,
}
spec!(NetworkSpec, |spec| format!("network of {}", spec.node));

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

/// A node's network.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};
    use runbook::bridge;

    use super::{APPLY, Answer, STAGE, apply, stage};

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
    #[rhai_fn(return_raw)]
    pub fn stage(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, STAGE, spec, stage::run)
    }

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
    #[rhai_fn(return_raw)]
    pub fn apply(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, APPLY, spec, apply::run)
    }
}
