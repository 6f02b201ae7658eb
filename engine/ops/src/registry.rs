//! The one list of operations, and their registration with a script engine.

use std::{collections::BTreeMap, sync::OnceLock};

use rhai::{Engine, Module, exported_module};

use crate::{
    envrc, host,
    info::OperationInfo,
    operate::{Registered, operations},
    proxmox::{
        access, answer_file, backup, cluster, connect, disk, dns, mapping, network, node, storage,
    },
};

/// Every operation that is one by [`Operate`](crate::operate::Operate).
const OPERATIONS: &[Registered] = operations![
    proxmox::{access::group::GroupSpec},
    host::{link::LinkSpec},
];

/// Every operation, in the order of families.
#[must_use]
pub fn operations() -> &'static [OperationInfo] {
    static ALL: OnceLock<Vec<OperationInfo>> = OnceLock::new();
    ALL.get_or_init(|| {
        let proxmox = [
            answer_file::OPERATIONS,
            node::OPERATIONS,
            cluster::OPERATIONS,
            network::OPERATIONS,
            dns::OPERATIONS,
            storage::OPERATIONS,
            disk::OPERATIONS,
            backup::OPERATIONS,
            mapping::OPERATIONS,
            access::role::OPERATIONS,
            access::user::OPERATIONS,
            access::acl::OPERATIONS,
            access::token::OPERATIONS,
            envrc::OPERATIONS,
        ];
        let mut all = [&proxmox, host::OPERATIONS].concat().concat();
        all.extend(OPERATIONS.iter().map(|operation| (operation.info)()));
        all
    })
}

/// The operation of a name.
#[must_use]
pub fn operation(name: &str) -> Option<&'static OperationInfo> {
    operations().iter().find(|info| info.name == name)
}

/// Registers every operation with a script engine.
pub fn register(engine: &mut Engine) {
    let mut whole = exported_module!(connect::functions);
    whole.combine(exported_module!(answer_file::functions));
    let modules: [(&str, Module); 15] = [
        ("proxmox", whole),
        ("proxmox::node", exported_module!(node::functions)),
        ("proxmox::cluster", exported_module!(cluster::functions)),
        ("proxmox::network", exported_module!(network::functions)),
        ("proxmox::dns", exported_module!(dns::functions)),
        ("proxmox::storage", exported_module!(storage::functions)),
        ("proxmox::disk", exported_module!(disk::functions)),
        ("proxmox::backup", exported_module!(backup::functions)),
        ("proxmox::mapping", exported_module!(mapping::functions)),
        ("proxmox::role", exported_module!(access::role::functions)),
        ("proxmox::user", exported_module!(access::user::functions)),
        ("proxmox::acl", exported_module!(access::acl::functions)),
        ("proxmox::token", exported_module!(access::token::functions)),
        ("envrc", exported_module!(envrc::functions)),
        ("host", host::module()),
    ];
    let mut modules = BTreeMap::from(modules);
    for operation in OPERATIONS {
        let module = operation
            .name
            .rsplit_once("::")
            .map_or("", |(module, _)| module);
        (operation.set)(modules.entry(module).or_default());
    }
    for (name, module) in modules {
        engine.register_static_module(name, module.into());
    }
}
