//! Installing a node: its machine's installer gets an answer file, and the node is waited for.

use std::time::Duration;

use runbook::{
    action::Change, bridge::Fields, failure::Failure, halt::Halt, operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    proxmox::{Answer, ApiError, Identity, Method, Request},
};

use super::known_keys;
use crate::{
    difference::text,
    info::{Effect, Sent},
    learns,
    operate::{Operate, answered},
    proxmox::answer_file::AnswerSpec,
};

/// Somebody has to start the machine from a medium.
const PATIENCE: Duration = Duration::from_secs(4 * 3600);

/// Installs Proxmox VE on the machine of a node that doesn't answer, through Proxmox's automated installer.
///
/// Somebody has to start the machine from a prepared medium (`docs/guide/phase1.md`). Its installer posts what
/// machine it runs on, and gets the node's answer file once a run; the disks that the file names are erased. An
/// unknown machine gets nothing and is reported. Then the node is waited for. A node that answers is left as it is.
/// `stdlib/install` makes the fields from docs. Answers `node` and `version`.
///
/// A node that was installed has a new host key. After a question with its fingerprint, the user's known_hosts file
/// has that key in place of the old one; where docs give the fingerprint (`Host key` in Nodes), that one decides.
///
/// Errors: the node doesn't answer in time (it's said whether its machine has asked); another node knows it as a
/// member of its cluster, so it's only off; no address is set on which installers find this machine.
///
/// ```rhai
/// import "stdlib/install" as install;
/// let node = facts::table("HARDWARE", "Nodes")[0];
/// proxmox::node::install(install::wanted(node, secret("PROXMOX_PASSWORD")))
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct InstallSpec(AnswerSpec);

impl Operate for InstallSpec {
    const NAME: &str = "proxmox::node::install";
    const EFFECT: Effect = Effect::Destroy;

    fn requests() -> Vec<Sent> {
        vec![(Method::Get, "/version"), (Method::Get, "/cluster/status")]
    }

    fn resource(&self) -> String {
        self.0.resource()
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let Self(wanted) = self;
        let answer = match operation
            .api()
            .version_once(&Identity::Root, &wanted.node)
            .await
        {
            Ok(answer) => {
                operation.found()?;
                answer
            }
            Err(error) if error.is_silence() => installed(operation, &wanted).await?,
            Err(error) => return Err(error.into()),
        };
        if operation.changes() > 0
            || operation.was_carried_out()
            || operation.was_given(&wanted.node)
        {
            known_keys::renew(operation, &wanted.node).await?;
        }
        operation.weigh(answer.confidence.clone());
        learn(operation, &wanted.node);
        Ok(answered([
            ("node", json!(wanted.node)),
            ("version", json!(answer.field_text("version"))),
        ]))
    }
}

/// What its installer told of the machine that got the node's answer file.
fn learn(operation: &Operation, node: &str) {
    let Some(machine) = operation.machine(node) else {
        return;
    };
    if let Some(serial) = &machine.serial {
        operation.learn(&learns::MACHINE_SERIAL, &[node], serial);
    }
    for (port, mac) in &machine.ports {
        operation.learn(&learns::MAC, &[node, port], mac);
    }
}

/// The version that the node tells once it's installed.
async fn installed(operation: &Operation, spec: &AnswerSpec) -> Result<Answer, Halt> {
    refuse_member(operation, &spec.node).await?;
    let change = Change::create(format!("node {}", spec.node), spec.described());
    let timeout = spec.timeout.map_or(PATIENCE, |timeout| timeout.0);
    let write = Write::install(change, spec.offer()?, timeout);
    let answer = operation.write(write).await?;
    if answer.data.is_null() {
        // The proof spoke for it; the node itself hasn't been heard yet.
        return Ok(operation.api().version(&Identity::Root, &spec.node).await?);
    }
    Ok(answer)
}

/// A node that a cluster knows is off, not bare: its machine must not be installed anew.
async fn refuse_member(operation: &Operation, node: &str) -> Result<(), Halt> {
    let request = Request::get("/cluster/status");
    for other in operation.api().nodes() {
        if other.name == node {
            continue;
        }
        let status = operation
            .api()
            .ask_once(&Identity::Root, &other.name, &request)
            .await;
        if knows(&status, node) {
            let failure = Failure::new(
                code::install::member,
                format!(
                    "{node} doesn't answer, but {} knows it as a member of its cluster",
                    other.name
                ),
            );
            return Err(failure
                .help(
                    "start it; to install it anew, remove it from the cluster first (`pvecm delnode`), which only \
                     hands should do",
                )
                .into());
        }
    }
    Ok(())
}

/// Whether a cluster's status names a node; a node that says nothing knows nobody.
fn knows(status: &Result<Answer, ApiError>, node: &str) -> bool {
    let is_it = |row: &Value| text(row, "type") == "node" && text(row, "name") == node;
    status
        .as_ref()
        .is_ok_and(|answer| answer.items().iter().any(is_it))
}
