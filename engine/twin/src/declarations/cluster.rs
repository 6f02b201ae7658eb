//! The declarations of `/cluster`: its configuration, options, status, log and replication.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

const PROPERTIES_1: &[Param] = &[
    Param::number("clone").minimum(0.0).optional(),
    Param::number("default").minimum(0.0).optional(),
    Param::number("migration").minimum(0.0).optional(),
    Param::number("move").minimum(0.0).optional(),
    Param::number("restore").minimum(0.0).optional(),
];

const PROPERTIES_2: &[Param] = &[
    Param::string("ha")
        .values(&["basic", "static", "dynamic"])
        .default("basic")
        .optional(),
    Param::boolean("ha-auto-rebalance").default("0").optional(),
    Param::number("ha-auto-rebalance-hold-duration")
        .minimum(0.0)
        .default("3")
        .requires("ha-auto-rebalance")
        .optional(),
    Param::number("ha-auto-rebalance-margin")
        .minimum(0.0)
        .maximum(100.0)
        .default("10")
        .requires("ha-auto-rebalance")
        .optional(),
    Param::string("ha-auto-rebalance-method")
        .values(&["bruteforce", "topsis"])
        .default("bruteforce")
        .requires("ha-auto-rebalance")
        .optional(),
    Param::number("ha-auto-rebalance-threshold")
        .minimum(0.0)
        .maximum(100.0)
        .default("30")
        .requires("ha-auto-rebalance")
        .optional(),
    Param::boolean("ha-rebalance-on-start")
        .default("0")
        .optional(),
];

const PROPERTIES_3: &[Param] = &[
    Param::string("fencing")
        .values(&["always", "never"])
        .optional(),
    Param::string("package-updates")
        .values(&["auto", "always", "never"])
        .default("auto")
        .optional(),
    Param::string("replication")
        .values(&["always", "never"])
        .optional(),
    Param::string("target-fencing").optional(),
    Param::string("target-package-updates").optional(),
    Param::string("target-replication").optional(),
];

