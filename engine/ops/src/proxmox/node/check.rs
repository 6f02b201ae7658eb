//! Whether a node can be worked with.

use runbook::{bridge::Fields, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::proxmox::Identity;

use crate::spec::spec;

/// The argument of `proxmox::node::check`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckSpec {
    /// The node's name.
    node: String,
}
spec!(CheckSpec, |spec| format!("node {}", spec.node));

pub(super) async fn run(operation: &Operation, spec: CheckSpec) -> Result<Fields, Halt> {
    let answer = operation.api().version(&Identity::Root, &spec.node).await?;
    let mut fields = Fields::new();
    fields.insert("node".to_owned(), json!(spec.node));
    fields.insert("version".to_owned(), json!(answer.field_text("version")));
    Ok(fields)
}
