//! The declarations of a node's storages and what is on them.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

/// `GET /nodes/{node}/query-url-metadata`.
pub(crate) const GET_NODES_NODE_QUERY_URL_METADATA: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/query-url-metadata",
    &[
        Param::string("node").format("pve-node"),
        Param::string("url").pattern("https?://.*"),
        Param::boolean("verify-certificates")
            .default("1")
            .optional(),
    ],
    Permission::Check(Check::Or(&[
        Check::Perm("/", &["Sys.Audit", "Sys.Modify"]),
        Check::Perm("/nodes/{node}", &["Sys.AccessNetwork"]),
    ])),
)
.proxied();

/// `GET /nodes/{node}/scan`.
pub(crate) const GET_NODES_NODE_SCAN: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/scan",
    &[Param::string("node").format("pve-node")],
    Permission::All,
);

/// `GET /nodes/{node}/scan/iscsi`.
pub(crate) const GET_NODES_NODE_SCAN_ISCSI: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/scan/iscsi",
    &[
        Param::string("node").format("pve-node"),
        Param::string("portal").format("pve-storage-portal-dns"),
    ],
    Permission::Check(Check::Perm("/storage", &["Datastore.Allocate"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/scan/lvm`.
pub(crate) const GET_NODES_NODE_SCAN_LVM: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/scan/lvm",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/storage", &["Datastore.Allocate"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/scan/lvmthin`.
pub(crate) const GET_NODES_NODE_SCAN_LVMTHIN: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/scan/lvmthin",
    &[
        Param::string("node").format("pve-node"),
        Param::string("vg")
            .pattern(r#"[a-zA-Z0-9\.\+\_][a-zA-Z0-9\.\+\_\-]+"#)
            .max_length(100),
    ],
    Permission::Check(Check::Perm("/storage", &["Datastore.Allocate"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/scan/nfs`.
pub(crate) const GET_NODES_NODE_SCAN_NFS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/scan/nfs",
    &[
        Param::string("node").format("pve-node"),
        Param::string("server").format("pve-storage-server"),
    ],
    Permission::Check(Check::Perm("/storage", &["Datastore.Allocate"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/scan/zfs`.
pub(crate) const GET_NODES_NODE_SCAN_ZFS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/scan/zfs",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/storage", &["Datastore.Allocate"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/storage`.
pub(crate) const GET_NODES_NODE_STORAGE: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/storage",
    &[
        Param::string("content")
            .format("pve-storage-content-list")
            .optional(),
        Param::boolean("enabled").default("0").optional(),
        Param::boolean("format").default("0").optional(),
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id").optional(),
        Param::string("target").format("pve-node").optional(),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `GET /nodes/{node}/storage/{storage}`.
pub(crate) const GET_NODES_NODE_STORAGE_STORAGE: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/storage/{storage}",
    &[
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id"),
    ],
    Permission::Check(Check::Any(
        "/storage/{storage}",
        &["Datastore.Audit", "Datastore.AllocateSpace"],
    )),
);

/// `GET /nodes/{node}/storage/{storage}/content`.
pub(crate) const GET_NODES_NODE_STORAGE_STORAGE_CONTENT: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/storage/{storage}/content",
    &[
        Param::string("content")
            .format("pve-storage-content")
            .optional(),
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id"),
        Param::integer("vmid")
            .format("pve-vmid")
            .minimum(100.0)
            .maximum(999999999.0)
            .optional(),
    ],
    Permission::Check(Check::Any(
        "/storage/{storage}",
        &["Datastore.Audit", "Datastore.AllocateSpace"],
    )),
)
.protected()
.proxied();

/// `POST /nodes/{node}/storage/{storage}/content`.
pub(crate) const POST_NODES_NODE_STORAGE_STORAGE_CONTENT: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/storage/{storage}/content",
    &[
        Param::string("filename"),
        Param::string("format")
            .values(&["raw", "qcow2", "subvol", "vmdk"])
            .requires("size")
            .optional(),
        Param::string("node").format("pve-node"),
        Param::string("size").pattern(r#"\d+[MG]?"#),
        Param::string("storage").format("pve-storage-id"),
        Param::integer("vmid")
            .format("pve-vmid")
            .minimum(100.0)
            .maximum(999999999.0),
    ],
    Permission::Check(Check::Perm(
        "/storage/{storage}",
        &["Datastore.AllocateSpace"],
    )),
)
.protected()
.proxied();

/// `DELETE /nodes/{node}/storage/{storage}/content/{volume}`.
pub(crate) const DELETE_NODES_NODE_STORAGE_STORAGE_CONTENT_VOLUME: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/storage/{storage}/content/{volume}",
    &[
        Param::integer("delay")
            .minimum(1.0)
            .maximum(30.0)
            .optional(),
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id").optional(),
        Param::string("volume"),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `GET /nodes/{node}/storage/{storage}/content/{volume}`.
pub(crate) const GET_NODES_NODE_STORAGE_STORAGE_CONTENT_VOLUME: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/storage/{storage}/content/{volume}",
    &[
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id").optional(),
        Param::string("volume"),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `PUT /nodes/{node}/storage/{storage}/content/{volume}`.
pub(crate) const PUT_NODES_NODE_STORAGE_STORAGE_CONTENT_VOLUME: Declaration = Declaration::new(
    Method::Put,
    "/nodes/{node}/storage/{storage}/content/{volume}",
    &[
        Param::string("node").format("pve-node"),
        Param::string("notes").optional(),
        Param::boolean("protected").optional(),
        Param::string("storage").format("pve-storage-id").optional(),
        Param::string("volume"),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `POST /nodes/{node}/storage/{storage}/download-url`.
pub(crate) const POST_NODES_NODE_STORAGE_STORAGE_DOWNLOAD_URL: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/storage/{storage}/download-url",
    &[
        Param::string("checksum")
            .requires("checksum-algorithm")
            .optional(),
        Param::string("checksum-algorithm")
            .values(&["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])
            .requires("checksum")
            .optional(),
        Param::string("compression").optional(),
        Param::string("content")
            .format("pve-storage-content")
            .values(&["iso", "vztmpl", "import"]),
        Param::string("filename").max_length(255),
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id"),
        Param::string("url").pattern("https?://.*"),
        Param::boolean("verify-certificates")
            .default("1")
            .optional(),
    ],
    Permission::Check(Check::And(&[
        Check::Perm("/storage/{storage}", &["Datastore.AllocateTemplate"]),
        Check::Or(&[
            Check::Perm("/", &["Sys.Audit", "Sys.Modify"]),
            Check::Perm("/nodes/{node}", &["Sys.AccessNetwork"]),
        ]),
    ])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/storage/{storage}/file-restore/list`.
pub(crate) const GET_NODES_NODE_STORAGE_STORAGE_FILE_RESTORE_LIST: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/storage/{storage}/file-restore/list",
    &[
        Param::string("filepath"),
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id"),
        Param::string("volume"),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `DELETE /nodes/{node}/storage/{storage}/prunebackups`.
pub(crate) const DELETE_NODES_NODE_STORAGE_STORAGE_PRUNEBACKUPS: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/storage/{storage}/prunebackups",
    &[
        Param::string("node").format("pve-node"),
        Param::string("prune-backups")
            .format("prune-backups")
            .optional(),
        Param::string("storage").format("pve-storage-id"),
        Param::string("type").values(&["qemu", "lxc"]).optional(),
        Param::integer("vmid")
            .format("pve-vmid")
            .minimum(100.0)
            .maximum(999999999.0)
            .optional(),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `GET /nodes/{node}/storage/{storage}/prunebackups`.
pub(crate) const GET_NODES_NODE_STORAGE_STORAGE_PRUNEBACKUPS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/storage/{storage}/prunebackups",
    &[
        Param::string("node").format("pve-node"),
        Param::string("prune-backups")
            .format("prune-backups")
            .optional(),
        Param::string("storage").format("pve-storage-id"),
        Param::string("type").values(&["qemu", "lxc"]).optional(),
        Param::integer("vmid")
            .format("pve-vmid")
            .minimum(100.0)
            .maximum(999999999.0)
            .optional(),
    ],
    Permission::Check(Check::Any(
        "/storage/{storage}",
        &["Datastore.Audit", "Datastore.AllocateSpace"],
    )),
)
.protected()
.proxied();

/// `GET /nodes/{node}/storage/{storage}/rrddata`.
pub(crate) const GET_NODES_NODE_STORAGE_STORAGE_RRDDATA: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/storage/{storage}/rrddata",
    &[
        Param::string("cf").values(&["AVERAGE", "MAX"]).optional(),
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id"),
        Param::string("timeframe").values(&["hour", "day", "week", "month", "year"]),
    ],
    Permission::Check(Check::Any(
        "/storage/{storage}",
        &["Datastore.Audit", "Datastore.AllocateSpace"],
    )),
)
.protected()
.proxied();

/// `GET /nodes/{node}/storage/{storage}/status`.
pub(crate) const GET_NODES_NODE_STORAGE_STORAGE_STATUS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/storage/{storage}/status",
    &[
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id"),
    ],
    Permission::Check(Check::Any(
        "/storage/{storage}",
        &["Datastore.Audit", "Datastore.AllocateSpace"],
    )),
)
.protected()
.proxied();

/// `POST /nodes/{node}/storage/{storage}/upload`.
pub(crate) const POST_NODES_NODE_STORAGE_STORAGE_UPLOAD: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/storage/{storage}/upload",
    &[
        Param::string("checksum")
            .requires("checksum-algorithm")
            .optional(),
        Param::string("checksum-algorithm")
            .values(&["md5", "sha1", "sha224", "sha256", "sha384", "sha512"])
            .requires("checksum")
            .optional(),
        Param::string("content")
            .format("pve-storage-content")
            .values(&["iso", "vztmpl", "import"]),
        Param::string("filename").max_length(255),
        Param::string("node").format("pve-node"),
        Param::string("storage").format("pve-storage-id"),
        Param::string("tmpfilename")
            .pattern("/var/tmp/pveupload-[0-9a-f]+")
            .optional(),
    ],
    Permission::Check(Check::Perm(
        "/storage/{storage}",
        &["Datastore.AllocateTemplate"],
    )),
)
.protected();
