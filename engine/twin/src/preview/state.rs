//! What a preview knows.

use bytes::Bytes;
use http::Response;
use model::{Key, Task, kind, node_domain};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use twin_hosts::Names;
use world::clock::Moment;

use super::{
    caller::{Callers, Credential},
    digests::Digests,
    homes::{Home, Homes},
    rows::PreviewRows,
};
use crate::facts::LabFacts;

/// What a preview knows.
#[derive(Default)]
pub(super) struct State {
    pub(super) rows: PreviewRows,
    pub(super) homes: Homes,
    pub(super) callers: Callers,
    pub(super) digests: Digests,
    /// Hosts on which a command would have run of which nobody knows what it does.
    pub(super) opaque_hosts: BTreeSet<String>,
    /// Answers of the world below, by address, asker and path.
    pub(super) answers: BTreeMap<(String, String, String), Response<Bytes>>,
    /// How often the world below had been waited for when it was read.
    waits: u64,
}

impl State {
    /// A state in which only what docs say of the world outside the nodes is known.
    pub(super) fn of(facts: &LabFacts, now: Moment) -> Self {
        let mut state = Self::default();
        // What a plan changes is newer than all that the world below has: a twin's own changes run ahead of its clock.
        let stamp = now.0 * 1000 + 1_000_000;
        let key = Key::new("", kind::TWIN, "stamp");
        state.rows.add(key, json!(stamp));
        let gateways = facts.gateways.iter();
        let gateways = gateways.map(|own| (own.network.clone(), json!(own)));
        state.rows.load("", kind::GATEWAY, gateways.collect());
        let names = (kind::NAMES.to_owned(), json!(Names::from(facts)));
        state.rows.load("", kind::NAMES, vec![names]);
        state
    }

    /// Forgets what was read of the world below before it was waited for so often.
    pub(super) fn forget_before(&mut self, waits: u64) {
        if std::mem::replace(&mut self.waits, waits) != waits {
            self.rows.forget();
            self.homes.forget();
            self.answers.clear();
        }
    }

    /// The domain of the cluster that a node would be in.
    pub(super) fn cluster_of(&self, node: &str) -> Option<String> {
        let row = self.rows.peek(&Key::new("", kind::NODE, node))?;
        row["domain"].as_str().map(str::to_owned)
    }

    /// Where the cluster is asked that a node would be in.
    pub(super) fn home_of_cluster(&self, node: &str) -> Option<Home> {
        let domain = self.cluster_of(node)?;
        let home = self.homes.of(node).filter(|home| home.domain == domain);
        home.or_else(|| self.homes.in_domain(&domain).map(|(_, home)| home))
            .cloned()
    }

    /// Whether the plan would have moved a node into another cluster.
    pub(super) fn is_moved(&self, node: &str) -> bool {
        let home = self.homes.of(node).map(|home| home.domain.clone());
        home != self.cluster_of(node)
    }

    /// Whether a node is one that the plan would have installed: the world below has it nowhere.
    pub(super) fn is_installed_by_plan(&self, node: &str) -> bool {
        let key = Key::new("", kind::NODE, node);
        self.homes.of(node).is_none() && self.rows.predicted(&key).is_some()
    }

    /// Whether a path is about a node that the plan would have moved: it's not yet reached through others.
    pub(super) fn is_named_moved(&self, parts: &[&str]) -> bool {
        match parts {
            ["nodes", node, ..] => self.homes.of(node).is_some() && self.is_moved(node),
            _ => false,
        }
    }

    /// Whether the plan would have changed anything that a node of this node's cluster shows.
    pub(super) fn is_changed(&self, node: &str) -> bool {
        let Some(domain) = self.cluster_of(node) else {
            return true;
        };
        let nodes = self.rows.known("", kind::NODE);
        let members = nodes.iter().filter(|(_, row)| row["domain"] == *domain);
        self.rows.is_changed(&domain)
            || self.rows.is_changed("")
            || members
                .into_iter()
                .any(|(name, _)| self.rows.is_changed(&node_domain(name)))
    }

    /// Whether a task is one that the plan would have started.
    pub(super) fn is_own_task(&self, upid: &str) -> bool {
        self.rows.predicted(&Task::key(upid)).is_some()
    }

    /// With what a cluster of the world below is read.
    pub(super) fn credential_for(&self, domain: &str) -> Option<Credential> {
        let is_there = |address: &str| {
            let node = self.homes.at(address);
            node.and_then(|node| self.homes.of(node))
                .is_some_and(|home| home.domain == domain)
        };
        self.callers.best(is_there)
    }
}
