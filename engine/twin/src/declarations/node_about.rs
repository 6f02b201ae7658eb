//! What the API says about what a node has installed, its certificates and its defaults.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

/// `GET /nodes/{node}/apt`.
pub(crate) const GET_NODES_NODE_APT: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/apt",
    &[Param::string("node").format("pve-node")],
    Permission::All,
);

/// `GET /nodes/{node}/apt/update`.
pub(crate) const GET_NODES_NODE_APT_UPDATE: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/apt/update",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/capabilities`.
pub(crate) const GET_NODES_NODE_CAPABILITIES: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/capabilities",
    &[Param::string("node").format("pve-node")],
    Permission::All,
)
.proxied();

/// `GET /nodes/{node}/certificates`.
pub(crate) const GET_NODES_NODE_CERTIFICATES: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/certificates",
    &[Param::string("node").format("pve-node")],
    Permission::All,
);

/// `GET /nodes/{node}/certificates/acme`.
pub(crate) const GET_NODES_NODE_CERTIFICATES_ACME: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/certificates/acme",
    &[Param::string("node").format("pve-node")],
    Permission::All,
);

/// `GET /nodes/{node}/certificates/info`.
pub(crate) const GET_NODES_NODE_CERTIFICATES_INFO: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/certificates/info",
    &[Param::string("node").format("pve-node")],
    Permission::All,
)
.proxied();

/// `GET /nodes/{node}/hardware/usb`.
pub(crate) const GET_NODES_NODE_HARDWARE_USB: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/hardware/usb",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/rrddata`.
pub(crate) const GET_NODES_NODE_RRDDATA: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/rrddata",
    &[
        Param::string("cf").values(&["AVERAGE", "MAX"]).optional(),
        Param::string("node").format("pve-node"),
        Param::string("timeframe").values(&["hour", "day", "week", "month", "year", "decade"]),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
)
.protected();

/// `PUT /nodes/{node}/subscription`.
pub(crate) const PUT_NODES_NODE_SUBSCRIPTION: Declaration = Declaration::new(
    Method::Put,
    "/nodes/{node}/subscription",
    &[
        Param::string("key")
            .pattern(r#"\s*pve([1248])([cbsp])-(arm-)?[0-9a-f]{10}\s*"#)
            .max_length(32),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/vzdump/defaults`.
pub(crate) const GET_NODES_NODE_VZDUMP_DEFAULTS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/vzdump/defaults",
    &[
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id").optional(),
    ],
    Permission::All,
)
.proxied();

/// `POST /nodes/{node}/wakeonlan`.
pub(crate) const POST_NODES_NODE_WAKEONLAN: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/wakeonlan",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.PowerMgmt"])),
)
.protected();
