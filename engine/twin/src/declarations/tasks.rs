//! The declarations of tasks.

use world::proxmox::Method;

use crate::model::declare::{Declaration, Param, Permission};

/// `GET /cluster/tasks`.
pub(crate) const GET_CLUSTER_TASKS: Declaration =
    Declaration::new(Method::Get, "/cluster/tasks", &[], Permission::All);

/// `GET /nodes/{node}/tasks`.
pub(crate) const GET_NODES_NODE_TASKS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/tasks",
    &[
        Param::boolean("errors").default("0").optional(),
        Param::integer("limit")
            .minimum(0.0)
            .default("50")
            .optional(),
        Param::string("node").format("pve-node"),
        Param::integer("since").optional(),
        Param::string("source")
            .values(&["archive", "active", "all"])
            .default("archive")
            .optional(),
        Param::integer("start").minimum(0.0).default("0").optional(),
        Param::string("statusfilter")
            .format("pve-task-status-type-list")
            .optional(),
        Param::string("typefilter").optional(),
        Param::integer("until").optional(),
        Param::string("userfilter").optional(),
        Param::integer("vmid")
            .format("pve-vmid")
            .minimum(100.0)
            .maximum(999999999.0)
            .optional(),
    ],
    Permission::All,
)
.proxied();

/// `DELETE /nodes/{node}/tasks/{upid}`.
pub(crate) const DELETE_NODES_NODE_TASKS_UPID: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/tasks/{upid}",
    &[
        Param::string("node").format("pve-node"),
        Param::string("upid"),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `GET /nodes/{node}/tasks/{upid}`.
pub(crate) const GET_NODES_NODE_TASKS_UPID: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/tasks/{upid}",
    &[
        Param::string("node").format("pve-node"),
        Param::string("upid"),
    ],
    Permission::All,
);

/// `GET /nodes/{node}/tasks/{upid}/log`.
pub(crate) const GET_NODES_NODE_TASKS_UPID_LOG: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/tasks/{upid}/log",
    &[
        Param::boolean("download").optional(),
        Param::integer("limit")
            .minimum(0.0)
            .default("50")
            .optional(),
        Param::string("node").format("pve-node"),
        Param::integer("start").minimum(0.0).default("0").optional(),
        Param::string("upid"),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `GET /nodes/{node}/tasks/{upid}/status`.
pub(crate) const GET_NODES_NODE_TASKS_UPID_STATUS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/tasks/{upid}/status",
    &[
        Param::string("node").format("pve-node"),
        Param::string("upid"),
    ],
    Permission::All,
)
.protected()
.proxied();
