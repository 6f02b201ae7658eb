//! The declarations of storages.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

const PROPERTIES_1: &[Param] = &[
    Param::number("clone").minimum(0.0).optional(),
    Param::number("default").minimum(0.0).optional(),
    Param::number("migration").minimum(0.0).optional(),
    Param::number("move").minimum(0.0).optional(),
    Param::number("restore").minimum(0.0).optional(),
];

/// `GET /storage`.
pub(crate) const GET_STORAGE: Declaration = Declaration::new(
    Method::Get,
    "/storage",
    &[Param::string("type")
        .values(&[
            "btrfs",
            "cephfs",
            "cifs",
            "dir",
            "esxi",
            "iscsi",
            "iscsidirect",
            "lvm",
            "lvmthin",
            "nfs",
            "pbs",
            "rbd",
            "zfs",
            "zfspool",
        ])
        .optional()],
    Permission::All,
);

/// `POST /storage`.
pub(crate) const POST_STORAGE: Declaration = Declaration::new(
    Method::Post,
    "/storage",
    &[
        Param::string("authsupported").optional(),
        Param::string("base").format("pve-volume-id").optional(),
        Param::string("blocksize")
            .format("pve-storage-zfs-blocksize")
            .optional(),
        Param::string("bwlimit").properties(PROPERTIES_1).optional(),
        Param::string("comstar_hg").optional(),
        Param::string("comstar_tg").optional(),
        Param::string("content")
            .format("pve-storage-content-list")
            .optional(),
        Param::string("content-dirs")
            .format("pve-dir-override-list")
            .optional(),
        Param::boolean("create-base-path").default("yes").optional(),
        Param::boolean("create-subdirs").default("yes").optional(),
        Param::string("data-pool").optional(),
        Param::string("datastore").optional(),
        Param::boolean("disable").optional(),
        Param::string("domain").max_length(256).optional(),
        Param::string("encryption-key").optional(),
        Param::string("export")
            .format("pve-storage-path")
            .optional(),
        Param::string("fingerprint")
            .pattern("([A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}")
            .optional(),
        Param::string("format")
            .values(&["raw", "qcow2", "subvol", "vmdk"])
            .optional(),
        Param::string("fs-name").format("pve-configid").optional(),
        Param::boolean("fuse").optional(),
        Param::string("is_mountpoint").default("no").optional(),
        Param::string("iscsiprovider").optional(),
        Param::string("keyring").optional(),
        Param::boolean("krbd").default("0").optional(),
        Param::string("lio_tpg").optional(),
        Param::string("master-pubkey").optional(),
        Param::integer("max-protected-backups")
            .minimum(-1.0)
            .default("Unlimited for users with Datastore.Allocate privilege, 5 for other users")
            .optional(),
        Param::boolean("mkdir").default("yes").optional(),
        Param::string("monhost")
            .format("pve-storage-portal-dns-list")
            .optional(),
        Param::string("mountpoint")
            .format("pve-storage-path")
            .optional(),
        Param::string("namespace").optional(),
        Param::boolean("nocow").default("0").optional(),
        Param::string("nodes").format("pve-node-list").optional(),
        Param::boolean("nowritecache").optional(),
        Param::string("options")
            .format("pve-storage-options")
            .optional(),
        Param::string("password").max_length(256).optional(),
        Param::string("path").format("pve-storage-path").optional(),
        Param::string("pool").optional(),
        Param::integer("port")
            .minimum(1.0)
            .maximum(65535.0)
            .optional(),
        Param::string("portal")
            .format("pve-storage-portal-dns")
            .optional(),
        Param::string("preallocation")
            .values(&["off", "metadata", "falloc", "full"])
            .default("metadata")
            .optional(),
        Param::string("prune-backups")
            .format("prune-backups")
            .optional(),
        Param::boolean("saferemove").optional(),
        Param::integer("saferemove-stepsize")
            .values(&["1", "2", "4", "8", "16", "32"])
            .default("32")
            .optional(),
        Param::string("saferemove_throughput").optional(),
        Param::string("server")
            .format("pve-storage-server")
            .optional(),
        Param::string("share").optional(),
        Param::boolean("shared").optional(),
        Param::boolean("skip-cert-verification")
            .default("false")
            .optional(),
        Param::string("smbversion")
            .values(&["default", "2.0", "2.1", "3", "3.0", "3.11"])
            .default("default")
            .optional(),
        Param::boolean("snapshot-as-volume-chain")
            .default("0")
            .optional(),
        Param::boolean("sparse").optional(),
        Param::string("storage").format("pve-storage-id"),
        Param::string("subdir")
            .format("pve-storage-path")
            .optional(),
        Param::boolean("tagged_only").optional(),
        Param::string("target").optional(),
        Param::string("thinpool")
            .format("pve-storage-vgname")
            .optional(),
        Param::string("type").values(&[
            "btrfs",
            "cephfs",
            "cifs",
            "dir",
            "esxi",
            "iscsi",
            "iscsidirect",
            "lvm",
            "lvmthin",
            "nfs",
            "pbs",
            "rbd",
            "zfs",
            "zfspool",
        ]),
        Param::string("username").optional(),
        Param::string("vgname")
            .format("pve-storage-vgname")
            .optional(),
        Param::string("zfs-base-path")
            .format("pve-storage-path")
            .optional(),
    ],
    Permission::Check(Check::Perm("/storage", &["Datastore.Allocate"])),
)
.protected();

