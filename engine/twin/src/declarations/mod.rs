//! What the API says about each endpoint, one file a family. A test compares all of them with Proxmox's
//! published API.

pub(crate) mod access;
pub(crate) mod backup;
pub(crate) mod cluster;
#[cfg(test)]
mod compare;
pub(crate) mod disks;
pub(crate) mod entry;
pub(crate) mod ha;
pub(crate) mod hardware;
pub(crate) mod mapping;
pub(crate) mod network;
pub(crate) mod node_about;
pub(crate) mod node_storage;
pub(crate) mod nodes;
pub(crate) mod pools;
pub(crate) mod realms;
pub(crate) mod storage;
pub(crate) mod tasks;
