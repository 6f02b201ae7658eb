//! Nodes: whether one can be worked with, what hands have to set in its firmware, and its installation.

pub(super) mod certificates;
mod check;
mod firmware;
mod install;
mod known_keys;

use rhai::plugin::*;
use world::proxmox::Method;

use super::answer_file::AnswerSpec;
use crate::{
    info::{Effect, OperationInfo},
    script::Answer,
    spec::schema_of,
};

const CHECK: &str = "proxmox::node::check";
const FIRMWARE: &str = "proxmox::node::firmware";
const INSTALL: &str = "proxmox::node::install";

pub(crate) const OPERATIONS: &[OperationInfo] = &[
    OperationInfo {
        name: CHECK,
        effect: Effect::Read,
        positional: &[],
        schema: schema_of::<check::CheckSpec>,
        needs_root: false,
        requests: &[(Method::Get, "/version"), (Method::Get, "/nodes")],
    },
    OperationInfo {
        name: FIRMWARE,
        effect: Effect::Read,
        positional: &[],
        schema: schema_of::<firmware::FirmwareSpec>,
        needs_root: false,
        requests: &[
            (Method::Get, "/nodes/{node}/status"),
            (Method::Get, "/nodes/{node}/hardware/pci"),
        ],
    },
    OperationInfo {
        name: INSTALL,
        effect: Effect::Destroy,
        positional: &[],
        schema: schema_of::<AnswerSpec>,
        needs_root: false,
        requests: &[(Method::Get, "/version"), (Method::Get, "/cluster/status")],
    },
];

/// Nodes.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};
    use runbook::bridge;

    use super::{Answer, CHECK, FIRMWARE, INSTALL};

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
        bridge::call(&context, CHECK, spec, super::check::run)
    }

    /// Sees that a node's firmware has virtualisation on and, if it's asked for, the IOMMU.
    ///
    /// Only hands can set that: what is missing is said, and waited for. Answers `node`, `virtualisation`, and
    /// `iommu` if it was asked for.
    ///
    /// Errors: it's still missing when the time is up.
    ///
    /// ```rhai
    /// proxmox::node::firmware(#{ node: "pve1", iommu: true })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn firmware(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, FIRMWARE, spec, super::firmware::run)
    }

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
    #[rhai_fn(return_raw)]
    pub fn install(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, INSTALL, spec, super::install::run)
    }
}
