//! Hosts: files, units and all else that is set up over the host port.
//!
//! One file an operation. Each probes with read verbs, computes its difference with a pure function, and hands calls
//! to its world. The host is the first argument everywhere.

pub(crate) mod connect;
mod content;
pub(crate) mod facts;
pub(crate) mod file;
pub(crate) mod initramfs;
pub(crate) mod iscsi;
pub(crate) mod kernel_cmdline;
pub(crate) mod kernel_module;
pub(crate) mod lvm;
pub(crate) mod mount;
pub(crate) mod pci;
mod probe;
pub(crate) mod reboot;
pub(crate) mod sysctl;
mod text;
pub(crate) mod unit;

use crate::info::OperationInfo;

/// Every operation on hosts.
pub(crate) const OPERATIONS: &[&[OperationInfo]] = &[
    file::OPERATIONS,
    unit::OPERATIONS,
    facts::OPERATIONS,
    initramfs::OPERATIONS,
    iscsi::OPERATIONS,
    kernel_cmdline::OPERATIONS,
    kernel_module::OPERATIONS,
    lvm::OPERATIONS,
    mount::OPERATIONS,
    pci::OPERATIONS,
    reboot::OPERATIONS,
    sysctl::OPERATIONS,
];

/// The script module `host`.
pub(crate) fn module() -> rhai::Module {
    use rhai::plugin::*;
    let mut module = Module::new();
    combine_with_exported_module!(&mut module, "connect", connect::functions);
    combine_with_exported_module!(&mut module, "file", file::functions);
    combine_with_exported_module!(&mut module, "unit", unit::functions);
    combine_with_exported_module!(&mut module, "facts", facts::functions);
    combine_with_exported_module!(&mut module, "initramfs", initramfs::functions);
    combine_with_exported_module!(&mut module, "iscsi", iscsi::functions);
    combine_with_exported_module!(&mut module, "kernel_cmdline", kernel_cmdline::functions);
    combine_with_exported_module!(&mut module, "kernel_module", kernel_module::functions);
    combine_with_exported_module!(&mut module, "lvm", lvm::functions);
    combine_with_exported_module!(&mut module, "mount", mount::functions);
    combine_with_exported_module!(&mut module, "pci", pci::functions);
    combine_with_exported_module!(&mut module, "reboot", reboot::functions);
    combine_with_exported_module!(&mut module, "sysctl", sysctl::functions);
    module
}
