//! What a node says of itself and lets be set: its state, its names, its time, its services, and calls for all
//! of its guests. Its network, storage and guests are families of their own.

use crate::{
    declarations::nodes as d,
    model::{Stop, declare::Endpoint},
};

pub(super) mod about;
mod bulk;
mod config;
mod names;
mod services;
pub(crate) mod status;
mod time;

pub(crate) use names::installed_hosts;
pub(crate) use time::is_zone;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(&d::GET_NODES_NODE_STATUS, status::show),
    Endpoint::new(&d::POST_NODES_NODE_STATUS, status::command),
    Endpoint::new(&d::GET_NODES_NODE_SUBSCRIPTION, status::subscription),
    Endpoint::new(&d::POST_NODES_NODE_SUBSCRIPTION, status::no_subscription),
    Endpoint::new(&d::DELETE_NODES_NODE_SUBSCRIPTION, status::no_subscription),
    Endpoint::new(&d::GET_NODES_NODE_DNS, names::dns),
    Endpoint::new(&d::PUT_NODES_NODE_DNS, names::set_dns),
    Endpoint::new(&d::GET_NODES_NODE_HOSTS, names::hosts),
    Endpoint::new(&d::POST_NODES_NODE_HOSTS, names::set_hosts),
    Endpoint::new(&d::GET_NODES_NODE_TIME, time::show),
    Endpoint::new(&d::PUT_NODES_NODE_TIME, time::set_zone),
    Endpoint::new(&d::GET_NODES_NODE_CONFIG, config::show),
    Endpoint::new(&d::PUT_NODES_NODE_CONFIG, config::update),
    Endpoint::new(&d::POST_NODES_NODE_STARTALL, bulk::start),
    Endpoint::new(&d::POST_NODES_NODE_STOPALL, bulk::stop),
    Endpoint::new(&d::POST_NODES_NODE_SUSPENDALL, bulk::suspend),
    Endpoint::new(&d::POST_NODES_NODE_MIGRATEALL, bulk::migrate),
    Endpoint::new(&d::GET_NODES_NODE_SERVICES, services::list),
    Endpoint::new(&d::GET_NODES_NODE_SERVICES_SERVICE, services::index),
    Endpoint::new(&d::GET_NODES_NODE_SERVICES_SERVICE_STATE, services::state),
    Endpoint::new(&d::POST_NODES_NODE_SERVICES_SERVICE_START, services::start),
    Endpoint::new(&d::POST_NODES_NODE_SERVICES_SERVICE_STOP, services::stop),
    Endpoint::new(
        &d::POST_NODES_NODE_SERVICES_SERVICE_RESTART,
        services::restart,
    ),
    Endpoint::new(
        &d::POST_NODES_NODE_SERVICES_SERVICE_RELOAD,
        services::reload,
    ),
    // These are declared for who may call them; what they'd say isn't modelled.
    Endpoint::new(&d::GET_NODES_NODE_SYSLOG, |tx, _| {
        Err(unmodelled("GET", &tx.node, "syslog"))
    }),
    Endpoint::new(&d::GET_NODES_NODE_JOURNAL, |tx, _| {
        Err(unmodelled("GET", &tx.node, "journal"))
    }),
    Endpoint::new(&d::GET_NODES_NODE_REPORT, |tx, _| {
        Err(unmodelled("GET", &tx.node, "report"))
    }),
    Endpoint::new(&d::GET_NODES_NODE_NETSTAT, |tx, _| {
        Err(unmodelled("GET", &tx.node, "netstat"))
    }),
];

/// 501 for a call below a node that is known but not modelled.
fn unmodelled(method: &str, node: &str, call: &str) -> Stop {
    Stop::not_implemented(method, &format!("/nodes/{node}/{call}"))
}
