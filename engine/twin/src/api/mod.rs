//! What answers the API's calls: one folder or file a family, and the one list of all endpoints.

pub(crate) mod access;
mod backup;
pub(crate) mod cluster;
pub(crate) mod disks;
mod effect;
mod entry;
mod hardware;
mod mapping;
pub(crate) mod network;
pub(crate) mod nodes;
pub(crate) mod pools;
pub(crate) mod storage;
pub(crate) mod tasks;

use std::sync::LazyLock;

pub(crate) use self::effect::apply;
use model::{Api, declare::Declaration, published::Endpoint};

/// Every endpoint that the model answers. A call that's published and not here is a 501 once it's found to be allowed
/// and well-formed.
pub(crate) const ENDPOINTS: &[&[Endpoint]] = &[
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

/// What is published of the calls: one a line.
const CALLS: &str = include_str!("../../api/calls.jsonl");

/// The published calls, and what answers them.
pub fn published() -> &'static Api {
    static PUBLISHED: LazyLock<Api> = LazyLock::new(|| Api::new(CALLS, ENDPOINTS));
    &PUBLISHED
}

/// What is published about a call that a handler names.
pub(crate) fn declaration(call: &str) -> &'static Declaration {
    published().declaration(call)
}

/// The names of an index's entries as the API lists them, each under `key`.
pub(crate) fn index(key: &str, names: &[&str]) -> serde_json::Value {
    names
        .iter()
        .map(|name| serde_json::json!({ key: name }))
        .collect()
}

#[cfg(test)]
mod tests;
