//! Hosts: files, units and all else that is set up over the host port.
//!
//! One file an operation. Each probes with read verbs, computes its difference with a pure function, and hands calls
//! to its world. The host is the first argument everywhere.

pub(crate) mod command;
pub(crate) mod connect;
mod content;
pub(crate) mod file;
pub(crate) mod guard;
mod probe;
pub(crate) mod reach;
pub(crate) mod unit;
pub(crate) mod wait;

use crate::info::OperationInfo;

/// Every operation on hosts.
pub(crate) const OPERATIONS: &[&[OperationInfo]] = &[
    command::OPERATIONS,
    file::OPERATIONS,
    reach::OPERATIONS,
    unit::OPERATIONS,
    wait::OPERATIONS,
];

/// The script module `host`.
pub(crate) fn module() -> rhai::Module {
    use rhai::plugin::*;
    let mut module = Module::new();
    combine_with_exported_module!(&mut module, "connect", connect::functions);
    combine_with_exported_module!(&mut module, "command", command::functions);
    combine_with_exported_module!(&mut module, "file", file::functions);
    combine_with_exported_module!(&mut module, "reach", reach::functions);
    combine_with_exported_module!(&mut module, "wait", wait::functions);
    combine_with_exported_module!(&mut module, "unit", unit::functions);
    module
}
