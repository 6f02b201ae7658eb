//! What the API says about a node: its state, names, time, services and bulk calls.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

const PROPERTIES_1: &[Param] = &[
    Param::string("alias").format("pve-acme-alias").optional(),
    Param::string("domain")
        .format("pve-acme-domain")
        .default_key(),
    Param::string("plugin")
        .format("pve-configid")
        .default("standalone")
        .optional(),
];

const PROPERTIES_2: &[Param] = &[
    Param::string("bind-interface")
        .format("pve-iface")
        .default("The interface carrying the default route")
        .optional(),
    Param::string("broadcast-address")
        .format("ipv4")
        .default("255.255.255.255")
        .optional(),
    Param::string("mac").format("mac-addr").default_key(),
];

/// `GET /nodes/{node}/config`.
pub(crate) const GET_NODES_NODE_CONFIG: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/config",
    &[
        Param::string("node").format("pve-node"),
        Param::string("property")
            .values(&[
                "acme",
                "acmedomain0",
                "acmedomain1",
                "acmedomain2",
                "acmedomain3",
                "acmedomain4",
                "acmedomain5",
                "ballooning-target",
                "description",
                "location",
                "startall-onboot-delay",
                "wakeonlan",
            ])
            .default("all")
            .optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.proxied();

/// `PUT /nodes/{node}/config`.
pub(crate) const PUT_NODES_NODE_CONFIG: Declaration = Declaration::new(
    Method::Put,
    "/nodes/{node}/config",
    &[
        Param::string("acme")
            .properties(&[
                Param::string("account")
                    .format("pve-configid")
                    .default("default")
                    .optional(),
                Param::string("domains")
                    .format("pve-acme-domain-list")
                    .optional(),
            ])
            .optional(),
        Param::string("acmedomain[n]")
            .properties(PROPERTIES_1)
            .optional(),
        Param::integer("ballooning-target")
            .minimum(0.0)
            .maximum(100.0)
            .default("80")
            .optional(),
        Param::string("delete")
            .format("pve-configid-list")
            .optional(),
        Param::string("description").max_length(65536).optional(),
        Param::string("digest").max_length(40).optional(),
        Param::string("location")
            .format("pve-node-location")
            .optional(),
        Param::string("node").format("pve-node"),
        Param::integer("startall-onboot-delay")
            .minimum(0.0)
            .maximum(300.0)
            .default("0")
            .optional(),
        Param::string("wakeonlan")
            .properties(PROPERTIES_2)
            .optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/dns`.
pub(crate) const GET_NODES_NODE_DNS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/dns",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
)
.proxied();

/// `PUT /nodes/{node}/dns`.
pub(crate) const PUT_NODES_NODE_DNS: Declaration = Declaration::new(
    Method::Put,
    "/nodes/{node}/dns",
    &[
        Param::string("dns1").format("ip").optional(),
        Param::string("dns2").format("ip").optional(),
        Param::string("dns3").format("ip").optional(),
        Param::string("node").format("pve-node"),
        Param::string("search"),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/hosts`.
pub(crate) const GET_NODES_NODE_HOSTS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/hosts",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/hosts`.
pub(crate) const POST_NODES_NODE_HOSTS: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/hosts",
    &[
        Param::string("data"),
        Param::string("digest").max_length(64).optional(),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/journal`.
pub(crate) const GET_NODES_NODE_JOURNAL: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/journal",
    &[
        Param::string("endcursor").optional(),
        Param::boolean("identifiers").default("0").optional(),
        Param::boolean("kernel").default("0").optional(),
        Param::integer("lastentries").minimum(0.0).optional(),
        Param::string("node").format("pve-node"),
        Param::string("priority")
            .pattern(r#"^([0-7](\.\.[0-7])?)?$"#)
            .optional(),
        Param::string("service")
            .pattern(r#"^[A-Za-z0-9_.@:*?!\[\]\/-]+$"#)
            .max_length(128)
            .optional(),
        Param::integer("since").minimum(0.0).optional(),
        Param::string("startcursor").optional(),
        Param::boolean("structured").default("0").optional(),
        Param::string("unit")
            .pattern("^[A-Za-z0-9_.@:-]+$")
            .max_length(256)
            .optional(),
        Param::boolean("units").default("0").optional(),
        Param::integer("until").minimum(0.0).optional(),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Syslog"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/migrateall`.
pub(crate) const POST_NODES_NODE_MIGRATEALL: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/migrateall",
    &[
        Param::integer("max-workers")
            .minimum(1.0)
            .maximum(64.0)
            .optional(),
        Param::integer("maxworkers")
            .minimum(1.0)
            .maximum(64.0)
            .optional(),
        Param::string("node").format("pve-node"),
        Param::string("target").format("pve-node"),
        Param::string("vms").format("pve-vmid-list").optional(),
        Param::boolean("with-local-disks").optional(),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `GET /nodes/{node}/netstat`.
pub(crate) const GET_NODES_NODE_NETSTAT: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/netstat",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
)
.proxied();

/// `GET /nodes/{node}/report`.
pub(crate) const GET_NODES_NODE_REPORT: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/report",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/services`.
pub(crate) const GET_NODES_NODE_SERVICES: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/services",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/services/{service}`.
pub(crate) const GET_NODES_NODE_SERVICES_SERVICE: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/services/{service}",
    &[
        Param::string("node").format("pve-node"),
        Param::string("service").values(&[
            "chrony",
            "corosync",
            "cron",
            "ksmtuned",
            "lxcfs",
            "postfix",
            "proxmox-firewall",
            "pve-cluster",
            "pve-firewall",
            "pve-ha-crm",
            "pve-ha-lrm",
            "pve-lxc-syscalld",
            "pvedaemon",
            "pvefw-logger",
            "pveproxy",
            "pvescheduler",
            "pvestatd",
            "qmeventd",
            "spiceproxy",
            "sshd",
            "syslog",
            "systemd-journald",
            "systemd-timesyncd",
        ]),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
);

/// `POST /nodes/{node}/services/{service}/reload`.
pub(crate) const POST_NODES_NODE_SERVICES_SERVICE_RELOAD: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/services/{service}/reload",
    &[
        Param::string("node").format("pve-node"),
        Param::string("service").values(&[
            "chrony",
            "corosync",
            "cron",
            "ksmtuned",
            "lxcfs",
            "postfix",
            "proxmox-firewall",
            "pve-cluster",
            "pve-firewall",
            "pve-ha-crm",
            "pve-ha-lrm",
            "pve-lxc-syscalld",
            "pvedaemon",
            "pvefw-logger",
            "pveproxy",
            "pvescheduler",
            "pvestatd",
            "qmeventd",
            "spiceproxy",
            "sshd",
            "syslog",
            "systemd-journald",
            "systemd-timesyncd",
        ]),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/services/{service}/restart`.
pub(crate) const POST_NODES_NODE_SERVICES_SERVICE_RESTART: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/services/{service}/restart",
    &[
        Param::string("node").format("pve-node"),
        Param::string("service").values(&[
            "chrony",
            "corosync",
            "cron",
            "ksmtuned",
            "lxcfs",
            "postfix",
            "proxmox-firewall",
            "pve-cluster",
            "pve-firewall",
            "pve-ha-crm",
            "pve-ha-lrm",
            "pve-lxc-syscalld",
            "pvedaemon",
            "pvefw-logger",
            "pveproxy",
            "pvescheduler",
            "pvestatd",
            "qmeventd",
            "spiceproxy",
            "sshd",
            "syslog",
            "systemd-journald",
            "systemd-timesyncd",
        ]),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/services/{service}/start`.
pub(crate) const POST_NODES_NODE_SERVICES_SERVICE_START: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/services/{service}/start",
    &[
        Param::string("node").format("pve-node"),
        Param::string("service").values(&[
            "chrony",
            "corosync",
            "cron",
            "ksmtuned",
            "lxcfs",
            "postfix",
            "proxmox-firewall",
            "pve-cluster",
            "pve-firewall",
            "pve-ha-crm",
            "pve-ha-lrm",
            "pve-lxc-syscalld",
            "pvedaemon",
            "pvefw-logger",
            "pveproxy",
            "pvescheduler",
            "pvestatd",
            "qmeventd",
            "spiceproxy",
            "sshd",
            "syslog",
            "systemd-journald",
            "systemd-timesyncd",
        ]),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/services/{service}/state`.
pub(crate) const GET_NODES_NODE_SERVICES_SERVICE_STATE: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/services/{service}/state",
    &[
        Param::string("node").format("pve-node"),
        Param::string("service").values(&[
            "chrony",
            "corosync",
            "cron",
            "ksmtuned",
            "lxcfs",
            "postfix",
            "proxmox-firewall",
            "pve-cluster",
            "pve-firewall",
            "pve-ha-crm",
            "pve-ha-lrm",
            "pve-lxc-syscalld",
            "pvedaemon",
            "pvefw-logger",
            "pveproxy",
            "pvescheduler",
            "pvestatd",
            "qmeventd",
            "spiceproxy",
            "sshd",
            "syslog",
            "systemd-journald",
            "systemd-timesyncd",
        ]),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/services/{service}/stop`.
pub(crate) const POST_NODES_NODE_SERVICES_SERVICE_STOP: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/services/{service}/stop",
    &[
        Param::string("node").format("pve-node"),
        Param::string("service").values(&[
            "chrony",
            "corosync",
            "cron",
            "ksmtuned",
            "lxcfs",
            "postfix",
            "proxmox-firewall",
            "pve-cluster",
            "pve-firewall",
            "pve-ha-crm",
            "pve-ha-lrm",
            "pve-lxc-syscalld",
            "pvedaemon",
            "pvefw-logger",
            "pveproxy",
            "pvescheduler",
            "pvestatd",
            "qmeventd",
            "spiceproxy",
            "sshd",
            "syslog",
            "systemd-journald",
            "systemd-timesyncd",
        ]),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/startall`.
pub(crate) const POST_NODES_NODE_STARTALL: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/startall",
    &[
        Param::boolean("force").default("off").optional(),
        Param::integer("max-workers")
            .minimum(1.0)
            .maximum(64.0)
            .optional(),
        Param::string("node").format("pve-node"),
        Param::string("vms").format("pve-vmid-list").optional(),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `GET /nodes/{node}/status`.
pub(crate) const GET_NODES_NODE_STATUS: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/status",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
)
.proxied();

/// `POST /nodes/{node}/status`.
pub(crate) const POST_NODES_NODE_STATUS: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/status",
    &[
        Param::string("command").values(&["reboot", "shutdown"]),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.PowerMgmt"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/stopall`.
pub(crate) const POST_NODES_NODE_STOPALL: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/stopall",
    &[
        Param::boolean("force-stop").default("1").optional(),
        Param::integer("max-workers")
            .minimum(1.0)
            .maximum(64.0)
            .optional(),
        Param::string("node").format("pve-node"),
        Param::integer("timeout")
            .minimum(0.0)
            .maximum(7200.0)
            .default("180")
            .optional(),
        Param::string("vms").format("pve-vmid-list").optional(),
    ],
    Permission::All,
)
.protected()
.proxied();

/// `DELETE /nodes/{node}/subscription`.
pub(crate) const DELETE_NODES_NODE_SUBSCRIPTION: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/subscription",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/subscription`.
pub(crate) const GET_NODES_NODE_SUBSCRIPTION: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/subscription",
    &[Param::string("node").format("pve-node")],
    Permission::All,
)
.proxied();

/// `POST /nodes/{node}/subscription`.
pub(crate) const POST_NODES_NODE_SUBSCRIPTION: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/subscription",
    &[
        Param::boolean("force").default("0").optional(),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/syslog`.
pub(crate) const GET_NODES_NODE_SYSLOG: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/syslog",
    &[
        Param::integer("limit").minimum(0.0).optional(),
        Param::string("node").format("pve-node"),
        Param::string("service").max_length(128).optional(),
        Param::string("since")
            .pattern(r#"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?$"#)
            .optional(),
        Param::integer("start").minimum(0.0).optional(),
        Param::string("until")
            .pattern(r#"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?$"#)
            .optional(),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Syslog"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/time`.
pub(crate) const GET_NODES_NODE_TIME: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/time",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
)
.proxied();

/// `PUT /nodes/{node}/time`.
pub(crate) const PUT_NODES_NODE_TIME: Declaration = Declaration::new(
    Method::Put,
    "/nodes/{node}/time",
    &[
        Param::string("node").format("pve-node"),
        Param::string("timezone"),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `POST /nodes/{node}/suspendall`. The published API leaves it out; the daemons answer it.
pub(crate) const POST_NODES_NODE_SUSPENDALL: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/suspendall",
    &[
        Param::integer("max-workers")
            .minimum(1.0)
            .maximum(64.0)
            .optional(),
        Param::string("node").format("pve-node"),
        Param::string("vms").format("pve-vmid-list").optional(),
    ],
    Permission::All,
)
.protected()
.proxied();
