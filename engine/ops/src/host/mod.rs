//! Hosts: files, units and all else that is set up over the host port.
//!
//! One file an operation. Each probes with read verbs, computes its difference with a pure function, and hands calls
//! to its world. The host is the first argument everywhere.

pub(crate) mod accounts;
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
mod fields;
pub(crate) mod file;
pub(crate) mod fio;
pub(crate) mod guard;
pub(crate) mod initramfs;
pub(crate) mod interfaces;
pub(crate) mod iscsi;
pub(crate) mod journal;
pub(crate) mod kernel_cmdline;
pub(crate) mod kernel_module;
mod later;
pub(crate) mod line;
pub(crate) mod link;
pub(crate) mod logged_in;
pub(crate) mod login;
pub(crate) mod lvm;
pub(crate) mod mount;
pub(crate) mod mounted;
mod own_key;
pub(crate) mod packages;
pub(crate) mod patience;
pub(crate) mod pci;
mod place;
pub(crate) mod probe;
pub(crate) mod reach;
pub(crate) mod reboot;
pub(crate) mod repository;
pub(crate) mod sshd_config;
pub(crate) mod sysctl;
mod text;
pub(crate) mod timer;
pub(crate) mod unit;
pub(crate) mod wait;

pub use self::command::COMMAND;
