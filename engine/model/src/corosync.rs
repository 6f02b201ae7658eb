//! `corosync.conf` as rows: the row `totem` of the cluster, and a row for each node as `GET
//! /cluster/config/nodes` shows it. From them and from who answers follows whether there is quorum.

use serde_json::{Map, Value};
use world::clock::Moment;

use super::{
    effect::Effect,
    fault::{self, Happens},
    kind,
    rows::Key,
    stop::Stop,
    task::Task,
    transaction::Tx,
};

/// A section of `corosync.conf`: each key and its text.
pub type Section = Map<String, Value>;

/// The line of a task's log at which it restarts the cluster file system.
pub const RESTARTS: &[&str] = &[
    "Restart corosync and cluster filesystem",
    "stopping pve-cluster service",
];

/// How many votes a cluster has, and how many of them answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Votes {
    /// All votes, those of a node that is about to join too.
    pub all: u64,
    /// The votes of nodes that answer.
    pub online: u64,
}

impl Votes {
    /// Whether more than half of the votes answer.
    pub const fn are_quorate(self) -> bool {
        self.online * 2 > self.all
    }
}

impl Tx<'_> {
    /// The totem section of the asked node's `corosync.conf`; none on a node that is in no cluster.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn totem(&mut self) -> Result<Option<Section>, Stop> {
        self.get(kind::CLUSTER, "totem")
    }

    /// The nodes of the asked node's `corosync.conf`, by name.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn corosync_nodes(&mut self) -> Result<Vec<(String, Section)>, Stop> {
        self.scan(kind::COROSYNC_NODE)
    }

    /// The names of the nodes that the asked node knows: its cluster's, online or not, or itself alone.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn known_nodes(&mut self) -> Result<Vec<String>, Stop> {
        if self.totem()?.is_none() {
            return Ok(vec![self.node.clone()]);
        }
        let nodes = self.corosync_nodes()?;
        Ok(nodes.into_iter().map(|(name, _)| name).collect())
    }

    /// Whether a node of the asked node's cluster answers.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn is_online(&mut self, node: &str) -> Result<bool, Stop> {
        let domain = self.cluster()?;
        let row = self.node_row(node)?.unwrap_or_default();
        Ok(row["domain"] == *domain && row["offline"] != true && !fault::is_lost(self.rows, node)?)
    }

    /// The votes of the asked node's cluster; none on a node that is in no cluster.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn votes(&mut self) -> Result<Option<Votes>, Stop> {
        if self.totem()?.is_none() {
            return Ok(None);
        }
        let mut votes = Votes { all: 0, online: 0 };
        for (name, node) in self.corosync_nodes()? {
            let own = number(&node, "quorum_votes").unwrap_or(1);
            votes.all += own;
            if self.is_online(&name)? {
                votes.online += own;
            }
        }
        Ok(Some(votes))
    }

    /// Whether the asked node's cluster can be written.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn is_quorate(&mut self) -> Result<bool, Stop> {
        if fault::is_so(self.rows, &Happens::NoQuorum)? {
            return Ok(false);
        }
        let Some(mut votes) = self.votes()? else {
            return Ok(true);
        };
        let now = self.now;
        let domain = self.cluster()?;
        let joining = joins_into(self, &domain)?;
        votes.all += joining
            .iter()
            .filter(|restart| restart.is_some_and(|at| at <= now))
            .count() as u64;
        Ok(votes.are_quorate())
    }

    /// Since when the asked node's cluster file system is being restarted, if it is.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn restarting_since(&mut self) -> Result<Option<Moment>, Stop> {
        let node = self.node.clone();
        for task in running(self, &["clustercreate", "clusterjoin"])? {
            if task.node == node && Task::is_ok(&task.outcome) {
                return Ok(restart(&task).filter(|at| *at <= self.now));
            }
        }
        Ok(None)
    }
}

/// A number of a section, which may stand there as text.
pub fn number(section: &Section, name: &str) -> Option<u64> {
    let value = section.get(name)?;
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// When a task restarts the cluster file system.
fn restart(task: &Task) -> Option<Moment> {
    let line = task
        .log
        .iter()
        .find(|line| RESTARTS.contains(&line.text.as_str()))?;
    Some(line.at)
}

/// The running tasks of some types.
fn running(tx: &mut Tx<'_>, kinds: &[&str]) -> Result<Vec<Task>, Stop> {
    let mut tasks = Vec::new();
    for (upid, _) in tx.rows.scan("", kind::RUNNING)? {
        let is_wanted = upid
            .split(':')
            .nth(5)
            .is_some_and(|kind| kinds.contains(&kind));
        if is_wanted && let Some(task) = tx.read::<Task>(&Task::key(&upid))? {
            tasks.push(task);
        }
    }
    Ok(tasks)
}

/// The joins into a cluster that are under way: when each restarts its node's cluster file system.
pub fn joins_into(tx: &mut Tx<'_>, domain: &str) -> Result<Vec<Option<Moment>>, Stop> {
    let joins = running(tx, &["clusterjoin"])?;
    let into =
        |task: &Task| matches!(&task.effect, Some(Effect::Join { into, .. }) if into == domain);
    Ok(joins
        .iter()
        .filter(|task| into(task) && Task::is_ok(&task.outcome))
        .map(restart)
        .collect())
}

/// Adds a node to a cluster's `corosync.conf`, in the next version of it.
pub fn write_node(tx: &mut Tx<'_>, domain: &str, name: &str, node: Section) -> Result<(), Stop> {
    tx.write(&Key::new(domain, kind::COROSYNC_NODE, name), &node)?;
    next_version(tx, domain)
}

/// Counts the version of a cluster's `corosync.conf` up.
pub fn next_version(tx: &mut Tx<'_>, domain: &str) -> Result<(), Stop> {
    let key = Key::new(domain, kind::CLUSTER, "totem");
    let mut totem: Section = tx.read(&key)?.unwrap_or_default();
    let version = number(&totem, "config_version").unwrap_or_default() + 1;
    totem.insert("config_version".to_owned(), version.to_string().into());
    tx.write(&key, &totem)
}

#[cfg(test)]
mod tests {
    use super::Votes;

    #[test]
    fn needs_more_than_half_of_the_votes() {
        for (online, all, quorate) in [
            (1, 1, true),
            (1, 2, false),
            (2, 2, true),
            (1, 3, false),
            (2, 3, true),
            (2, 4, false),
        ] {
            assert_eq!(
                Votes { all, online }.are_quorate(),
                quorate,
                "{online} of {all}"
            );
        }
    }
}
