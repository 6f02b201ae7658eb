//! Whether a node can be worked with.

use runbook::{bridge::Fields, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::proxmox::Identity;

use super::certificates;
use crate::{learns, spec::spec};

/// The argument of `proxmox::node::check`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckSpec {
    /// The node's name.
    node: String,
}
spec!(CheckSpec, |spec| format!("node {}", spec.node));

/// The row of SOFTWARE, Versions.
const SOFTWARE: &str = "Proxmox VE";

pub(super) async fn run(operation: &Operation, spec: CheckSpec) -> Result<Fields, Halt> {
    let answer = operation.api().version(&Identity::Root, &spec.node).await?;
    operation.weigh(answer.confidence.clone());
    let version = answer.field_text("version");
    if let Some(version) = &version {
        operation.learn(&learns::NODE_VERSION, &[&spec.node], version);
        operation.learn(&learns::VERSION, &[SOFTWARE], version);
    }
    certificates::learn(operation, &spec.node, std::slice::from_ref(&spec.node)).await?;
    let mut fields = Fields::new();
    fields.insert("node".to_owned(), json!(spec.node));
    fields.insert("version".to_owned(), json!(version));
    Ok(fields)
}
