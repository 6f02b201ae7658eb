//! The columns of docs that operations fill: which operation fills which.

use world::docs::{Absent, Learnable};

/// A column of HARDWARE's Nodes.
const NODE: Learnable = Learnable {
    document: "HARDWARE",
    table: "Nodes",
    keys: &["name"],
    heading: "Name",
    absent: Absent::Leave,
};

/// The SHA-256 of a node's certificate; it pins the certificate.
pub(crate) const FINGERPRINT: Learnable = Learnable {
    heading: "Fingerprint",
    absent: Absent::Add,
    ..NODE
};

/// The SHA-256 of a node's host key; it pins the key.
pub(crate) const HOST_KEY: Learnable = Learnable {
    heading: "Host key",
    absent: Absent::Add,
    ..NODE
};

/// A machine's serial number; its installer is known by it.
pub(crate) const MACHINE_SERIAL: Learnable = Learnable {
    heading: "Serial",
    absent: Absent::Add,
    ..NODE
};

/// A node's management address: that of `vmbr0`.
pub(crate) const ADDRESS: Learnable = Learnable {
    heading: "Address",
    ..NODE
};

/// The version of Proxmox VE on a node.
pub(crate) const NODE_VERSION: Learnable = Learnable {
    heading: "Version",
    ..NODE
};

/// The kernel that a node runs.
pub(crate) const KERNEL: Learnable = Learnable {
    heading: "Kernel",
    ..NODE
};

/// The version of a software of the lab.
pub(crate) const VERSION: Learnable = Learnable {
    document: "SOFTWARE",
    table: "Versions",
    keys: &["software"],
    heading: "Version",
    absent: Absent::Leave,
};

/// The MAC address of a port.
pub(crate) const MAC: Learnable = Learnable {
    table: "Interfaces",
    keys: &["node", "interface"],
    heading: "MAC",
    ..NODE
};

/// The serial number of the disk under a device name.
pub(crate) const DISK_SERIAL: Learnable = Learnable {
    table: "Disks",
    keys: &["node", "device"],
    heading: "Serial",
    ..NODE
};

/// The vendor and device of what is in a PCI slot.
pub(crate) const PCI_ID: Learnable = Learnable {
    table: "PCI devices",
    keys: &["node", "slot"],
    heading: "Id",
    ..NODE
};

/// Its subsystem's vendor and device.
pub(crate) const PCI_SUBSYSTEM: Learnable = Learnable {
    heading: "Subsystem",
    ..PCI_ID
};

/// Its IOMMU group.
pub(crate) const IOMMU_GROUP: Learnable = Learnable {
    heading: "IOMMU group",
    ..PCI_ID
};

/// The columns of docs that an operation may fill.
#[derive(Clone, Copy, Debug)]
pub struct Learns {
    /// The operation: `host::facts`.
    pub operation: &'static str,
    /// The columns.
    pub columns: &'static [Learnable],
}

/// Which operation may fill which columns of docs.
pub const LEARNS: &[Learns] = &[
    Learns {
        operation: "proxmox::node::install",
        columns: &[MACHINE_SERIAL, MAC],
    },
    Learns {
        operation: "proxmox::node::check",
        columns: &[FINGERPRINT, NODE_VERSION, VERSION],
    },
    Learns {
        operation: "proxmox::cluster::status",
        columns: &[FINGERPRINT],
    },
    Learns {
        operation: "proxmox::disk::list",
        columns: &[DISK_SERIAL],
    },
    Learns {
        operation: "proxmox::disk::lvmthin",
        columns: &[DISK_SERIAL],
    },
    Learns {
        operation: "proxmox::mapping::ensure",
        columns: &[PCI_ID, PCI_SUBSYSTEM, IOMMU_GROUP],
    },
    Learns {
        operation: "host::facts",
        columns: &[HOST_KEY, KERNEL, ADDRESS, MAC],
    },
];

/// The columns of docs that an operation may fill; none for most.
#[must_use]
pub fn learns(operation: &str) -> &'static [Learnable] {
    let own = LEARNS.iter().find(|learns| learns.operation == operation);
    own.map_or(&[], |learns| learns.columns)
}
