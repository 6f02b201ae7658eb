//! What `GET /cluster/status` says: which cluster a node is in, with whom, and whether it has quorum.

use std::collections::BTreeMap;

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use serde_json::Value;
use world::{
    code,
    proxmox::{Identity, Request, lenient},
};

use crate::difference::text;

/// A node's view of its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Membership {
    /// The cluster's name; nothing on a standalone node.
    pub(super) cluster: Option<String>,
    /// Whether the cluster has quorum.
    pub(super) is_quorate: bool,
    /// The nodes and whether each is online.
    pub(super) nodes: BTreeMap<String, bool>,
}

impl Membership {
    /// Reads the rows of the answer.
    pub(super) fn of(rows: &[Value]) -> Self {
        let mut membership = Self::default();
        let flag =
            |row: &Value, name: &str| row.get(name).and_then(lenient::boolean).unwrap_or(false);
        for row in rows {
            match text(row, "type").as_str() {
                "cluster" => {
                    membership.cluster = Some(text(row, "name"));
                    membership.is_quorate = flag(row, "quorate");
                }
                "node" => {
                    membership
                        .nodes
                        .insert(text(row, "name"), flag(row, "online"));
                }
                _ => {}
            }
        }
        membership
    }

    /// Asks a node.
    pub(super) async fn read(operation: &Operation, node: &str) -> Result<Self, Halt> {
        let answer = operation
            .read(&Identity::Root, node, &Request::get("/cluster/status"))
            .await?;
        Ok(Self::of(answer.items()))
    }

    /// Whether the node is in the cluster of this name; being in another one is a failure.
    pub(super) fn is_in(&self, node: &str, cluster: &str) -> Result<bool, Failure> {
        match self.cluster.as_deref() {
            None => Ok(false),
            Some(own) if own == cluster => Ok(true),
            Some(own) => Err(Failure::new(
                code::cluster::foreign,
                format!("{node} is in the cluster '{own}', not in '{cluster}'; nothing was changed"),
            )
            .help("correct the cluster's name, or take the node out of its cluster by hand: its guests and configuration depend on it")),
        }
    }

    /// Why the cluster isn't ready with `wanted`; nothing if it is.
    pub(super) fn lack(&self, wanted: &[String]) -> Option<String> {
        if self.cluster.is_none() {
            return Some("there is no cluster".to_owned());
        }
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|node| !self.nodes.contains_key(*node))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            return Some(format!("not in the cluster: {}", missing.join(", ")));
        }
        let offline: Vec<&str> = wanted
            .iter()
            .filter(|node| self.nodes.get(*node) == Some(&false))
            .map(String::as_str)
            .collect();
        if !offline.is_empty() {
            return Some(format!("offline: {}", offline.join(", ")));
        }
        (!self.is_quorate).then(|| "the cluster has no quorum".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn three(quorate: u8, online: u8) -> Membership {
        let rows = json!([
            {"type": "cluster", "name": "lab", "quorate": quorate, "nodes": 2},
            {"type": "node", "name": "b", "online": online},
            {"type": "node", "name": "a", "online": "1"},
        ]);
        Membership::of(rows.as_array().unwrap())
    }

    #[test]
    fn says_what_a_cluster_lacks() {
        let wanted = ["a".to_owned(), "b".to_owned()];
        assert_eq!(three(1, 1).lack(&wanted), None);
        assert_eq!(three(1, 0).lack(&wanted).unwrap(), "offline: b");
        assert_eq!(
            three(0, 1).lack(&wanted).unwrap(),
            "the cluster has no quorum"
        );
        assert_eq!(
            three(1, 1).lack(&["c".to_owned()]).unwrap(),
            "not in the cluster: c"
        );
        assert_eq!(
            Membership::default().lack(&wanted).unwrap(),
            "there is no cluster"
        );
    }

    #[test]
    fn tells_a_foreign_cluster_from_none() {
        assert!(three(1, 1).is_in("a", "lab").unwrap());
        assert!(!Membership::default().is_in("a", "lab").unwrap());
        let failure = three(1, 1).is_in("a", "other").unwrap_err();
        assert!(
            failure.message.contains("'lab'") && failure.message.starts_with("a is in"),
            "{failure}"
        );
    }
}
