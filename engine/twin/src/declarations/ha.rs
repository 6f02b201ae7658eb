//! The declarations of high availability.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

/// `GET /cluster/ha`.
pub(crate) const GET_CLUSTER_HA: Declaration = Declaration::new(
    Method::Get,
    "/cluster/ha",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `GET /cluster/ha/groups`.
pub(crate) const GET_CLUSTER_HA_GROUPS: Declaration = Declaration::new(
    Method::Get,
    "/cluster/ha/groups",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `POST /cluster/ha/groups`.
pub(crate) const POST_CLUSTER_HA_GROUPS: Declaration = Declaration::new(
    Method::Post,
    "/cluster/ha/groups",
    &[
        Param::string("comment").max_length(4096).optional(),
        Param::string("group").format("pve-configid"),
        Param::string("nodes").format("pve-ha-node-list"),
        Param::boolean("nofailback").default("0").optional(),
        Param::boolean("restricted").default("0").optional(),
        Param::string("type").values(&["group"]).optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Console"])),
)
.protected();

/// `DELETE /cluster/ha/groups/{group}`.
pub(crate) const DELETE_CLUSTER_HA_GROUPS_GROUP: Declaration = Declaration::new(
    Method::Delete,
    "/cluster/ha/groups/{group}",
    &[Param::string("group").format("pve-configid")],
    Permission::Check(Check::Perm("/", &["Sys.Console"])),
)
.protected();

/// `GET /cluster/ha/groups/{group}`.
pub(crate) const GET_CLUSTER_HA_GROUPS_GROUP: Declaration = Declaration::new(
    Method::Get,
    "/cluster/ha/groups/{group}",
    &[Param::string("group").format("pve-configid")],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `PUT /cluster/ha/groups/{group}`.
pub(crate) const PUT_CLUSTER_HA_GROUPS_GROUP: Declaration = Declaration::new(
    Method::Put,
    "/cluster/ha/groups/{group}",
    &[
        Param::string("comment").max_length(4096).optional(),
        Param::string("delete")
            .format("pve-configid-list")
            .max_length(4096)
            .optional(),
        Param::string("digest").max_length(64).optional(),
        Param::string("group").format("pve-configid"),
        Param::string("nodes").format("pve-ha-node-list").optional(),
        Param::boolean("nofailback").default("0").optional(),
        Param::boolean("restricted").default("0").optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Console"])),
)
.protected();

/// `GET /cluster/ha/resources`.
pub(crate) const GET_CLUSTER_HA_RESOURCES: Declaration = Declaration::new(
    Method::Get,
    "/cluster/ha/resources",
    &[Param::string("type").values(&["ct", "vm"]).optional()],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `POST /cluster/ha/resources`.
pub(crate) const POST_CLUSTER_HA_RESOURCES: Declaration = Declaration::new(
    Method::Post,
    "/cluster/ha/resources",
    &[
        Param::string("comment").max_length(4096).optional(),
        Param::boolean("failback").default("1").optional(),
        Param::string("group").format("pve-configid").optional(),
        Param::integer("max_relocate")
            .minimum(0.0)
            .default("1")
            .optional(),
        Param::integer("max_restart")
            .minimum(0.0)
            .default("1")
            .optional(),
        Param::string("sid").format("pve-ha-resource-or-vm-id"),
        Param::string("state")
            .values(&["started", "stopped", "enabled", "disabled", "ignored"])
            .default("started")
            .optional(),
        Param::string("type").values(&["ct", "vm"]).optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Console"])),
)
.protected();

/// `DELETE /cluster/ha/resources/{sid}`.
pub(crate) const DELETE_CLUSTER_HA_RESOURCES_SID: Declaration = Declaration::new(
    Method::Delete,
    "/cluster/ha/resources/{sid}",
    &[
        Param::boolean("purge").default("1").optional(),
        Param::string("sid").format("pve-ha-resource-or-vm-id"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Console"])),
)
.protected();

/// `GET /cluster/ha/resources/{sid}`.
pub(crate) const GET_CLUSTER_HA_RESOURCES_SID: Declaration = Declaration::new(
    Method::Get,
    "/cluster/ha/resources/{sid}",
    &[Param::string("sid").format("pve-ha-resource-or-vm-id")],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `PUT /cluster/ha/resources/{sid}`.
pub(crate) const PUT_CLUSTER_HA_RESOURCES_SID: Declaration = Declaration::new(
    Method::Put,
    "/cluster/ha/resources/{sid}",
    &[
        Param::string("comment").max_length(4096).optional(),
        Param::string("delete")
            .format("pve-configid-list")
            .max_length(4096)
            .optional(),
        Param::string("digest").max_length(64).optional(),
        Param::boolean("failback").default("1").optional(),
        Param::string("group").format("pve-configid").optional(),
        Param::integer("max_relocate")
            .minimum(0.0)
            .default("1")
            .optional(),
        Param::integer("max_restart")
            .minimum(0.0)
            .default("1")
            .optional(),
        Param::string("sid").format("pve-ha-resource-or-vm-id"),
        Param::string("state")
            .values(&["started", "stopped", "enabled", "disabled", "ignored"])
            .default("started")
            .optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Console"])),
)
.protected();

/// `GET /cluster/ha/rules`.
pub(crate) const GET_CLUSTER_HA_RULES: Declaration = Declaration::new(
    Method::Get,
    "/cluster/ha/rules",
    &[
        Param::string("resource").optional(),
        Param::string("type")
            .values(&["node-affinity", "resource-affinity"])
            .optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `GET /cluster/ha/rules/{rule}`.
pub(crate) const GET_CLUSTER_HA_RULES_RULE: Declaration = Declaration::new(
    Method::Get,
    "/cluster/ha/rules/{rule}",
    &[Param::string("rule").format("pve-configid")],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `GET /cluster/ha/status`.
pub(crate) const GET_CLUSTER_HA_STATUS: Declaration =
    Declaration::new(Method::Get, "/cluster/ha/status", &[], Permission::All);

/// `GET /cluster/ha/status/current`.
pub(crate) const GET_CLUSTER_HA_STATUS_CURRENT: Declaration = Declaration::new(
    Method::Get,
    "/cluster/ha/status/current",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `GET /cluster/ha/status/manager_status`.
pub(crate) const GET_CLUSTER_HA_STATUS_MANAGER_STATUS: Declaration = Declaration::new(
    Method::Get,
    "/cluster/ha/status/manager_status",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);
