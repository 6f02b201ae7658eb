//! The cluster: made on the first node, joined by the others, watched until it has quorum.

pub(crate) mod create;
pub(crate) mod join;
mod membership;
pub(crate) mod quorum;
pub(crate) mod spare;

use std::{fmt::Write as _, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;
use world::proxmox::Request;

use crate::{field::HostAddress, host::patience::Patience};

/// How long a cluster may take for what it does by itself: to be there, to have quorum.
const PATIENCE: Patience = Patience {
    limit: Duration::from_secs(120),
    every: Duration::from_secs(2),
};

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
