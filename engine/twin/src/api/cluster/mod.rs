//! `/cluster`: what the nodes of a cluster have in common, how it's made, and what it knows of its parts.

use serde_json::{Value, json};

use crate::{
    declarations::{cluster as d, entry, ha as h},
    model::{Params, Stop, Tx, declare::Endpoint},
};

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
    Endpoint::new(&entry::GET_CLUSTER, index),
    Endpoint::new(&entry::GET_CLUSTER_NEXTID, nextid::show),
    Endpoint::new(&entry::GET_CLUSTER_RESOURCES, resources::list),
    Endpoint::new(&d::GET_CLUSTER_STATUS, status::show),
    Endpoint::new(&d::GET_CLUSTER_OPTIONS, options::show),
    Endpoint::new(&d::PUT_CLUSTER_OPTIONS, options::update),
    Endpoint::new(&d::GET_CLUSTER_LOG, log::list),
    // No replication jobs are modelled, so there are none.
    Endpoint::new(&d::GET_CLUSTER_REPLICATION, |_, _| Ok(json!([]))),
    Endpoint::new(&d::GET_CLUSTER_CONFIG, config::index),
    Endpoint::new(&d::POST_CLUSTER_CONFIG, create::create),
    Endpoint::new(&d::GET_CLUSTER_CONFIG_APIVERSION, |_, _| {
        Ok(member::JOIN_API_VERSION.into())
    }),
    Endpoint::new(&d::GET_CLUSTER_CONFIG_JOIN, config::join_info),
    Endpoint::new(&d::POST_CLUSTER_CONFIG_JOIN, join::join),
    Endpoint::new(&d::GET_CLUSTER_CONFIG_NODES, config::nodes),
    Endpoint::new(&d::POST_CLUSTER_CONFIG_NODES_NODE, member::add),
    Endpoint::new(&d::DELETE_CLUSTER_CONFIG_NODES_NODE, member::remove),
    // No node runs a quorum device.
    Endpoint::new(&d::GET_CLUSTER_CONFIG_QDEVICE, |_, _| Ok(json!({}))),
    Endpoint::new(&d::GET_CLUSTER_CONFIG_TOTEM, config::totem),
    Endpoint::new(&h::GET_CLUSTER_HA, ha::index),
    Endpoint::new(&h::GET_CLUSTER_HA_GROUPS, |_, _| {
        ha::no_groups("index groups")
    }),
    Endpoint::new(&h::POST_CLUSTER_HA_GROUPS, |_, _| {
        ha::no_groups("create group")
    }),
    Endpoint::new(&h::GET_CLUSTER_HA_GROUPS_GROUP, |_, _| {
        ha::no_groups("read group")
    }),
    Endpoint::new(&h::PUT_CLUSTER_HA_GROUPS_GROUP, |_, _| {
        ha::no_groups("update group")
    }),
    Endpoint::new(&h::DELETE_CLUSTER_HA_GROUPS_GROUP, |_, _| {
        ha::no_groups("delete group")
    }),
    Endpoint::new(&h::GET_CLUSTER_HA_RESOURCES, ha::list),
    Endpoint::new(&h::POST_CLUSTER_HA_RESOURCES, ha::create),
    Endpoint::new(&h::GET_CLUSTER_HA_RESOURCES_SID, ha::show),
    Endpoint::new(&h::PUT_CLUSTER_HA_RESOURCES_SID, ha::update),
    Endpoint::new(&h::DELETE_CLUSTER_HA_RESOURCES_SID, ha::remove),
    Endpoint::new(&h::GET_CLUSTER_HA_RULES, |_, _| Ok(json!([]))),
    Endpoint::new(&h::GET_CLUSTER_HA_RULES_RULE, ha::no_rule),
    Endpoint::new(&h::GET_CLUSTER_HA_STATUS, ha::status_index),
    Endpoint::new(&h::GET_CLUSTER_HA_STATUS_CURRENT, ha::current),
    Endpoint::new(&h::GET_CLUSTER_HA_STATUS_MANAGER_STATUS, ha::manager),
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
    Ok(super::index("name", &names))
}
