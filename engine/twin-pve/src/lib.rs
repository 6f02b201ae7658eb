//! Proxmox's API over the model's rows: one folder or file a family. A call that's published and that nothing answers is
//! a 501 once it's found to be allowed and well-formed.

mod access;
mod backup;
pub mod certificate;
mod cluster;
mod disks;
mod effect;
mod endpoints;
mod entry;
mod hardware;
mod index;
mod mapping;
mod network;
mod nodes;
mod pools;
mod published;
mod storage;
mod tasks;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use self::index::index;
pub use self::{
    access::password_digest, effect::apply, endpoints::api, nodes::installed_hosts, pools::Pool,
};
