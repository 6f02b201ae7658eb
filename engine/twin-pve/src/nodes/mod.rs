//! What a node says of itself and lets be set: its state, its names, its time, its services, and calls for all
//! of its guests. Its network, storage and guests are families of their own.

use model::published::Endpoint;

pub(super) mod about;
mod bulk;
mod config;
mod names;
mod services;
mod status;
mod time;

pub use names::installed_hosts;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /nodes/{node}/status", status::show),
    Endpoint::new("POST /nodes/{node}/status", status::command),
    Endpoint::new("GET /nodes/{node}/subscription", status::subscription),
    Endpoint::new("POST /nodes/{node}/subscription", status::no_subscription),
    Endpoint::new("DELETE /nodes/{node}/subscription", status::no_subscription),
    Endpoint::new("GET /nodes/{node}/dns", names::dns),
    Endpoint::new("PUT /nodes/{node}/dns", names::set_dns),
    Endpoint::new("GET /nodes/{node}/hosts", names::hosts),
    Endpoint::new("POST /nodes/{node}/hosts", names::set_hosts),
    Endpoint::new("GET /nodes/{node}/time", time::show),
    Endpoint::new("PUT /nodes/{node}/time", time::set_zone),
    Endpoint::new("GET /nodes/{node}/config", config::show),
    Endpoint::new("PUT /nodes/{node}/config", config::update),
    Endpoint::new("POST /nodes/{node}/startall", bulk::start),
    Endpoint::new("POST /nodes/{node}/stopall", bulk::stop),
    Endpoint::new("POST /nodes/{node}/suspendall", bulk::suspend),
    Endpoint::new("POST /nodes/{node}/migrateall", bulk::migrate),
    Endpoint::new("GET /nodes/{node}/services", services::list),
    Endpoint::new("GET /nodes/{node}/services/{service}", services::index),
    Endpoint::new(
        "GET /nodes/{node}/services/{service}/state",
        services::state,
    ),
    Endpoint::new(
        "POST /nodes/{node}/services/{service}/start",
        services::start,
    ),
    Endpoint::new("POST /nodes/{node}/services/{service}/stop", services::stop),
    Endpoint::new(
        "POST /nodes/{node}/services/{service}/restart",
        services::restart,
    ),
    Endpoint::new(
        "POST /nodes/{node}/services/{service}/reload",
        services::reload,
    ),
];
