//! Whether a node can be worked with.

use runbook::{bridge::Fields, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::proxmox::{Identity, Method};

use super::certificates;
use crate::{
    info::{Effect, Sent},
    learns,
    operate::{Operate, answered},
};

/// Sees that a node answers, lets root in, and runs a release that is supported.
///
/// Answers `node`, and `version` as the node tells it.
///
/// Errors: the node can't be reached; the password is refused; it shows another certificate than the pinned
/// one; it runs Proxmox VE 8 or older.
///
/// ```rhai
/// proxmox::node::check(#{ node: "pve1" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckSpec {
    /// The node's name.
    node: String,
}

impl Operate for CheckSpec {
    const NAME: &str = "proxmox::node::check";
    const EFFECT: Effect = Effect::Read;

    fn requests() -> Vec<Sent> {
        vec![(Method::Get, "/version"), (Method::Get, "/nodes")]
    }

    fn resource(&self) -> String {
        format!("node {}", self.node)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let answer = operation.api().version(&Identity::Root, &self.node).await?;
        operation.weigh(answer.confidence.clone());
        let version = answer.field_text("version");
        if let Some(version) = &version {
            operation.learn(&learns::NODE_VERSION, &[&self.node], version);
            operation.learn(&learns::VERSION, &[SOFTWARE], version);
        }
        certificates::learn(operation, &self.node, std::slice::from_ref(&self.node)).await?;
        Ok(answered([
            ("node", json!(self.node)),
            ("version", json!(version)),
        ]))
    }
}

/// The row of SOFTWARE, Versions.
const SOFTWARE: &str = "Proxmox VE";
