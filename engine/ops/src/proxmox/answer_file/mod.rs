//! Answer files for Proxmox's automated installer, from what a script gives.

mod spec;

use rhai::plugin::*;
use runbook::{bridge::Fields, halt::Halt, operation::Operation};
use serde_json::json;

pub(crate) use spec::AnswerSpec;

use crate::{
    info::{Effect, OperationInfo},
    script::Answer,
    spec::schema_of,
};

const ANSWER_FILE: &str = "proxmox::answer_file";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo {
    name: ANSWER_FILE,
    effect: Effect::Read,
    positional: &[],
    schema: schema_of::<AnswerSpec>,
    needs_root: false,
    requests: &[],
}];

/// Answer files.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{ANSWER_FILE, Answer};

    /// Shows the answer file that Proxmox's automated installer would get for a node.
    ///
    /// The password is hashed in the file, and masked here. `proxmox::node::install` gives the file to the installer;
    /// `stdlib/install` makes the fields from docs. Answers `node` and `text`.
    ///
    /// Errors: a field is missing, or the installer wouldn't take the file.
    ///
    /// ```rhai
    /// import "stdlib/install" as install;
    /// let node = facts::table("HARDWARE", "Nodes")[0];
    /// proxmox::answer_file(install::wanted(node, secret("PROXMOX_PASSWORD"))).text
    /// ```
    #[rhai_fn(return_raw)]
    pub fn answer_file(context: NativeCallContext, spec: Dynamic) -> Answer {
        runbook::bridge::call(&context, ANSWER_FILE, spec, super::run)
    }
}

async fn run(_operation: &Operation, spec: AnswerSpec) -> Result<Fields, Halt> {
    let offer = spec.offer()?;
    let mut fields = Fields::new();
    fields.insert("node".to_owned(), json!(offer.node));
    fields.insert("text".to_owned(), json!(offer.file.masked()));
    Ok(fields)
}
