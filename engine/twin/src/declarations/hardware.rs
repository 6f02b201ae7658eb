//! The declarations of a node's PCI devices.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

/// `GET /nodes/{node}/hardware`.
pub(crate) const GET_NODES_NODE_HARDWARE: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/hardware",
    &[Param::string("node").format("pve-node")],
    Permission::All,
);

/// `GET /nodes/{node}/hardware/pci`.
pub(crate) const GET_NODES_NODE_HARDWARE_PCI: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/hardware/pci",
    &[
        Param::string("node").format("pve-node"),
        Param::string("pci-class-blacklist")
            .format("string-list")
            .default("05;06;0b")
            .optional(),
        Param::boolean("verbose").default("1").optional(),
    ],
    Permission::Check(Check::Any("/", &["Sys.Audit", "Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/hardware/pci/{pci-id-or-mapping}`.
pub(crate) const GET_NODES_NODE_HARDWARE_PCI_PCI_ID_OR_MAPPING: Declaration = Declaration::new(Method::Get, "/nodes/{node}/hardware/pci/{pci-id-or-mapping}", &[Param::string("node").format("pve-node"), Param::string("pci-id-or-mapping").pattern(r#"(?:(?:[0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-9a-fA-F])|([a-zA-Z][a-zA-Z0-9_-]+)"#)], Permission::All);

/// `GET /nodes/{node}/hardware/pci/{pci-id-or-mapping}/mdev`.
pub(crate) const GET_NODES_NODE_HARDWARE_PCI_PCI_ID_OR_MAPPING_MDEV: Declaration = Declaration::new(Method::Get, "/nodes/{node}/hardware/pci/{pci-id-or-mapping}/mdev", &[Param::string("node").format("pve-node"), Param::string("pci-id-or-mapping").pattern(r#"(?:(?:[0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-9a-fA-F])|([a-zA-Z][a-zA-Z0-9_-]+)"#)], Permission::Check(Check::Any("/", &["Sys.Audit", "Sys.Modify"]))).protected().proxied();
