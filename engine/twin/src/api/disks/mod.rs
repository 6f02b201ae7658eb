//! A node's disks and what is made of them.

use crate::{declarations::disks as d, model::declare::Endpoint};

mod create;
pub(crate) mod groups;
mod list;
mod pools;
mod remove;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(&d::GET_NODES_NODE_DISKS, list::index),
    Endpoint::new(&d::GET_NODES_NODE_DISKS_LIST, list::list),
    Endpoint::new(&d::GET_NODES_NODE_DISKS_SMART, list::smart),
    Endpoint::new(&d::POST_NODES_NODE_DISKS_INITGPT, list::init_gpt),
    Endpoint::new(&d::PUT_NODES_NODE_DISKS_WIPEDISK, list::wipe),
    Endpoint::new(&d::GET_NODES_NODE_DISKS_LVM, pools::lvm),
    Endpoint::new(&d::POST_NODES_NODE_DISKS_LVM, create::lvm),
    Endpoint::new(&d::DELETE_NODES_NODE_DISKS_LVM_NAME, remove::lvm),
    Endpoint::new(&d::GET_NODES_NODE_DISKS_LVMTHIN, pools::lvmthin),
    Endpoint::new(&d::POST_NODES_NODE_DISKS_LVMTHIN, create::lvmthin),
    Endpoint::new(&d::DELETE_NODES_NODE_DISKS_LVMTHIN_NAME, remove::lvmthin),
    Endpoint::new(&d::GET_NODES_NODE_DISKS_ZFS, pools::zfs),
    Endpoint::new(&d::GET_NODES_NODE_DISKS_ZFS_NAME, pools::zfs_detail),
    Endpoint::new(&d::POST_NODES_NODE_DISKS_ZFS, create::zfs),
    Endpoint::new(&d::DELETE_NODES_NODE_DISKS_ZFS_NAME, remove::zfs),
    Endpoint::new(&d::GET_NODES_NODE_DISKS_DIRECTORY, pools::directory),
    Endpoint::new(&d::POST_NODES_NODE_DISKS_DIRECTORY, create::directory),
    Endpoint::new(
        &d::DELETE_NODES_NODE_DISKS_DIRECTORY_NAME,
        remove::directory,
    ),
];
