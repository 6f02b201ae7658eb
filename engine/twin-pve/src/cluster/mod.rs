//! `/cluster`: what the nodes of a cluster have in common, how it's made, and what it knows of its parts.

use model::{Params, Stop, Tx, published::Endpoint};
use serde_json::{Value, json};

mod config;
mod create;
mod ha;
mod join;
mod link;
mod log;
mod member;
mod nextid;
mod options;
pub(crate) mod resources;
mod status;
#[cfg(test)]
mod tests;

pub(crate) use join::finish as finish_join;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /cluster", index),
    Endpoint::new("GET /cluster/nextid", nextid::show),
    Endpoint::new("GET /cluster/resources", resources::list),
    Endpoint::new("GET /cluster/status", status::show),
    Endpoint::new("GET /cluster/options", options::show),
    Endpoint::new("PUT /cluster/options", options::update),
    Endpoint::new("GET /cluster/log", log::list),
    // No replication jobs are modelled, so there are none.
    Endpoint::new("GET /cluster/replication", |_, _| Ok(json!([]))),
    Endpoint::new("GET /cluster/config", config::index),
    Endpoint::new("POST /cluster/config", create::create),
    Endpoint::new("GET /cluster/config/apiversion", |_, _| {
        Ok(member::JOIN_API_VERSION.into())
    }),
    Endpoint::new("GET /cluster/config/join", config::join_info),
    Endpoint::new("POST /cluster/config/join", join::join),
    Endpoint::new("GET /cluster/config/nodes", config::nodes),
    Endpoint::new("POST /cluster/config/nodes/{node}", member::add),
    Endpoint::new("DELETE /cluster/config/nodes/{node}", member::remove),
    // No node runs a quorum device.
    Endpoint::new("GET /cluster/config/qdevice", |_, _| Ok(json!({}))),
    Endpoint::new("GET /cluster/config/totem", config::totem),
    Endpoint::new("GET /cluster/ha", ha::index),
    Endpoint::new("GET /cluster/ha/groups", |_, _| {
        ha::no_groups("index groups")
    }),
    Endpoint::new("POST /cluster/ha/groups", |_, _| {
        ha::no_groups("create group")
    }),
    Endpoint::new("GET /cluster/ha/groups/{group}", |_, _| {
        ha::no_groups("read group")
    }),
    Endpoint::new("PUT /cluster/ha/groups/{group}", |_, _| {
        ha::no_groups("update group")
    }),
    Endpoint::new("DELETE /cluster/ha/groups/{group}", |_, _| {
        ha::no_groups("delete group")
    }),
    Endpoint::new("GET /cluster/ha/resources", ha::list),
    Endpoint::new("POST /cluster/ha/resources", ha::create),
    Endpoint::new("GET /cluster/ha/resources/{sid}", ha::show),
    Endpoint::new("PUT /cluster/ha/resources/{sid}", ha::update),
    Endpoint::new("DELETE /cluster/ha/resources/{sid}", ha::remove),
    Endpoint::new("GET /cluster/ha/rules", |_, _| Ok(json!([]))),
    Endpoint::new("GET /cluster/ha/rules/{rule}", ha::no_rule),
    Endpoint::new("GET /cluster/ha/status", ha::status_index),
    Endpoint::new("GET /cluster/ha/status/current", ha::current),
    Endpoint::new("GET /cluster/ha/status/manager_status", ha::manager),
];

fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = [
        "acme",
        "backup",
        "backup-info",
        "bulk-action",
        "ceph",
        "config",
        "firewall",
        "ha",
        "jobs",
        "log",
        "mapping",
        "metrics",
        "nextid",
        "notifications",
        "options",
        "replication",
        "resources",
        "sdn",
        "status",
        "tasks",
    ];
    Ok(crate::index("name", &names))
}
