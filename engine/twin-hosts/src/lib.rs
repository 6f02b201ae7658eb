//! The verbs of the host protocol, answered from the model's rows. One handler a verb; what isn't modelled says so.
//!
//! Rows of a node stand in its domain, the operator's in domain `operator`. A preview runs the same handlers over
//! rows that it fills with the reads of a [`Filling`].

mod about;
mod accounts;
mod base;
mod boot;
mod checked;
mod command;
mod entry;
mod fetch;
mod files;
mod fio;
pub mod guard;
mod handler;
mod happen;
mod host;
mod initramfs;
mod interfaces;
mod iscsi;
mod kernel;
mod lease;
pub mod login;
mod lvm;
mod modules;
mod mounts;
mod names;
mod own;
mod packages;
mod pci;
mod reach;
mod restart;
mod signatures;
mod time;
mod track;
pub mod trust;
mod typed;
mod units;
mod verbs;

use self::handler::Handler;
pub use self::{
    base::plant,
    handler::{Filling, Loaded},
    happen::Simulated,
    host::Host,
    names::Names,
    restart::is_away,
    verbs::{answer, filling},
};
