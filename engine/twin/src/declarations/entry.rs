//! The declarations of the cluster's and nodes' entry points, and of versions.

use world::proxmox::Method;

use crate::model::declare::{Declaration, Param, Permission};

/// `GET /cluster`.
pub(crate) const GET_CLUSTER: Declaration =
    Declaration::new(Method::Get, "/cluster", &[], Permission::All);

/// `GET /cluster/nextid`.
pub(crate) const GET_CLUSTER_NEXTID: Declaration = Declaration::new(
    Method::Get,
    "/cluster/nextid",
    &[Param::integer("vmid")
        .format("pve-vmid")
        .minimum(100.0)
        .maximum(999999999.0)
        .optional()],
    Permission::All,
);

/// `GET /cluster/resources`.
pub(crate) const GET_CLUSTER_RESOURCES: Declaration = Declaration::new(
    Method::Get,
    "/cluster/resources",
    &[Param::string("type")
        .values(&["vm", "storage", "node", "sdn"])
        .optional()],
    Permission::All,
);

/// `GET /nodes`.
pub(crate) const GET_NODES: Declaration =
    Declaration::new(Method::Get, "/nodes", &[], Permission::All);

/// `GET /nodes/{node}`.
pub(crate) const GET_NODES_NODE: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}",
    &[Param::string("node").format("pve-node")],
    Permission::All,
);

/// `GET /nodes/{node}/version`.
pub(crate) const GET_NODES_NODE_VERSION: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/version",
    &[Param::string("node").format("pve-node")],
    Permission::All,
)
.proxied();

/// `GET /version`.
pub(crate) const GET_VERSION: Declaration =
    Declaration::new(Method::Get, "/version", &[], Permission::All);
