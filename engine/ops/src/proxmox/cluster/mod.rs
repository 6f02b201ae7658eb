//! The cluster: made on the first node, joined by the others, watched until it has quorum.

mod create;
mod join;
mod membership;
mod quorum;
pub(crate) mod spare;

use std::fmt::Write as _;

use rhai::plugin::*;
use schemars::JsonSchema;
use serde::Deserialize;
use world::proxmox::{Method, Request};

use crate::{
    field::HostAddress,
    info::{Effect, OperationInfo, TASK},
    script::Answer,
    spec::schema_of,
};

const ENSURE: &str = "proxmox::cluster::ensure";
const JOIN: &str = "proxmox::cluster::join";
const SPARE: &str = "proxmox::cluster::spare";
const STATUS: &str = "proxmox::cluster::status";

pub(crate) const OPERATIONS: &[OperationInfo] = &[
    OperationInfo {
        name: ENSURE,
        effect: Effect::Change,
        positional: &[],
        schema: schema_of::<create::EnsureSpec>,
        needs_root: true,
        requests: &[
            (Method::Get, "/cluster/status"),
            (Method::Post, "/cluster/config"),
            TASK[0],
            TASK[1],
            TASK[2],
        ],
    },
    OperationInfo {
        name: JOIN,
        effect: Effect::Change,
        positional: &[],
        schema: schema_of::<join::JoinSpec>,
        needs_root: true,
        requests: &[
            (Method::Get, "/cluster/status"),
            (Method::Get, "/cluster/resources"),
            (Method::Get, "/cluster/config/join"),
            (Method::Post, "/cluster/config/join"),
            TASK[0],
            TASK[1],
            TASK[2],
        ],
    },
    OperationInfo {
        name: SPARE,
        effect: Effect::Read,
        positional: &[],
        schema: schema_of::<spare::SpareSpec>,
        needs_root: false,
        requests: &[spare::REQUEST],
    },
    OperationInfo {
        name: STATUS,
        effect: Effect::Read,
        positional: &[],
        schema: schema_of::<quorum::StatusSpec>,
        needs_root: false,
        requests: &[
            (Method::Get, "/nodes"),
            (Method::Get, "/cluster/status"),
            (Method::Get, "/cluster/resources"),
        ],
    },
];

/// A corosync link of a node.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LinkSpec {
    /// The link's number, from 0.
    link: u8,
    /// The node's address on this link.
    address: HostAddress,
    /// Higher is preferred; with one link it makes no difference. Corosync's default is 0.
    priority: Option<u32>,
}

impl LinkSpec {
    /// The link as a property string.
    fn property(&self) -> String {
        let mut text = format!("address={}", self.address);
        if let Some(priority) = self.priority {
            let _ = write!(text, ",priority={priority}");
        }
        text
    }
}

/// The request with its links: `link0=address=…`.
fn with_links(request: Request, links: &[LinkSpec]) -> Request {
    links.iter().fold(request, |request, link| {
        request.with(format!("link{}", link.link), link.property())
    })
}

/// The cluster of nodes.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};
    use runbook::bridge;

    use super::{Answer, ENSURE, JOIN, SPARE, STATUS, create, join, quorum, spare};

    /// Ensures that a node is in the cluster of this name; makes the cluster if the node is in none.
    ///
    /// Needs the literal root@pam. Answers `name` and `node`.
    ///
    /// Errors: the node is in another cluster; it can't be reached; the task failed.
    ///
    /// ```rhai
    /// proxmox::cluster::ensure(#{ name: "example", node: "pve1" })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ensure(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, ENSURE, spec, create::run)
    }

    /// Ensures that a node is in the cluster of this name; joins it if it's in none and holds no guests.
    ///
    /// One node at a time. The joining node's users, tokens, storages and certificate are replaced by the
    /// cluster's. Needs the literal root@pam. Answers `name` and `node`.
    ///
    /// Errors: the node is in another cluster, holds guests, or can't be reached; there is no such cluster yet; the
    /// task failed.
    ///
    /// ```rhai
    /// proxmox::cluster::ensure(#{ name: "example", node: "pve1" });
    /// proxmox::cluster::join(#{ name: "example", node: "pve2", password: secret("PROXMOX_PASSWORD") })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn join(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, JOIN, spec, join::run)
    }

    /// Sees that the other nodes hold the quorum while a node is away, and waits for them if they don't. A node in no cluster
    /// can always be away. Answers `node`.
    ///
    /// Errors: the others alone have no quorum when the time is up; of two nodes each is needed.
    ///
    /// ```rhai
    /// proxmox::cluster::spare(#{ node: "pve1", why: "it's restarted" })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn spare(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, SPARE, spec, spare::run)
    }

    /// Waits until the cluster has quorum, and the named nodes are online in it and in the list of its resources.
    ///
    /// Says what two nodes mean for quorum. Answers `name`, `nodes` (in order of their names) and `quorate`.
    ///
    /// Errors: no quorum, or a node is missing or offline, when the time is up; there is no cluster.
    ///
    /// ```rhai
    /// proxmox::cluster::ensure(#{ name: "example", node: "pve1" });
    /// proxmox::cluster::status(#{ nodes: ["pve1"], timeout: "2 min" })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn status(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, STATUS, spec, quorum::run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_links_as_property_strings() {
        let links = [
            LinkSpec {
                link: 0,
                address: HostAddress("10.0.0.1".into()),
                priority: Some(20),
            },
            LinkSpec {
                link: 1,
                address: HostAddress("10.1.0.1".into()),
                priority: None,
            },
        ];
        let request = with_links(Request::post("/cluster/config"), &links);
        assert_eq!(
            request.params[0],
            ("link0".to_owned(), "address=10.0.0.1,priority=20".into())
        );
        assert_eq!(
            request.params[1],
            ("link1".to_owned(), "address=10.1.0.1".into())
        );
    }
}
