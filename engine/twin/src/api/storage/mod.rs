//! Storages: the cluster's configuration, each node's view of them, and what lies on them.

use crate::{
    declarations::{node_storage as n, storage as d},
    model::{Stop, Tx, declare::Endpoint},
};

mod activate;
mod base;
mod config;
mod content;
mod crud;
pub(crate) mod kept;
mod node;
mod plugin;
mod prune;
pub(crate) mod remote;
mod scan;
#[cfg(test)]
mod tests;
mod upload;
mod url;
mod volume;

pub(crate) use crud::known;
pub(crate) use node::resources;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(&d::GET_STORAGE, crud::list),
    Endpoint::new(&d::POST_STORAGE, crud::create),
    Endpoint::new(&d::GET_STORAGE_STORAGE, crud::show),
    Endpoint::new(&d::PUT_STORAGE_STORAGE, crud::update),
    Endpoint::new(&d::DELETE_STORAGE_STORAGE, crud::remove),
    Endpoint::new(&n::GET_NODES_NODE_STORAGE, node::list),
    Endpoint::new(&n::GET_NODES_NODE_STORAGE_STORAGE, node::index),
    Endpoint::new(&n::GET_NODES_NODE_STORAGE_STORAGE_STATUS, node::status),
    Endpoint::new(&n::GET_NODES_NODE_STORAGE_STORAGE_RRDDATA, node::figures),
    Endpoint::new(
        &n::GET_NODES_NODE_STORAGE_STORAGE_FILE_RESTORE_LIST,
        node::restore_list,
    ),
    Endpoint::new(&n::GET_NODES_NODE_STORAGE_STORAGE_CONTENT, content::list),
    Endpoint::new(
        &n::POST_NODES_NODE_STORAGE_STORAGE_CONTENT,
        content::allocate,
    ),
    Endpoint::new(
        &n::GET_NODES_NODE_STORAGE_STORAGE_CONTENT_VOLUME,
        content::show,
    ),
    Endpoint::new(
        &n::PUT_NODES_NODE_STORAGE_STORAGE_CONTENT_VOLUME,
        content::update,
    ),
    Endpoint::new(
        &n::DELETE_NODES_NODE_STORAGE_STORAGE_CONTENT_VOLUME,
        content::remove,
    ),
    Endpoint::new(&n::POST_NODES_NODE_STORAGE_STORAGE_UPLOAD, upload::upload),
    Endpoint::new(
        &n::POST_NODES_NODE_STORAGE_STORAGE_DOWNLOAD_URL,
        upload::download,
    ),
    Endpoint::new(
        &n::GET_NODES_NODE_STORAGE_STORAGE_PRUNEBACKUPS,
        prune::dry_run,
    ),
    Endpoint::new(
        &n::DELETE_NODES_NODE_STORAGE_STORAGE_PRUNEBACKUPS,
        prune::prune,
    ),
    Endpoint::new(&n::GET_NODES_NODE_QUERY_URL_METADATA, url::metadata),
    Endpoint::new(&n::GET_NODES_NODE_SCAN, scan::index),
    Endpoint::new(&n::GET_NODES_NODE_SCAN_NFS, scan::nfs),
    Endpoint::new(&n::GET_NODES_NODE_SCAN_ISCSI, scan::iscsi),
    Endpoint::new(&n::GET_NODES_NODE_SCAN_LVM, scan::lvm),
    Endpoint::new(&n::GET_NODES_NODE_SCAN_LVMTHIN, scan::lvmthin),
    Endpoint::new(&n::GET_NODES_NODE_SCAN_ZFS, scan::zfs),
];

/// Whether the asked node is logged in to the iSCSI target to which a device belongs.
///
/// # Errors
/// The rows' fault.
pub(crate) fn is_logged_in(tx: &mut Tx<'_>, device: &str) -> Result<bool, Stop> {
    let Some(device) = device.strip_prefix("/dev/disk/by-id/") else {
        return Ok(false);
    };
    for (id, storage) in crud::all(tx)? {
        if config::property(&storage, "type") != "iscsi"
            || activate::check_enabled(tx, &id, &storage).is_err()
        {
            continue;
        }
        let (portal, target) = (
            config::property(&storage, "portal"),
            config::property(&storage, "target"),
        );
        let luns = remote::luns(tx, &portal, &target)?;
        if luns.iter().any(|lun| lun.device == device) {
            return Ok(true);
        }
    }
    Ok(false)
}
