//! What the API says about `/nodes/{node}/network`.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

/// `DELETE /nodes/{node}/network`.
pub(crate) const DELETE_NODES_NODE_NETWORK: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/network",
    &[Param::string("node").format("pve-node")],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/network`.
pub(crate) const GET_NODES_NODE_NETWORK: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/network",
    &[
        Param::string("node").format("pve-node"),
        Param::string("type")
            .values(&[
                "bridge",
                "bond",
                "eth",
                "alias",
                "vlan",
                "fabric",
                "OVSBridge",
                "OVSBond",
                "OVSPort",
                "OVSIntPort",
                "vnet",
                "any_bridge",
                "any_local_bridge",
                "include_sdn",
            ])
            .optional(),
    ],
    Permission::All,
)
.proxied();

/// `POST /nodes/{node}/network`.
pub(crate) const POST_NODES_NODE_NETWORK: Declaration = Declaration::new(
    Method::Post,
    "/nodes/{node}/network",
    &[
        Param::string("address")
            .format("ipv4")
            .requires("netmask")
            .optional(),
        Param::string("address6")
            .format("ipv6")
            .requires("netmask6")
            .optional(),
        Param::boolean("autostart").optional(),
        Param::string("bond-primary").format("pve-iface").optional(),
        Param::string("bond_mode")
            .values(&[
                "balance-rr",
                "active-backup",
                "balance-xor",
                "broadcast",
                "802.3ad",
                "balance-tlb",
                "balance-alb",
                "balance-slb",
                "lacp-balance-slb",
                "lacp-balance-tcp",
            ])
            .optional(),
        Param::string("bond_xmit_hash_policy")
            .values(&["layer2", "layer2+3", "layer3+4"])
            .optional(),
        Param::string("bridge_ports")
            .format("pve-iface-list")
            .optional(),
        Param::string("bridge_vids")
            .format("pve-vlan-id-or-range-list")
            .optional(),
        Param::boolean("bridge_vlan_aware").optional(),
        Param::string("cidr").format("CIDRv4").optional(),
        Param::string("cidr6").format("CIDRv6").optional(),
        Param::string("comments").optional(),
        Param::string("comments6").optional(),
        Param::string("gateway").format("ipv4").optional(),
        Param::string("gateway6").format("ipv6").optional(),
        Param::string("iface")
            .format("pve-iface")
            .min_length(2)
            .max_length(20),
        Param::integer("mtu")
            .minimum(1280.0)
            .maximum(65520.0)
            .optional(),
        Param::string("netmask")
            .format("ipv4mask")
            .requires("address")
            .optional(),
        Param::integer("netmask6")
            .minimum(0.0)
            .maximum(128.0)
            .requires("address6")
            .optional(),
        Param::string("node").format("pve-node"),
        Param::string("ovs_bonds")
            .format("pve-iface-list")
            .optional(),
        Param::string("ovs_bridge").format("pve-iface").optional(),
        Param::string("ovs_options").max_length(1024).optional(),
        Param::string("ovs_ports")
            .format("pve-iface-list")
            .optional(),
        Param::integer("ovs_tag")
            .minimum(1.0)
            .maximum(4094.0)
            .optional(),
        Param::string("slaves").format("pve-iface-list").optional(),
        Param::string("type").values(&[
            "bridge",
            "bond",
            "eth",
            "alias",
            "vlan",
            "fabric",
            "OVSBridge",
            "OVSBond",
            "OVSPort",
            "OVSIntPort",
            "vnet",
            "unknown",
        ]),
        Param::integer("vlan-id")
            .minimum(1.0)
            .maximum(4094.0)
            .optional(),
        Param::string("vlan-raw-device")
            .format("pve-iface")
            .optional(),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `PUT /nodes/{node}/network`.
pub(crate) const PUT_NODES_NODE_NETWORK: Declaration = Declaration::new(
    Method::Put,
    "/nodes/{node}/network",
    &[
        Param::string("node").format("pve-node"),
        Param::boolean("regenerate-frr").default("0").optional(),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `DELETE /nodes/{node}/network/{iface}`.
pub(crate) const DELETE_NODES_NODE_NETWORK_IFACE: Declaration = Declaration::new(
    Method::Delete,
    "/nodes/{node}/network/{iface}",
    &[
        Param::string("iface")
            .format("pve-iface")
            .min_length(2)
            .max_length(20),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();

/// `GET /nodes/{node}/network/{iface}`.
pub(crate) const GET_NODES_NODE_NETWORK_IFACE: Declaration = Declaration::new(
    Method::Get,
    "/nodes/{node}/network/{iface}",
    &[
        Param::string("iface")
            .format("pve-iface")
            .min_length(2)
            .max_length(20),
        Param::string("node").format("pve-node"),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Audit"])),
)
.proxied();

/// `PUT /nodes/{node}/network/{iface}`.
pub(crate) const PUT_NODES_NODE_NETWORK_IFACE: Declaration = Declaration::new(
    Method::Put,
    "/nodes/{node}/network/{iface}",
    &[
        Param::string("address")
            .format("ipv4")
            .requires("netmask")
            .optional(),
        Param::string("address6")
            .format("ipv6")
            .requires("netmask6")
            .optional(),
        Param::boolean("autostart").optional(),
        Param::string("bond-primary").format("pve-iface").optional(),
        Param::string("bond_mode")
            .values(&[
                "balance-rr",
                "active-backup",
                "balance-xor",
                "broadcast",
                "802.3ad",
                "balance-tlb",
                "balance-alb",
                "balance-slb",
                "lacp-balance-slb",
                "lacp-balance-tcp",
            ])
            .optional(),
        Param::string("bond_xmit_hash_policy")
            .values(&["layer2", "layer2+3", "layer3+4"])
            .optional(),
        Param::string("bridge_ports")
            .format("pve-iface-list")
            .optional(),
        Param::string("bridge_vids")
            .format("pve-vlan-id-or-range-list")
            .optional(),
        Param::boolean("bridge_vlan_aware").optional(),
        Param::string("cidr").format("CIDRv4").optional(),
        Param::string("cidr6").format("CIDRv6").optional(),
        Param::string("comments").optional(),
        Param::string("comments6").optional(),
        Param::string("delete")
            .format("pve-configid-list")
            .optional(),
        Param::string("gateway").format("ipv4").optional(),
        Param::string("gateway6").format("ipv6").optional(),
        Param::string("iface")
            .format("pve-iface")
            .min_length(2)
            .max_length(20),
        Param::integer("mtu")
            .minimum(1280.0)
            .maximum(65520.0)
            .optional(),
        Param::string("netmask")
            .format("ipv4mask")
            .requires("address")
            .optional(),
        Param::integer("netmask6")
            .minimum(0.0)
            .maximum(128.0)
            .requires("address6")
            .optional(),
        Param::string("node").format("pve-node"),
        Param::string("ovs_bonds")
            .format("pve-iface-list")
            .optional(),
        Param::string("ovs_bridge").format("pve-iface").optional(),
        Param::string("ovs_options").max_length(1024).optional(),
        Param::string("ovs_ports")
            .format("pve-iface-list")
            .optional(),
        Param::integer("ovs_tag")
            .minimum(1.0)
            .maximum(4094.0)
            .optional(),
        Param::string("slaves").format("pve-iface-list").optional(),
        Param::string("type").values(&[
            "bridge",
            "bond",
            "eth",
            "alias",
            "vlan",
            "fabric",
            "OVSBridge",
            "OVSBond",
            "OVSPort",
            "OVSIntPort",
            "vnet",
            "unknown",
        ]),
        Param::integer("vlan-id")
            .minimum(1.0)
            .maximum(4094.0)
            .optional(),
        Param::string("vlan-raw-device")
            .format("pve-iface")
            .optional(),
    ],
    Permission::Check(Check::Perm("/nodes/{node}", &["Sys.Modify"])),
)
.protected()
.proxied();
