//! Whether a cluster keeps its quorum while a node is away: restarted, or with its network down.

use std::time::Duration;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{code, proxmox::Method};

use super::{PATIENCE, membership::Membership};
use crate::{
    field::Span,
    host::patience::Patience,
    info::{Effect, Sent},
    operate::{Operate, answered},
};

/// What is asked.
pub(crate) const REQUEST: Sent = (Method::Get, "/cluster/status");

/// Sees that the other nodes hold the quorum while a node is away, and waits for them if they don't. A node in no cluster
/// can always be away. Answers `node`.
///
/// Errors: the others alone have no quorum when the time is up; of two nodes each is needed.
///
/// ```rhai
/// proxmox::cluster::spare(#{ node: "pve1", why: "it's restarted" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpareSpec {
    /// The node that will be away.
    node: String,
    /// What takes it away.
    why: String,
    /// How long to wait for the others at most. Default: `2 min`.
    timeout: Option<Span>,
}

impl Operate for SpareSpec {
    const NAME: &str = "proxmox::cluster::spare";
    const EFFECT: Effect = Effect::Read;

    fn requests() -> Vec<Sent> {
        vec![REQUEST]
    }

    fn resource(&self) -> String {
        format!("cluster without {}", self.node)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let away = Away {
            node: &self.node,
            why: &self.why,
            of_two: OfTwo::Needed,
            patience: self.timeout.map_or(PATIENCE.limit, |timeout| timeout.0),
        };
        spare(operation, away).await?;
        Ok(answered([("node", json!(self.node))]))
    }
}

/// What holds for one node of two: the other alone never has the quorum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfTwo {
    /// It's needed.
    Needed,
    /// It may be away while the other is there.
    Spared,
}

/// A node that will be away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Away<'a> {
    /// The node.
    pub(crate) node: &'a str,
    /// What takes it away.
    pub(crate) why: &'a str,
    /// What holds for one of two.
    pub(crate) of_two: OfTwo,
    /// How long others are waited for.
    pub(crate) patience: Duration,
}

impl<'a> Away<'a> {
    /// A node that is away for a moment: of two it's spared.
    pub(crate) const fn a_moment(node: &'a str, why: &'a str) -> Self {
        Self {
            node,
            why,
            of_two: OfTwo::Spared,
            patience: PATIENCE.limit,
        }
    }
}

/// Waits until the others can spare a node.
///
/// # Errors
/// They can't when the time is up.
pub(crate) async fn spare(operation: &Operation, away: Away<'_>) -> Result<(), Halt> {
    let patience = Patience {
        limit: away.patience,
        ..PATIENCE
    };
    let look = async || {
        let membership = Membership::read(operation, away.node).await?;
        match membership.lack_without(away.node, away.of_two) {
            None => Ok(Ok(())),
            Some(Lack::ForGood(why)) => Err(needed(away, why).into()),
            Some(Lack::ForNow(why)) => Ok(Err(needed(away, why))),
        }
    };
    patience.until(operation, look).await
}

fn needed(away: Away<'_>, lack: String) -> Failure {
    Failure::new(
        code::cluster::needed,
        format!("the cluster needs {} for its quorum", away.node),
    )
    .cause(lack)
    .cause(format!("it would be away: {}", away.why))
    .help("bring back the nodes that are off; of two nodes, do by hand what takes one away when that does no harm; then resume")
}

/// Why others have no quorum without a node.
#[derive(Debug, PartialEq, Eq)]
enum Lack {
    /// Because some of them are offline.
    ForNow(String),
    /// Because there are too few.
    ForGood(String),
}

impl Membership {
    fn lack_without(&self, node: &str, of_two: OfTwo) -> Option<Lack> {
        let all = self.nodes.len();
        if self.cluster.is_none() || all < 2 {
            return None;
        }
        let others = || self.nodes.iter().filter(|(name, _)| *name != node);
        let online = others().filter(|(_, is_online)| **is_online).count();
        let offline: Vec<&str> = others()
            .filter(|(_, is_online)| !**is_online)
            .map(|(name, _)| name.as_str())
            .collect();
        match (all, of_two) {
            (2, OfTwo::Needed) => Some(Lack::ForGood(
                "the other node alone has no quorum".to_owned(),
            )),
            (2, OfTwo::Spared) if online == 1 => None,
            _ if online > all / 2 => None,
            _ => Some(Lack::ForNow(format!(
                "offline: {}; the quorum is {} of {all} nodes, and the others online are {online}",
                offline.join(", "),
                all / 2 + 1
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cluster of nodes a, b, c …, of which those in `offline` are off.
    fn cluster(count: u8, offline: &str) -> Membership {
        let name = |place: u8| char::from(b'a' + place).to_string();
        Membership {
            cluster: Some("lab".to_owned()),
            is_quorate: true,
            nodes: (0..count)
                .map(|place| (name(place), !offline.contains(&name(place))))
                .collect(),
        }
    }

    #[test]
    fn others_spare_a_node_as_long_as_they_have_the_quorum() {
        for (count, offline, is_spared) in [
            (1, "", true),
            (3, "", true),
            (3, "c", false),
            (3, "a", true),
            (4, "", true),
            (4, "d", false),
            (5, "e", true),
            (5, "de", false),
        ] {
            let lack = cluster(count, offline).lack_without("a", OfTwo::Needed);
            assert_eq!(
                lack.is_none(),
                is_spared,
                "{count} without {offline}: {lack:?}"
            );
        }
        assert_eq!(Membership::default().lack_without("a", OfTwo::Needed), None);
        assert_eq!(
            cluster(3, "c").lack_without("a", OfTwo::Spared),
            Some(Lack::ForNow(
                "offline: c; the quorum is 2 of 3 nodes, and the others online are 1".to_owned()
            ))
        );
    }

    #[test]
    fn of_two_each_is_needed_for_long_and_spared_for_a_moment() {
        let needed = cluster(2, "").lack_without("a", OfTwo::Needed);
        assert!(matches!(needed, Some(Lack::ForGood(_))), "{needed:?}");
        assert_eq!(cluster(2, "").lack_without("a", OfTwo::Spared), None);
        let alone = cluster(2, "b").lack_without("a", OfTwo::Spared);
        assert!(matches!(alone, Some(Lack::ForNow(_))), "{alone:?}");
    }
}
