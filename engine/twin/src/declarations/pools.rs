//! The declarations of pools.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

/// `DELETE /pools`.
pub(crate) const DELETE_POOLS: Declaration = Declaration::new(
    Method::Delete,
    "/pools",
    &[Param::string("poolid").format("pve-poolid")],
    Permission::Check(Check::Perm("/pool/{poolid}", &["Pool.Allocate"])),
)
.protected();

/// `GET /pools`.
pub(crate) const GET_POOLS: Declaration = Declaration::new(
    Method::Get,
    "/pools",
    &[
        Param::string("poolid").format("pve-poolid").optional(),
        Param::string("type")
            .values(&["qemu", "lxc", "storage"])
            .requires("poolid")
            .optional(),
    ],
    Permission::All,
);

/// `POST /pools`.
pub(crate) const POST_POOLS: Declaration = Declaration::new(
    Method::Post,
    "/pools",
    &[
        Param::string("comment").optional(),
        Param::string("poolid").format("pve-poolid"),
    ],
    Permission::Check(Check::Perm("/pool/{poolid}", &["Pool.Allocate"])),
)
.protected();

/// `PUT /pools`.
pub(crate) const PUT_POOLS: Declaration = Declaration::new(
    Method::Put,
    "/pools",
    &[
        Param::boolean("allow-move").default("0").optional(),
        Param::string("comment").optional(),
        Param::boolean("delete").default("0").optional(),
        Param::string("poolid").format("pve-poolid"),
        Param::string("storage")
            .format("pve-storage-id-list")
            .optional(),
        Param::string("vms").format("pve-vmid-list").optional(),
    ],
    Permission::Check(Check::Perm("/pool/{poolid}", &["Pool.Allocate"])),
)
.protected();

/// `DELETE /pools/{poolid}`.
pub(crate) const DELETE_POOLS_POOLID: Declaration = Declaration::new(
    Method::Delete,
    "/pools/{poolid}",
    &[Param::string("poolid").format("pve-poolid")],
    Permission::Check(Check::Perm("/pool/{poolid}", &["Pool.Allocate"])),
)
.protected();

/// `GET /pools/{poolid}`.
pub(crate) const GET_POOLS_POOLID: Declaration = Declaration::new(
    Method::Get,
    "/pools/{poolid}",
    &[
        Param::string("poolid").format("pve-poolid"),
        Param::string("type")
            .values(&["qemu", "lxc", "storage"])
            .optional(),
    ],
    Permission::Check(Check::Perm("/pool/{poolid}", &["Pool.Audit"])),
);

/// `PUT /pools/{poolid}`.
pub(crate) const PUT_POOLS_POOLID: Declaration = Declaration::new(
    Method::Put,
    "/pools/{poolid}",
    &[
        Param::boolean("allow-move").default("0").optional(),
        Param::string("comment").optional(),
        Param::boolean("delete").default("0").optional(),
        Param::string("poolid").format("pve-poolid"),
        Param::string("storage")
            .format("pve-storage-id-list")
            .optional(),
        Param::string("vms").format("pve-vmid-list").optional(),
    ],
    Permission::Check(Check::Perm("/pool/{poolid}", &["Pool.Allocate"])),
)
.protected();
