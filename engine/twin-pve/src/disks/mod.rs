//! A node's disks and what is made of them.

use model::published::Endpoint;

mod create;
mod list;
mod pools;
mod remove;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /nodes/{node}/disks", list::index),
    Endpoint::new("GET /nodes/{node}/disks/list", list::list),
    Endpoint::new("GET /nodes/{node}/disks/smart", list::smart),
    Endpoint::new("POST /nodes/{node}/disks/initgpt", list::init_gpt),
    Endpoint::new("PUT /nodes/{node}/disks/wipedisk", list::wipe),
    Endpoint::new("GET /nodes/{node}/disks/lvm", pools::lvm),
    Endpoint::new("POST /nodes/{node}/disks/lvm", create::lvm),
    Endpoint::new("DELETE /nodes/{node}/disks/lvm/{name}", remove::lvm),
    Endpoint::new("GET /nodes/{node}/disks/lvmthin", pools::lvmthin),
    Endpoint::new("POST /nodes/{node}/disks/lvmthin", create::lvmthin),
    Endpoint::new("DELETE /nodes/{node}/disks/lvmthin/{name}", remove::lvmthin),
    Endpoint::new("GET /nodes/{node}/disks/zfs", pools::zfs),
    Endpoint::new("GET /nodes/{node}/disks/zfs/{name}", pools::zfs_detail),
    Endpoint::new("POST /nodes/{node}/disks/zfs", create::zfs),
    Endpoint::new("DELETE /nodes/{node}/disks/zfs/{name}", remove::zfs),
    Endpoint::new("GET /nodes/{node}/disks/directory", pools::directory),
    Endpoint::new("POST /nodes/{node}/disks/directory", create::directory),
    Endpoint::new(
        "DELETE /nodes/{node}/disks/directory/{name}",
        remove::directory,
    ),
];
