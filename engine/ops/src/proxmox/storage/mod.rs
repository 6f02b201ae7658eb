//! Storages of the cluster.

mod active;
mod base;
mod ensure;
mod shape;

use rhai::plugin::*;
use world::proxmox::Method;

use crate::{
    info::{Effect, OperationInfo},
    script::{Answer, identified},
    spec::schema_of,
};

const ENSURE: &str = "proxmox::storage::ensure";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo {
    name: ENSURE,
    effect: Effect::Change,
    positional: &["storage"],
    schema: schema_of::<shape::StorageSpec>,
    needs_root: false,
    requests: &[
        (Method::Get, "/storage/{storage}"),
        (Method::Post, "/storage"),
        (Method::Put, "/storage/{storage}"),
        (Method::Get, "/nodes/{node}/storage/{storage}/status"),
        (Method::Get, "/nodes/{node}/storage/{storage}/content"),
    ],
}];

/// Storages.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, ENSURE, ensure, identified};

    /// Ensures a storage of the cluster, and that it's active on every node that should have it.
    ///
    /// What Proxmox fixes when a storage is made (type, path, server, target, …) is compared and never changed; the
    /// content types and nodes are. Which fields a type needs: `dir` path; `nfs` server and export; `iscsi` portal
    /// and target; `lvm` vgname, with base and lun a new volume group on that LUN; `lvmthin` vgname and thinpool;
    /// `zfspool` pool. Answers `storage` and `nodes`, those on which it's active.
    ///
    /// Errors: a fixed field differs; the server, the LUN or the pool isn't there; it isn't active in time.
    ///
    /// ```rhai
    /// proxmox::storage::ensure("spare", #{
    ///     type: "dir",
    ///     path: "/srv/spare",
    ///     content: ["iso", "vztmpl"],
    ///     nodes: ["pve1"]
    /// })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ensure(context: NativeCallContext, storage: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("storage", storage)], spec)?;
        runbook::bridge::call(&context, ENSURE, argument, ensure::run)
    }
}
