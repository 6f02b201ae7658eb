//! The one list of operations, and their registration with a script engine.

use std::{collections::BTreeMap, sync::OnceLock};

use rhai::{Engine, exported_module};

use crate::{
    host,
    info::OperationInfo,
    operate::{Registered, operations},
    proxmox::connect,
};

/// Every operation, in the order of families.
const OPERATIONS: &[Registered] = operations![
    proxmox::{
        answer_file::AnswerSpec, node::check::CheckSpec, node::firmware::FirmwareSpec, node::install::InstallSpec,
        cluster::create::EnsureSpec, cluster::join::JoinSpec, cluster::spare::SpareSpec, cluster::quorum::StatusSpec,
        network::NetworkSpec, network::apply::ApplySpec, dns::DnsSpec, storage::shape::StorageSpec, disk::ListSpec,
        disk::LvmThinSpec, backup::BackupSpec, mapping::ensure::MappingSpec, pool::PoolSpec, access::role::RoleSpec,
        access::role::DeriveSpec, access::group::GroupSpec, access::user::UserSpec, access::acl::AclSpec,
        access::acl::OnlySpec,
        access::token::ensure::TokenSpec, access::token::check::CheckSpec,
    },
    envrc::{SetSpec},
    host::{
        accounts::authorized_key::KeySpec, accounts::group::GroupSpec, accounts::user::UserSpec,
        block::BlockSpec, command::CommandSpec, default_route::DefaultRouteSpec, directory::DirectorySpec,
        download::DownloadSpec, facts::FactsSpec, file::FileSpec, fio::FioSpec, initramfs::InitramfsSpec,
        interfaces::InterfacesSpec, iscsi::IscsiSpec, journal::JournalSpec, kernel_cmdline::CmdlineSpec,
        kernel_module::ModuleSpec, line::LineSpec, link::LinkSpec, logged_in::SessionSpec, login::LoginSpec,
        lvm::LvmSpec, mount::MountSpec, mounted::MountedSpec, packages::PackagesSpec, pci::PciSpec,
        pci::VfioSpec, reach::PingSpec, reach::PortSpec, reach::ResolveSpec, reach::RouteSpec,
        reboot::RebootSpec, repository::RepositorySpec, sshd_config::SshdSpec, sysctl::SysctlSpec,
        timer::TimerSpec, unit::UnitSpec, wait::WaitSpec,
    },
];

/// Every operation, in the order of families.
#[must_use]
pub fn operations() -> &'static [OperationInfo] {
    static ALL: OnceLock<Vec<OperationInfo>> = OnceLock::new();
    ALL.get_or_init(|| {
        let all = OPERATIONS.iter();
        all.map(|operation| (operation.info)()).collect()
    })
}

/// The operation of a name.
#[must_use]
pub fn operation(name: &str) -> Option<&'static OperationInfo> {
    operations().iter().find(|info| info.name == name)
}

/// Registers every operation with a script engine, and what declares nodes and hosts.
pub fn register(engine: &mut Engine) {
    let mut modules = BTreeMap::from([
        ("proxmox", exported_module!(connect::functions)),
        ("host", exported_module!(host::connect::functions)),
    ]);
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
