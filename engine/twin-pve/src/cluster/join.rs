//! `POST /cluster/config/join`: a node becomes a member. All that can go wrong shows up in the task.

use model::{
    Effect, Key, Params, Stop, Tx, Work, beat,
    corosync::{self, RESTARTS},
    kind, node_domain,
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, time::Duration};

use super::{config::address_of, link, member};
use crate::{access::accepts_password, certificate};

/// How long a join takes that comes to nothing.
const SHORT: Duration = Duration::from_secs(2);

pub(super) fn join(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut attempt = Attempt {
        log: Vec::new(),
        links: link::of(params)?,
    };
    let work = Work::new("clusterjoin", "");
    let work = match attempt.make(tx, params) {
        Ok(effect) => {
            let node = tx.node.clone();
            attempt.finish(tx, &node);
            let restart = attempt.log.iter().position(|line| line == RESTARTS[1]);
            work.doing(effect)
                .halfway(restart.map_or(0, |place| place + 1))
        }
        Err(Stop::Api(refusal)) => work.taking(SHORT).failing(refusal.message.trim_end()),
        Err(fault) => return Err(fault),
    };
    tx.start_task(work.logging(attempt.log)).map(Value::from)
}

/// A join as it goes on, with what it writes to its log.
struct Attempt {
    log: Vec<String>,
    links: link::Links,
}

impl Attempt {
    fn say(&mut self, line: impl Into<String>) {
        self.log.push(line.into());
    }

    /// What the join does at its end.
    fn make(&mut self, tx: &mut Tx<'_>, params: &Params) -> Result<Effect, Stop> {
        self.check_this_node(tx, params.is_set("force"))?;
        let through = self.log_in(tx, params)?;
        self.say("check cluster join API version");
        let own = address_of(tx, &tx.node.clone())?;
        if self.links.is_empty() {
            self.say(format!(
                "No cluster network links passed explicitly, fallback to local node IP '{own}'"
            ));
        }
        self.say("Request addition of this node");
        let request = member::Request {
            node: tx.node.clone(),
            links: self.links.clone(),
            address: self.links.is_empty().then_some(own),
            nodeid: params.text("nodeid"),
            votes: params.text("votes"),
            force: params.is_set("force"),
        };
        let asked = on(tx, &through, |tx| {
            let section = member::accept(tx, &request)?;
            Ok((tx.cluster()?, section))
        });
        let (into, section) = asked.map_err(|stop| self.refused(stop))?;
        self.say("Join request OK, finishing setup locally");
        let nodeid = params.text("nodeid");
        Ok(Effect::Join {
            into,
            section,
            nodeid,
        })
    }

    /// What a node must not have, and the addresses that it must.
    fn check_this_node(&mut self, tx: &mut Tx<'_>, force: bool) -> Result<(), Stop> {
        let mut errors = Vec::new();
        let is_member = tx.totem()?.is_some();
        if is_member {
            errors.push("authentication key '/etc/corosync/authkey' already exists".to_owned());
            errors.push("cluster config '/etc/pve/corosync.conf' already exists".to_owned());
        }
        if !tx.scan::<Value>(kind::GUEST)?.is_empty() {
            errors.push("this host already contains virtual guests".to_owned());
        }
        if is_member {
            errors.push(
                "corosync is already running, is this node already in a cluster?!".to_owned(),
            );
        }
        let node = tx.node.clone();
        for (number, link) in self.links.clone() {
            let name = format!("link{number}");
            errors.extend(link::unusable(tx, &node, &link.address, &name)?);
        }
        if errors.is_empty() {
            return Ok(());
        }
        self.say("detected the following error(s):");
        for error in errors {
            self.log
                .extend(format!("* {error}").lines().map(str::to_owned));
        }
        if !force {
            return Err(Stop::fail("Check if node may join a cluster failed!"));
        }
        self.say("WARNING : detected error but forced to continue!");
        Ok(())
    }

