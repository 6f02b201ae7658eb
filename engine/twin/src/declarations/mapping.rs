//! The declarations of resource mappings.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

const PROPERTIES_1: &[Param] = &[Param::string("description").max_length(4096).optional(), Param::string("id").pattern("(?^:^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$)"), Param::integer("iommugroup").optional(), Param::string("node").format("pve-node"), Param::string("path").pattern("(?:[a-f0-9]{4,}:[a-f0-9]{2}:[a-f0-9]{2}(?:.[a-f0-9])?;)*[a-f0-9]{4,}:[a-f0-9]{2}:[a-f0-9]{2}(?:.[a-f0-9])?"), Param::string("subsystem-id").pattern("(?^:^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$)").optional()];

const PROPERTIES_2: &[Param] = &[
    Param::string("description").max_length(4096).optional(),
    Param::string("id").pattern("(?^:^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$)"),
    Param::string("node").format("pve-node"),
    Param::string("path")
        .pattern(r#"(?^:^(\d+)\-(\d+(\.\d+)*)$)"#)
        .optional(),
];

/// `GET /cluster/mapping`.
pub(crate) const GET_CLUSTER_MAPPING: Declaration =
    Declaration::new(Method::Get, "/cluster/mapping", &[], Permission::All);

/// `GET /cluster/mapping/dir`.
pub(crate) const GET_CLUSTER_MAPPING_DIR: Declaration = Declaration::new(
    Method::Get,
    "/cluster/mapping/dir",
    &[Param::string("check-node").format("pve-node").optional()],
    Permission::All,
);

/// `POST /cluster/mapping/dir`.
pub(crate) const POST_CLUSTER_MAPPING_DIR: Declaration = Declaration::new(
    Method::Post,
    "/cluster/mapping/dir",
    &[
        Param::string("description").max_length(4096).optional(),
        Param::string("id").format("pve-configid"),
        Param::array("map").items(&Param::string("").properties(&[
            Param::string("node").format("pve-node"),
            Param::string("path").format("pve-storage-path-in-property-string"),
        ])),
    ],
    Permission::Check(Check::Perm("/mapping/dir", &["Mapping.Modify"])),
)
.protected();

/// `DELETE /cluster/mapping/dir/{id}`.
pub(crate) const DELETE_CLUSTER_MAPPING_DIR_ID: Declaration = Declaration::new(
    Method::Delete,
    "/cluster/mapping/dir/{id}",
    &[Param::string("id").format("pve-configid")],
    Permission::Check(Check::Perm("/mapping/dir", &["Mapping.Modify"])),
)
.protected();

/// `GET /cluster/mapping/dir/{id}`.
pub(crate) const GET_CLUSTER_MAPPING_DIR_ID: Declaration = Declaration::new(
    Method::Get,
    "/cluster/mapping/dir/{id}",
    &[Param::string("id").format("pve-configid")],
    Permission::Check(Check::Or(&[
        Check::Perm("/mapping/dir/{id}", &["Mapping.Use"]),
        Check::Perm("/mapping/dir/{id}", &["Mapping.Modify"]),
        Check::Perm("/mapping/dir/{id}", &["Mapping.Audit"]),
    ])),
)
.protected();

/// `PUT /cluster/mapping/dir/{id}`.
pub(crate) const PUT_CLUSTER_MAPPING_DIR_ID: Declaration = Declaration::new(
    Method::Put,
    "/cluster/mapping/dir/{id}",
    &[
        Param::string("delete")
            .format("pve-configid-list")
            .max_length(4096)
            .optional(),
        Param::string("description").max_length(4096).optional(),
        Param::string("digest").max_length(64).optional(),
        Param::string("id").format("pve-configid"),
        Param::array("map")
            .items(&Param::string("").properties(&[
                Param::string("node").format("pve-node"),
                Param::string("path").format("pve-storage-path-in-property-string"),
            ]))
            .optional(),
    ],
    Permission::Check(Check::Perm("/mapping/dir/{id}", &["Mapping.Modify"])),
)
.protected();

/// `GET /cluster/mapping/pci`.
pub(crate) const GET_CLUSTER_MAPPING_PCI: Declaration = Declaration::new(
    Method::Get,
    "/cluster/mapping/pci",
    &[Param::string("check-node").format("pve-node").optional()],
    Permission::All,
);

/// `POST /cluster/mapping/pci`.
pub(crate) const POST_CLUSTER_MAPPING_PCI: Declaration = Declaration::new(
    Method::Post,
    "/cluster/mapping/pci",
    &[
        Param::string("description").max_length(4096).optional(),
        Param::string("id").format("pve-configid"),
        Param::boolean("live-migration-capable")
            .default("0")
            .optional(),
        Param::array("map").items(&Param::string("").properties(PROPERTIES_1)),
        Param::boolean("mdev").default("0").optional(),
    ],
    Permission::Check(Check::Perm("/mapping/pci", &["Mapping.Modify"])),
)
.protected();

/// `DELETE /cluster/mapping/pci/{id}`.
pub(crate) const DELETE_CLUSTER_MAPPING_PCI_ID: Declaration = Declaration::new(
    Method::Delete,
    "/cluster/mapping/pci/{id}",
    &[Param::string("id").format("pve-configid")],
    Permission::Check(Check::Perm("/mapping/pci", &["Mapping.Modify"])),
)
.protected();

/// `GET /cluster/mapping/pci/{id}`.
pub(crate) const GET_CLUSTER_MAPPING_PCI_ID: Declaration = Declaration::new(
    Method::Get,
    "/cluster/mapping/pci/{id}",
    &[Param::string("id").format("pve-configid")],
    Permission::Check(Check::Or(&[
        Check::Perm("/mapping/pci/{id}", &["Mapping.Use"]),
        Check::Perm("/mapping/pci/{id}", &["Mapping.Modify"]),
        Check::Perm("/mapping/pci/{id}", &["Mapping.Audit"]),
    ])),
)
.protected();

/// `PUT /cluster/mapping/pci/{id}`.
pub(crate) const PUT_CLUSTER_MAPPING_PCI_ID: Declaration = Declaration::new(
    Method::Put,
    "/cluster/mapping/pci/{id}",
    &[
        Param::string("delete")
            .format("pve-configid-list")
            .max_length(4096)
            .optional(),
        Param::string("description").max_length(4096).optional(),
        Param::string("digest").max_length(64).optional(),
        Param::string("id").format("pve-configid"),
        Param::boolean("live-migration-capable")
            .default("0")
            .optional(),
        Param::array("map")
            .items(&Param::string("").properties(PROPERTIES_1))
            .optional(),
        Param::boolean("mdev").default("0").optional(),
    ],
    Permission::Check(Check::Perm("/mapping/pci/{id}", &["Mapping.Modify"])),
)
.protected();

/// `GET /cluster/mapping/usb`.
pub(crate) const GET_CLUSTER_MAPPING_USB: Declaration = Declaration::new(
    Method::Get,
    "/cluster/mapping/usb",
    &[Param::string("check-node").format("pve-node").optional()],
    Permission::All,
);

/// `POST /cluster/mapping/usb`.
pub(crate) const POST_CLUSTER_MAPPING_USB: Declaration = Declaration::new(
    Method::Post,
    "/cluster/mapping/usb",
    &[
        Param::string("description").max_length(4096).optional(),
        Param::string("id").format("pve-configid"),
        Param::array("map").items(&Param::string("").properties(PROPERTIES_2)),
    ],
    Permission::Check(Check::Perm("/mapping/usb", &["Mapping.Modify"])),
)
.protected();

/// `DELETE /cluster/mapping/usb/{id}`.
pub(crate) const DELETE_CLUSTER_MAPPING_USB_ID: Declaration = Declaration::new(
    Method::Delete,
    "/cluster/mapping/usb/{id}",
    &[Param::string("id").format("pve-configid")],
    Permission::Check(Check::Perm("/mapping/usb", &["Mapping.Modify"])),
)
.protected();

/// `GET /cluster/mapping/usb/{id}`.
pub(crate) const GET_CLUSTER_MAPPING_USB_ID: Declaration = Declaration::new(
    Method::Get,
    "/cluster/mapping/usb/{id}",
    &[Param::string("id").format("pve-configid")],
    Permission::Check(Check::Or(&[
        Check::Perm("/mapping/usb/{id}", &["Mapping.Audit"]),
        Check::Perm("/mapping/usb/{id}", &["Mapping.Use"]),
        Check::Perm("/mapping/usb/{id}", &["Mapping.Modify"]),
    ])),
)
.protected();

/// `PUT /cluster/mapping/usb/{id}`.
pub(crate) const PUT_CLUSTER_MAPPING_USB_ID: Declaration = Declaration::new(
    Method::Put,
    "/cluster/mapping/usb/{id}",
    &[
        Param::string("delete")
            .format("pve-configid-list")
            .max_length(4096)
            .optional(),
        Param::string("description").max_length(4096).optional(),
        Param::string("digest").max_length(64).optional(),
        Param::string("id").format("pve-configid"),
        Param::array("map").items(&Param::string("").properties(PROPERTIES_2)),
    ],
    Permission::Check(Check::Perm("/mapping/usb/{id}", &["Mapping.Modify"])),
)
.protected();
