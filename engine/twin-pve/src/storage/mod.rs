//! Storages: the cluster's configuration, each node's view of them, and what lies on them.

use model::published::Endpoint;

mod base;
mod config;
mod content;
mod crud;
mod node;
mod prune;
mod scan;
mod space;
#[cfg(test)]
mod tests;
mod upload;
mod url;
mod volume;

pub(crate) use node::resources;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /storage", crud::list),
    Endpoint::new("POST /storage", crud::create),
    Endpoint::new("GET /storage/{storage}", crud::show),
    Endpoint::new("PUT /storage/{storage}", crud::update),
    Endpoint::new("DELETE /storage/{storage}", crud::remove),
    Endpoint::new("GET /nodes/{node}/storage", node::list),
    Endpoint::new("GET /nodes/{node}/storage/{storage}", node::index),
    Endpoint::new("GET /nodes/{node}/storage/{storage}/status", node::status),
    Endpoint::new("GET /nodes/{node}/storage/{storage}/rrddata", node::figures),
    Endpoint::new(
        "GET /nodes/{node}/storage/{storage}/file-restore/list",
        node::restore_list,
    ),
    Endpoint::new("GET /nodes/{node}/storage/{storage}/content", content::list),
    Endpoint::new(
        "POST /nodes/{node}/storage/{storage}/content",
        content::allocate,
    ),
    Endpoint::new(
        "GET /nodes/{node}/storage/{storage}/content/{volume}",
        content::show,
    ),
    Endpoint::new(
        "PUT /nodes/{node}/storage/{storage}/content/{volume}",
        content::update,
    ),
    Endpoint::new(
        "DELETE /nodes/{node}/storage/{storage}/content/{volume}",
        content::remove,
    ),
    Endpoint::new(
        "POST /nodes/{node}/storage/{storage}/upload",
        upload::upload,
    ),
    Endpoint::new(
        "POST /nodes/{node}/storage/{storage}/download-url",
        upload::download,
    ),
    Endpoint::new(
        "GET /nodes/{node}/storage/{storage}/prunebackups",
        prune::dry_run,
    ),
    Endpoint::new(
        "DELETE /nodes/{node}/storage/{storage}/prunebackups",
        prune::prune,
    ),
    Endpoint::new("GET /nodes/{node}/query-url-metadata", url::metadata),
    Endpoint::new("GET /nodes/{node}/scan", scan::index),
    Endpoint::new("GET /nodes/{node}/scan/nfs", scan::nfs),
    Endpoint::new("GET /nodes/{node}/scan/iscsi", scan::iscsi),
    Endpoint::new("GET /nodes/{node}/scan/lvm", scan::lvm),
    Endpoint::new("GET /nodes/{node}/scan/lvmthin", scan::lvmthin),
    Endpoint::new("GET /nodes/{node}/scan/zfs", scan::zfs),
];
