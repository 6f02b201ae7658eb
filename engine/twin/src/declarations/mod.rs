//! What the API says about each endpoint, one file a family. A test compares all of them with Proxmox's
//! published API.

pub(crate) mod access;
#[cfg(test)]
mod compare;
pub(crate) mod entry;
pub(crate) mod network;
pub(crate) mod nodes;
pub(crate) mod pools;
pub(crate) mod tasks;