const PROPERTIES_4: &[Param] = &[Param::boolean("case-sensitive").default("0").optional(), Param::string("color-map").pattern(r#"(?:(?^i:[a-z0-9_][a-z0-9_\-\+\.]*):[0-9a-fA-F]{6}(?::[0-9a-fA-F]{6})?)(?:;(?:(?^i:[a-z0-9_][a-z0-9_\-\+\.]*):[0-9a-fA-F]{6}(?::[0-9a-fA-F]{6})?))*"#).optional(), Param::string("ordering").values(&["config", "alphabetical"]).default("alphabetical").optional(), Param::string("shape").values(&["full", "circle", "dense", "none"]).default("circle").optional()];

const PROPERTIES_5: &[Param] = &[
    Param::string("user-allow")
        .values(&["none", "list", "existing", "free"])
        .default("free")
        .optional(),
    Param::string("user-allow-list")
        .pattern(r#"(?^i:[a-z0-9_][a-z0-9_\-\+\.]*)(?:;(?^i:[a-z0-9_][a-z0-9_\-\+\.]*))*"#)
        .optional(),
];

/// `GET /cluster/config`.
pub(crate) const GET_CLUSTER_CONFIG: Declaration = Declaration::new(
    Method::Get,
    "/cluster/config",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `POST /cluster/config`.
pub(crate) const POST_CLUSTER_CONFIG: Declaration = Declaration::new(
    Method::Post,
    "/cluster/config",
    &[
        Param::string("clustername")
            .format("pve-node")
            .max_length(15),
        Param::string("link[n]")
            .properties(&[
                Param::string("address").format("address").default_key(),
                Param::integer("priority")
                    .minimum(0.0)
                    .maximum(255.0)
                    .default("0")
                    .optional(),
            ])
            .optional(),
        Param::integer("nodeid").minimum(1.0).optional(),
        Param::integer("token-coefficient")
            .minimum(0.0)
            .default("125")
            .optional(),
        Param::integer("votes").minimum(1.0).optional(),
    ],
    Permission::Root,
)
.protected();

/// `GET /cluster/config/apiversion`.
pub(crate) const GET_CLUSTER_CONFIG_APIVERSION: Declaration = Declaration::new(
    Method::Get,
    "/cluster/config/apiversion",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `GET /cluster/config/join`.
pub(crate) const GET_CLUSTER_CONFIG_JOIN: Declaration = Declaration::new(
    Method::Get,
    "/cluster/config/join",
    &[Param::string("node")
        .format("pve-node")
        .default("current connected node")
        .optional()],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `POST /cluster/config/join`.
pub(crate) const POST_CLUSTER_CONFIG_JOIN: Declaration = Declaration::new(
    Method::Post,
    "/cluster/config/join",
    &[
        Param::string("fingerprint").pattern("([A-Fa-f0-9]{2}:){31}[A-Fa-f0-9]{2}"),
        Param::boolean("force").optional(),
        Param::string("hostname"),
        Param::string("link[n]")
            .properties(&[
                Param::string("address").format("address").default_key(),
                Param::integer("priority")
                    .minimum(0.0)
                    .maximum(255.0)
                    .default("0")
                    .optional(),
            ])
            .optional(),
        Param::integer("nodeid").minimum(1.0).optional(),
        Param::string("password").max_length(128),
        Param::integer("votes").minimum(0.0).optional(),
    ],
    Permission::Root,
)
.protected();

/// `GET /cluster/config/nodes`.
pub(crate) const GET_CLUSTER_CONFIG_NODES: Declaration = Declaration::new(
    Method::Get,
    "/cluster/config/nodes",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `DELETE /cluster/config/nodes/{node}`.
pub(crate) const DELETE_CLUSTER_CONFIG_NODES_NODE: Declaration = Declaration::new(
    Method::Delete,
    "/cluster/config/nodes/{node}",
    &[Param::string("node").format("pve-node")],
    Permission::Root,
)
.protected();

/// `POST /cluster/config/nodes/{node}`.
pub(crate) const POST_CLUSTER_CONFIG_NODES_NODE: Declaration = Declaration::new(
    Method::Post,
    "/cluster/config/nodes/{node}",
    &[
        Param::integer("apiversion").optional(),
        Param::boolean("force").optional(),
        Param::string("link[n]")
            .properties(&[
                Param::string("address").format("address").default_key(),
                Param::integer("priority")
                    .minimum(0.0)
                    .maximum(255.0)
                    .default("0")
                    .optional(),
            ])
            .optional(),
        Param::string("new_node_ip").format("ip").optional(),
        Param::string("node").format("pve-node"),
        Param::integer("nodeid").minimum(1.0).optional(),
        Param::integer("votes").minimum(0.0).optional(),
    ],
    Permission::Root,
)
.protected();

/// `GET /cluster/config/qdevice`.
pub(crate) const GET_CLUSTER_CONFIG_QDEVICE: Declaration = Declaration::new(
    Method::Get,
    "/cluster/config/qdevice",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected();

/// `GET /cluster/config/totem`.
pub(crate) const GET_CLUSTER_CONFIG_TOTEM: Declaration = Declaration::new(
    Method::Get,
    "/cluster/config/totem",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `GET /cluster/log`.
pub(crate) const GET_CLUSTER_LOG: Declaration = Declaration::new(
    Method::Get,
    "/cluster/log",
    &[Param::integer("max").minimum(1.0).optional()],
    Permission::All,
);

/// `GET /cluster/options`.
pub(crate) const GET_CLUSTER_OPTIONS: Declaration =
    Declaration::new(Method::Get, "/cluster/options", &[], Permission::All);

/// `PUT /cluster/options`.
pub(crate) const PUT_CLUSTER_OPTIONS: Declaration = Declaration::new(
    Method::Put,
    "/cluster/options",
    &[
        Param::string("bwlimit").properties(PROPERTIES_1).optional(),
        Param::string("consent-text").max_length(65536).optional(),
        Param::string("console")
            .values(&["applet", "vv", "html5", "xtermjs"])
            .optional(),
        Param::string("crs").properties(PROPERTIES_2).optional(),
        Param::string("delete")
            .format("pve-configid-list")
            .optional(),
        Param::string("description").max_length(65536).optional(),
        Param::string("email_from").format("email-opt").optional(),
        Param::string("fencing")
            .values(&["watchdog", "hardware", "both"])
            .default("watchdog")
            .optional(),
        Param::string("ha")
            .properties(&[Param::string("shutdown_policy")
                .values(&["freeze", "failover", "conditional", "migrate"])
                .default("conditional")])
            .optional(),
        Param::string("http_proxy").pattern("http://.*").optional(),
        Param::string("keyboard")
            .values(&[
                "de", "de-ch", "da", "en-gb", "en-us", "es", "fi", "fr", "fr-be", "fr-ca", "fr-ch",
                "hu", "is", "it", "ja", "lt", "mk", "nl", "no", "pl", "pt", "pt-br", "sv", "sl",
                "tr",
            ])
            .optional(),
        Param::string("language")
            .values(&[
                "ar", "ca", "da", "de", "en", "es", "eu", "fa", "fr", "hr", "he", "it", "ja", "ka",
                "kr", "nb", "nl", "nn", "pl", "pt_BR", "ru", "sl", "sv", "tr", "ukr", "zh_CN",
                "zh_TW",
            ])
            .optional(),
        Param::string("location")
            .format("pve-node-location")
            .optional(),
        Param::string("mac_prefix")
            .format("mac-prefix")
            .default("BC:24:11")
            .optional(),
        Param::integer("max_workers").minimum(1.0).optional(),
        Param::string("migration")
            .properties(&[
                Param::string("network").format("CIDR").optional(),
                Param::string("type")
                    .values(&["secure", "insecure"])
                    .default("secure")
                    .default_key(),
            ])
            .optional(),
        Param::boolean("migration_unsecure").optional(),
        Param::string("next-id")
            .properties(&[
                Param::integer("lower").default("100").optional(),
                Param::integer("upper").default("1000000").optional(),
            ])
            .optional(),
        Param::string("notify").properties(PROPERTIES_3).optional(),
        Param::string("registered-tags")
            .pattern(r#"(?:(?^i:[a-z0-9_][a-z0-9_\-\+\.]*);)*(?^i:[a-z0-9_][a-z0-9_\-\+\.]*)"#)
            .optional(),
        Param::string("replication")
            .properties(&[
                Param::string("network").format("CIDR").optional(),
                Param::string("type")
                    .values(&["secure", "insecure"])
                    .default("secure")
                    .default_key(),
            ])
            .optional(),
        Param::string("tag-style")
            .properties(PROPERTIES_4)
            .optional(),
        Param::string("u2f")
            .properties(&[
                Param::string("appid").optional(),
                Param::string("origin").optional(),
            ])
            .optional(),
        Param::string("user-tag-access")
            .properties(PROPERTIES_5)
            .optional(),
        Param::string("webauthn")
            .properties(&[
                Param::boolean("allow-subdomains").default("1").optional(),
                Param::string("id").optional(),
                Param::string("origin").optional(),
                Param::string("rp").optional(),
            ])
            .optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected();

/// `GET /cluster/replication`.
pub(crate) const GET_CLUSTER_REPLICATION: Declaration =
    Declaration::new(Method::Get, "/cluster/replication", &[], Permission::All);

/// `GET /cluster/status`.
pub(crate) const GET_CLUSTER_STATUS: Declaration = Declaration::new(
    Method::Get,
    "/cluster/status",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected();