    /// Logs in to the member: its certificate has to be the one that is vouched for.
    fn log_in(&mut self, tx: &mut Tx<'_>, params: &Params) -> Result<String, Stop> {
        let host = params.required("hostname");
        self.say(format!("Establishing API connection with host '{host}'"));
        let unreachable =
            |cause: &str| Stop::fail(format!("500 Can't connect to {host}:8006 ({cause})"));
        let Some(through) = link::resolve(tx, &host)? else {
            let is_address = host.parse::<std::net::IpAddr>().is_ok();
            return Err(unreachable(if is_address {
                "No route to host"
            } else {
                "Name or service not known"
            }));
        };
        let row = tx.node_row(&through)?.unwrap_or_default();
        if row["offline"] == true || model::fault::is_lost(tx.rows, &through)? {
            return Err(unreachable("No route to host"));
        }
        let fingerprint = certificate::fingerprint_of(tx, &through)?;
        if !fingerprint.eq_ignore_ascii_case(&params.required("fingerprint")) {
            return Err(Stop::fail(format!(
                "fingerprint '{fingerprint}' not verified, abort!"
            )));
        }
        let password = params.required("password");
        if !on(tx, &through, |tx| {
            accepts_password(tx, "root@pam", &password)
        })? {
            return Err(Stop::fail("401 authentication failure"));
        }
        self.say("Login succeeded.");
        Ok(through)
    }

    /// The member's refusal in the joining node's words.
    fn refused(&mut self, stop: Stop) -> Stop {
        let Stop::Api(answer) = stop else {
            return stop;
        };
        let words = answer.message.trim_end();
        self.say(format!("An error occurred on the cluster node: {words}"));
        for text in answer.errors.values().filter_map(Value::as_str) {
            self.say(format!("! {text}"));
        }
        Stop::fail("Cluster join aborted!")
    }

    fn finish(&mut self, tx: &Tx<'_>, node: &str) {
        let seconds = tx.now.seconds();
        self.say(RESTARTS[1]);
        self.say(format!(
            "backup old database to '/var/lib/pve-cluster/backup/config-{seconds}.sql.gz'"
        ));
        self.say("waiting for quorum...OK");
        self.say("(re)generate node files");
        self.say("generate new node certificate");
        self.say("merge authorized SSH keys");
        self.say("generated new node certificate, restart pveproxy and pvedaemon services");
        self.say(format!("successfully added node '{node}' to cluster."));
    }
}

/// Does something on another node.
fn on<T>(
    tx: &mut Tx<'_>,
    node: &str,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let here = std::mem::replace(&mut tx.node, node.to_owned());
    let result = work(tx);
    tx.node = here;
    result
}

/// Ends a join on the joining node: its `/etc/pve` is replaced by the cluster's, and it gets another
/// certificate.
///
/// # Errors
/// The rows' fault.
pub(crate) fn finish(
    tx: &mut Tx<'_>,
    into: &str,
    mut section: Map<String, Value>,
    nodeid: Option<String>,
) -> Result<(), Stop> {
    let node = tx.node.clone();
    let mut row = tx.node_row(&node)?.unwrap_or_default();
    let left = row["domain"].as_str().unwrap_or_default().to_owned();
    if left == into {
        return Ok(());
    }
    if beat::is_kept(tx)? {
        forget(tx, &left, &node)?;
    }
    row["domain"] = into.into();
    row["certificate"] = (row["certificate"].as_u64().unwrap_or_default() + 1).into();
    tx.write(&Key::new("", kind::NODE, &*node), &row)?;
    if nodeid.is_none() {
        // Another node may have joined since.
        let others: BTreeMap<String, Map<String, Value>> =
            tx.scan_in(into, kind::COROSYNC_NODE)?.into_iter().collect();
        if !others.contains_key(&node) {
            let others: Vec<_> = others.into_iter().collect();
            section.insert("nodeid".to_owned(), member::free_id(&others).into());
        }
    }
    corosync::write_node(tx, into, &node, section)
}

/// Removes what a node had in `/etc/pve`. A preview leaves it: nobody will ask for it again.
fn forget(tx: &mut Tx<'_>, domain: &str, node: &str) -> Result<(), Stop> {
    for kind in kind::OF_CLUSTER {
        for (id, _) in tx.rows.scan(domain, kind)? {
            tx.rows.delete(&Key::new(domain, kind, id))?;
        }
    }
    let own = node_domain(node);
    for (id, _) in tx.rows.scan(&own, kind::NODE_CONFIG)? {
        tx.rows.delete(&Key::new(&*own, kind::NODE_CONFIG, id))?;
    }
    Ok(())
}