/// `DELETE /storage/{storage}`.
pub(crate) const DELETE_STORAGE_STORAGE: Declaration = Declaration::new(
    Method::Delete,
    "/storage/{storage}",
    &[Param::string("storage").format("pve-storage-id")],
    Permission::Check(Check::Perm("/storage", &["Datastore.Allocate"])),
)
.protected();

/// `GET /storage/{storage}`.
pub(crate) const GET_STORAGE_STORAGE: Declaration = Declaration::new(
    Method::Get,
    "/storage/{storage}",
    &[Param::string("storage").format("pve-storage-id")],
    Permission::Check(Check::Perm("/storage/{storage}", &["Datastore.Allocate"])),
);

/// `PUT /storage/{storage}`.
pub(crate) const PUT_STORAGE_STORAGE: Declaration = Declaration::new(
    Method::Put,
    "/storage/{storage}",
    &[
        Param::string("blocksize")
            .format("pve-storage-zfs-blocksize")
            .optional(),
        Param::string("bwlimit").properties(PROPERTIES_1).optional(),
        Param::string("comstar_hg").optional(),
        Param::string("comstar_tg").optional(),
        Param::string("content")
            .format("pve-storage-content-list")
            .optional(),
        Param::string("content-dirs")
            .format("pve-dir-override-list")
            .optional(),
        Param::boolean("create-base-path").default("yes").optional(),
        Param::boolean("create-subdirs").default("yes").optional(),
        Param::string("data-pool").optional(),
        Param::string("delete")
            .format("pve-configid-list")
            .max_length(4096)
            .optional(),
        Param::string("digest").max_length(64).optional(),
        Param::boolean("disable").optional(),
        Param::string("domain").max_length(256).optional(),
        Param::string("encryption-key").optional(),
        Param::string("fingerprint")
            .pattern("([A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}")
            .optional(),
        Param::string("format")
            .values(&["raw", "qcow2", "subvol", "vmdk"])
            .optional(),
        Param::string("fs-name").format("pve-configid").optional(),
        Param::boolean("fuse").optional(),
        Param::string("is_mountpoint").default("no").optional(),
        Param::string("keyring").optional(),
        Param::boolean("krbd").default("0").optional(),
        Param::string("lio_tpg").optional(),
        Param::string("master-pubkey").optional(),
        Param::integer("max-protected-backups")
            .minimum(-1.0)
            .default("Unlimited for users with Datastore.Allocate privilege, 5 for other users")
            .optional(),
        Param::boolean("mkdir").default("yes").optional(),
        Param::string("monhost")
            .format("pve-storage-portal-dns-list")
            .optional(),
        Param::string("mountpoint")
            .format("pve-storage-path")
            .optional(),
        Param::string("namespace").optional(),
        Param::boolean("nocow").default("0").optional(),
        Param::string("nodes").format("pve-node-list").optional(),
        Param::boolean("nowritecache").optional(),
        Param::string("options")
            .format("pve-storage-options")
            .optional(),
        Param::string("password").max_length(256).optional(),
        Param::string("pool").optional(),
        Param::integer("port")
            .minimum(1.0)
            .maximum(65535.0)
            .optional(),
        Param::string("preallocation")
            .values(&["off", "metadata", "falloc", "full"])
            .default("metadata")
            .optional(),
        Param::string("prune-backups")
            .format("prune-backups")
            .optional(),
        Param::boolean("saferemove").optional(),
        Param::integer("saferemove-stepsize")
            .values(&["1", "2", "4", "8", "16", "32"])
            .default("32")
            .optional(),
        Param::string("saferemove_throughput").optional(),
        Param::string("server")
            .format("pve-storage-server")
            .optional(),
        Param::boolean("shared").optional(),
        Param::boolean("skip-cert-verification")
            .default("false")
            .optional(),
        Param::string("smbversion")
            .values(&["default", "2.0", "2.1", "3", "3.0", "3.11"])
            .default("default")
            .optional(),
        Param::boolean("snapshot-as-volume-chain")
            .default("0")
            .optional(),
        Param::boolean("sparse").optional(),
        Param::string("storage").format("pve-storage-id"),
        Param::string("subdir")
            .format("pve-storage-path")
            .optional(),
        Param::boolean("tagged_only").optional(),
        Param::string("username").optional(),
        Param::string("zfs-base-path")
            .format("pve-storage-path")
            .optional(),
    ],
    Permission::Check(Check::Perm("/storage", &["Datastore.Allocate"])),
)
.protected();
