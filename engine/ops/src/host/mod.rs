//! Hosts: files, units and all else that is set up over the host port.
//!
//! One file an operation. Each probes with read verbs, computes its difference with a pure function, and hands calls
//! to its world. The host is the first argument everywhere.

mod accounts;
pub(crate) mod block;
pub(crate) mod command;
pub(crate) mod connect;
mod content;
pub(crate) mod default_route;
mod difference;
pub(crate) mod directory;
pub(crate) mod download;
mod edit;
pub(crate) mod facts;
pub(crate) mod file;
pub(crate) mod fio;
pub(crate) mod guard;
pub(crate) mod initramfs;
pub(crate) mod interfaces;
pub(crate) mod iscsi;
pub(crate) mod journal;
pub(crate) mod kernel_cmdline;
pub(crate) mod kernel_module;
pub(crate) mod line;
pub(crate) mod link;
pub(crate) mod logged_in;
pub(crate) mod login;
pub(crate) mod lvm;
pub(crate) mod mount;
pub(crate) mod mounted;
pub(crate) mod packages;
pub(crate) mod patience;
pub(crate) mod pci;
mod place;
mod probe;
pub(crate) mod reach;
pub(crate) mod reboot;
pub(crate) mod repository;
pub(crate) mod sshd_config;
pub(crate) mod sysctl;
mod text;
pub(crate) mod timer;
pub(crate) mod unit;
pub(crate) mod wait;

use self::accounts::{authorized_key, group, user};

pub use self::command::COMMAND;
use crate::info::OperationInfo;

/// Every operation on hosts.
pub(crate) const OPERATIONS: &[&[OperationInfo]] = &[
    command::OPERATIONS,
    file::OPERATIONS,
    fio::OPERATIONS,
    reach::OPERATIONS,
    default_route::OPERATIONS,
    unit::OPERATIONS,
    wait::OPERATIONS,
    line::OPERATIONS,
    block::OPERATIONS,
    directory::OPERATIONS,
    user::OPERATIONS,
    group::OPERATIONS,
    authorized_key::OPERATIONS,
    sshd_config::OPERATIONS,
    journal::OPERATIONS,
    download::OPERATIONS,
    timer::OPERATIONS,
    packages::OPERATIONS,
    repository::OPERATIONS,
    facts::OPERATIONS,
    initramfs::OPERATIONS,
    interfaces::OPERATIONS,
    iscsi::OPERATIONS,
    kernel_cmdline::OPERATIONS,
    kernel_module::OPERATIONS,
    logged_in::OPERATIONS,
    login::OPERATIONS,
    lvm::OPERATIONS,
    mount::OPERATIONS,
    mounted::OPERATIONS,
    pci::OPERATIONS,
    reboot::OPERATIONS,
    sysctl::OPERATIONS,
];

/// The script module `host`.
pub(crate) fn module() -> rhai::Module {
    use rhai::plugin::*;
    let mut module = Module::new();
    combine_with_exported_module!(&mut module, "connect", connect::functions);
    combine_with_exported_module!(&mut module, "command", command::functions);
    combine_with_exported_module!(&mut module, "file", file::functions);
    combine_with_exported_module!(&mut module, "fio", fio::functions);
    combine_with_exported_module!(&mut module, "reach", reach::functions);
    combine_with_exported_module!(&mut module, "default_route", default_route::functions);
    combine_with_exported_module!(&mut module, "wait", wait::functions);
    combine_with_exported_module!(&mut module, "unit", unit::functions);
    combine_with_exported_module!(&mut module, "line", line::functions);
    combine_with_exported_module!(&mut module, "block", block::functions);
    combine_with_exported_module!(&mut module, "directory", directory::functions);
    combine_with_exported_module!(&mut module, "user", user::functions);
    combine_with_exported_module!(&mut module, "group", group::functions);
    combine_with_exported_module!(&mut module, "authorized_key", authorized_key::functions);
    combine_with_exported_module!(&mut module, "interfaces", interfaces::functions);
    combine_with_exported_module!(&mut module, "sshd_config", sshd_config::functions);
    combine_with_exported_module!(&mut module, "journal", journal::functions);
    combine_with_exported_module!(&mut module, "download", download::functions);
    combine_with_exported_module!(&mut module, "timer", timer::functions);
    combine_with_exported_module!(&mut module, "packages", packages::functions);
    combine_with_exported_module!(&mut module, "repository", repository::functions);
    combine_with_exported_module!(&mut module, "facts", facts::functions);
    combine_with_exported_module!(&mut module, "initramfs", initramfs::functions);
    combine_with_exported_module!(&mut module, "iscsi", iscsi::functions);
    combine_with_exported_module!(&mut module, "kernel_cmdline", kernel_cmdline::functions);
    combine_with_exported_module!(&mut module, "kernel_module", kernel_module::functions);
    combine_with_exported_module!(&mut module, "logged_in", logged_in::functions);
    combine_with_exported_module!(&mut module, "login", login::functions);
    combine_with_exported_module!(&mut module, "lvm", lvm::functions);
    combine_with_exported_module!(&mut module, "mount", mount::functions);
    combine_with_exported_module!(&mut module, "mounted", mounted::functions);
    combine_with_exported_module!(&mut module, "pci", pci::functions);
    combine_with_exported_module!(&mut module, "reboot", reboot::functions);
    combine_with_exported_module!(&mut module, "sysctl", sysctl::functions);
    module
}
