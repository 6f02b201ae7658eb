//! Whether a node can be worked with.

use rhai::plugin::*;
use runbook::{bridge::Fields, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::proxmox::{Identity, Method};

use crate::{
    info::{Effect, OperationInfo},
    script::Answer,
    spec::{schema_of, spec},
};

const CHECK: &str = "proxmox::node::check";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo {
    name: CHECK,
    effect: Effect::Read,
    positional: &[],
    schema: schema_of::<CheckSpec>,
    needs_root: false,
    requests: &[(Method::Get, "/version")],
}];

/// The argument of `proxmox::node::check`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CheckSpec {
    /// The node's name.
    node: String,
}
spec!(CheckSpec, |spec| format!("node {}", spec.node));

/// Nodes.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, CHECK};

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
    #[rhai_fn(return_raw)]
    pub fn check(context: NativeCallContext, spec: Dynamic) -> Answer {
        runbook::bridge::call(&context, CHECK, spec, super::run)
    }
}

async fn run(operation: &Operation, spec: CheckSpec) -> Result<Fields, Halt> {
    let answer = operation.api().version(&Identity::Root, &spec.node).await?;
    let mut fields = Fields::new();
    fields.insert("node".to_owned(), json!(spec.node));
    fields.insert("version".to_owned(), json!(answer.field_text("version")));
    Ok(fields)
}
