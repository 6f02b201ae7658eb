//! What answers the API's calls: one folder or file a family, and the one list of all endpoints.

pub(crate) mod access;
mod backup;
pub(crate) mod cluster;
pub(crate) mod disks;
mod entry;
mod hardware;
mod mapping;
pub(crate) mod network;
pub(crate) mod nodes;
pub(crate) mod pools;
pub(crate) mod storage;
pub(crate) mod tasks;

use crate::model::declare::Endpoint;

/// Every endpoint that the model answers. Anything else is a 501.
pub const ENDPOINTS: &[&[Endpoint]] = &[
    access::ENDPOINTS,
    cluster::ENDPOINTS,
    backup::ENDPOINTS,
    disks::ENDPOINTS,
    hardware::ENDPOINTS,
    mapping::ENDPOINTS,
    storage::ENDPOINTS,
    entry::ENDPOINTS,
    network::ENDPOINTS,
    nodes::ENDPOINTS,
    nodes::about::ENDPOINTS,
    pools::ENDPOINTS,
    tasks::ENDPOINTS,
];

/// The names of an index's entries as the API lists them, each under `key`.
pub(crate) fn index(key: &str, names: &[&str]) -> serde_json::Value {
    names
        .iter()
        .map(|name| serde_json::json!({ key: name }))
        .collect()
}
