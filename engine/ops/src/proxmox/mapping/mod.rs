//! PCI devices under a name of the whole cluster.

mod devices;
mod ensure;

use rhai::plugin::*;
use world::proxmox::Method;

use crate::{
    info::{Effect, OperationInfo},
    script::{Answer, identified},
    spec::schema_of,
};

const ENSURE: &str = "proxmox::mapping::ensure";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo {
    name: ENSURE,
    effect: Effect::Change,
    positional: &["id"],
    schema: schema_of::<ensure::MappingSpec>,
    needs_root: false,
    requests: &[
        (Method::Get, "/nodes/{node}/hardware/pci"),
        (Method::Get, "/cluster/mapping/pci"),
        (Method::Post, "/cluster/mapping/pci"),
        (Method::Put, "/cluster/mapping/pci/{id}"),
    ],
}];

/// PCI mappings.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, ENSURE, ensure, identified};

    /// Ensures a name under which guests ask for PCI devices, with what the API lists of each device.
    ///
    /// Devices of one node are passed together. The IOMMU groups are audited: no IOMMU, and devices that share a
    /// group and aren't in the mapping, are remarked on. Entries of other nodes are kept. Answers `id`, `devices` (maps with
    /// `node`, `slot`, `id`, `iommugroup`, `siblings`: slots that share the group outside the mapping).
    ///
    /// Errors: a node has no device at a slot.
    ///
    /// ```rhai
    /// let device = facts::table("HARDWARE", "PCI devices")[0];
    /// proxmox::mapping::ensure("example", #{ devices: [#{ node: device.node, slot: device.slot }] })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ensure(context: NativeCallContext, id: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("id", id)], spec)?;
        runbook::bridge::call(&context, ENSURE, argument, ensure::run)
    }
}
