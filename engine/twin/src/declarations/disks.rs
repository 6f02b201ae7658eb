//! The declarations of a node's disks.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

/// `GET /nodes/{node}/disks`.
pub(crate) const GET_NODES_NODE_DISKS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/disks",
    &[Param::string("node").format("pve-node")],
    Permission::All,
)
.proxied();

/// `GET /nodes/{node}/disks/directory`.
pub(crate) const GET_NODES_NODE_DISKS_DIRECTORY: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/disks/directory",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/disks/directory`.
pub(crate) const POST_NODES_NODE_DISKS_DIRECTORY: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/disks/directory",
    &[
        Param::boolean("add_storage").default("0").optional(),
        Param::string("device"),
        Param::string("filesystem")
            .values(&["ext4", "xfs"])
            .default("ext4")
            .optional(),
        Param::string("name").format("pve-storage-id"),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `DELETE /nodes/{node}/disks/directory/{name}`.
pub(crate) const DELETE_NODES_NODE_DISKS_DIRECTORY_NAME: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/disks/directory/{name}",
    &[
        Param::boolean("cleanup-config").default("0").optional(),
        Param::boolean("cleanup-disks").default("0").optional(),
        Param::string("name").format("pve-storage-id"),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/disks/initgpt`.
pub(crate) const POST_NODES_NODE_DISKS_INITGPT: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/disks/initgpt",
    &[
        Param::string("disk").pattern(r#"^/dev/[a-zA-Z0-9\/]+$"#),
        Param::string("node").format("pve-node"),
        Param::string("uuid")
            .pattern(r#"[a-fA-F0-9\-]+"#)
            .max_length(36)
            .optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/disks/list`.
pub(crate) const GET_NODES_NODE_DISKS_LIST: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/disks/list",
    &[
        Param::boolean("include-partitions").default("0").optional(),
        Param::string("node").format("pve-node"),
        Param::boolean("skipsmart").default("0").optional(),
        Param::string("type")
            .values(&["unused", "journal_disks"])
            .optional(),
    ],
    Permission::Check(Check::Or(&[
        Check::Perm("/", &["Sys.Audit"]),
        Check::Perm("/nodes/{node}", &["Sys.Audit"]),
    ])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/disks/lvm`.
pub(crate) const GET_NODES_NODE_DISKS_LVM: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/disks/lvm",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/disks/lvm`.
pub(crate) const POST_NODES_NODE_DISKS_LVM: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/disks/lvm",
    &[
        Param::boolean("add_storage").default("0").optional(),
        Param::string("device"),
        Param::string("name").format("pve-storage-id"),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `DELETE /nodes/{node}/disks/lvm/{name}`.
pub(crate) const DELETE_NODES_NODE_DISKS_LVM_NAME: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/disks/lvm/{name}",
    &[
        Param::boolean("cleanup-config").default("0").optional(),
        Param::boolean("cleanup-disks").default("0").optional(),
        Param::string("name").format("pve-storage-id"),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/disks/lvmthin`.
pub(crate) const GET_NODES_NODE_DISKS_LVMTHIN: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/disks/lvmthin",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/disks/lvmthin`.
pub(crate) const POST_NODES_NODE_DISKS_LVMTHIN: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/disks/lvmthin",
    &[
        Param::boolean("add_storage").default("0").optional(),
        Param::string("device"),
        Param::string("name").format("pve-storage-id"),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `DELETE /nodes/{node}/disks/lvmthin/{name}`.
pub(crate) const DELETE_NODES_NODE_DISKS_LVMTHIN_NAME: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/disks/lvmthin/{name}",
    &[
        Param::boolean("cleanup-config").default("0").optional(),
        Param::boolean("cleanup-disks").default("0").optional(),
        Param::string("name").format("pve-storage-id"),
        Param::string("node").format("pve-node"),
        Param::string("volume-group").format("pve-storage-id"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/disks/smart`.
pub(crate) const GET_NODES_NODE_DISKS_SMART: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/disks/smart",
    &[
        Param::string("disk").pattern(r#"^/dev/[a-zA-Z0-9\/]+$"#),
        Param::boolean("healthonly").optional(),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected()
.proxied();

/// `PUT /nodes/{node}/disks/wipedisk`.
pub(crate) const PUT_NODES_NODE_DISKS_WIPEDISK: Declaration = Declaration::new(
    Method::Put,
    "/nodes/{node}/disks/wipedisk",
    &[
        Param::string("disk").pattern(r#"^/dev/[a-zA-Z0-9\/]+$"#),
        Param::string("node").format("pve-node"),
    ],
    Permission::Root,
)
.protected()
.proxied();

/// `GET /nodes/{node}/disks/zfs`.
pub(crate) const GET_NODES_NODE_DISKS_ZFS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/disks/zfs",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/disks/zfs`.
pub(crate) const POST_NODES_NODE_DISKS_ZFS: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/disks/zfs",
    &[
        Param::boolean("add_storage").default("0").optional(),
        Param::integer("ashift")
            .minimum(9.0)
            .maximum(16.0)
            .default("12")
            .optional(),
        Param::string("compression")
            .values(&["on", "off", "gzip", "lz4", "lzjb", "zle", "zstd"])
            .default("on")
            .optional(),
        Param::string("devices").format("string-list"),
        Param::string("draid-config")
            .properties(&[
                Param::integer("data").minimum(1.0),
                Param::integer("spares").minimum(0.0),
            ])
            .optional(),
        Param::string("name").format("pve-storage-id"),
        Param::string("node").format("pve-node"),
        Param::string("raidlevel").values(&[
            "single", "mirror", "raid10", "raidz", "raidz2", "raidz3", "draid", "draid2", "draid3",
        ]),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `DELETE /nodes/{node}/disks/zfs/{name}`.
pub(crate) const DELETE_NODES_NODE_DISKS_ZFS_NAME: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/disks/zfs/{name}",
    &[
        Param::boolean("cleanup-config").default("0").optional(),
        Param::boolean("cleanup-disks").default("0").optional(),
        Param::string("name").format("pve-storage-id"),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/disks/zfs/{name}`.
pub(crate) const GET_NODES_NODE_DISKS_ZFS_NAME: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/disks/zfs/{name}",
    &[
        Param::string("name").format("pve-storage-id"),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected()
.proxied();
