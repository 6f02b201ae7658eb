//! Operations on Proxmox VE, a folder or file for each noun.

pub(crate) mod access;
pub(crate) mod answer_file;
pub(crate) mod backup;
pub(crate) mod cluster;
pub(crate) mod connect;
pub(crate) mod disk;
pub(crate) mod dns;
pub(crate) mod mapping;
pub(crate) mod network;
pub(crate) mod node;
pub(crate) mod object;
pub(crate) mod only;
pub(crate) mod pool;
pub(crate) mod privileges;
pub(crate) mod storage;
mod target;

pub(crate) use target::first_node;
