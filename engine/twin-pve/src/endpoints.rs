//! The one list of all endpoints.

use std::sync::LazyLock;

use model::{Api, published::Endpoint};

use super::{
    access, backup, cluster, disks, entry, hardware, mapping, network, nodes, pools,
    published::CALLS, storage, tasks,
};

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

/// The published calls, and what answers them.
#[must_use]
pub fn api() -> &'static Api {
    static API: LazyLock<Api> = LazyLock::new(|| Api::new(&CALLS, ENDPOINTS));
    &API
}
