//! `/cluster/config/nodes/{node}`: a member takes another node into `corosync.conf`, or out of it.

use model::{
    Key, Params, Stop, Tx,
    corosync::{self, Section, joins_into, number},
    founded_domain, kind,
};
use serde_json::{Value, json};

use super::{config, link};

/// The version of the calls with which a node joins.
pub(super) const JOIN_API_VERSION: u32 = 1;

/// What a node asks for that wants to become a member.
pub(super) struct Request {
    /// Its name.
    pub(super) node: String,
    /// Its links.
    pub(super) links: link::Links,
    /// The address that stands for its one link if it names none.
    pub(super) address: Option<String>,
    /// The number that it wants.
    pub(super) nodeid: Option<String>,
    /// Its votes.
    pub(super) votes: Option<String>,
    /// Whether a node of this name may be there already.
    pub(super) force: bool,
}

pub(super) fn add(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut request = Request {
        node: params.required("node"),
        links: link::of(params)?,
        address: params.text("new_node_ip"),
        nodeid: params.text("nodeid"),
        votes: params.text("votes"),
        force: params.is_set("force"),
    };
    // Nodes that join by the oldest version of the call send their address as the only link.
    let is_old = params.integer("apiversion").unwrap_or_default() == 0;
    if is_old && request.address.is_none() && request.links.len() == 1 {
        request.address = request.links.pop_first().map(|(_, link)| link.address);
    }
    let section = accept(tx, &request)?;
    let domain = tx.cluster()?;
    corosync::write_node(tx, &domain, &request.node, section)?;
    let totem = tx.totem()?.unwrap_or_default();
    let nodes = tx.corosync_nodes()?;
    let key = tx.derive(&format!("corosync key/{domain}"));
    Ok(json!({
        "corosync_authkey": hex::encode(key),
        "corosync_conf": config::text(&totem, &nodes),
        "warnings": [],
    }))
}

/// The section that a node gets, as the asked member writes it.
///
/// # Errors
/// Why the member refuses.
pub(super) fn accept(tx: &mut Tx<'_>, request: &Request) -> Result<Section, Stop> {
    quorate(tx)?;
    if tx.totem()?.is_none() {
        let mut stop = Stop::fail("invalid corosync.conf");
        if let Stop::Api(answer) = &mut stop {
            answer
                .errors
                .insert("error0".to_owned(), "no nodes found".into());
        }
        return Err(stop);
    }
    let nodes = tx.corosync_nodes()?;
    not_used(&nodes, request)?;
    let mut section = rings(&nodes, request)?;
    let mut nodeid = request.nodeid.clone();
    let mut votes = request.votes.clone();
    if let Some((_, there)) = nodes.iter().find(|(name, _)| *name == request.node) {
        let same = |wanted: &mut Option<String>, field: &str| {
            let has = number(there, field).map(|number| number.to_string());
            let fits = wanted.is_none() || *wanted == has;
            *wanted = has;
            fits
        };
        if !(same(&mut nodeid, "nodeid") & same(&mut votes, "quorum_votes")) || !request.force {
            let node = &request.node;
            return Err(Stop::fail(format!("can't add existing node '{node}'")));
        }
    }
    section.insert("name".to_owned(), request.node.as_str().into());
    let nodeid = nodeid.unwrap_or_else(|| free_id(&nodes));
    section.insert("nodeid".to_owned(), nodeid.into());
    let votes = votes.unwrap_or_else(|| "1".to_owned());
    if votes != "0" {
        section.insert("quorum_votes".to_owned(), votes.into());
    }
    Ok(section)
}

/// The lowest number that no node has.
pub(super) fn free_id(nodes: &[(String, Section)]) -> String {
    let is_free = |id: &u64| {
        !nodes
            .iter()
            .any(|(_, node)| number(node, "nodeid") == Some(*id))
    };
    (1..).find(is_free).unwrap_or_default().to_string()
}

/// A member needs quorum to take a node in, also when those have come that are on their way.
fn quorate(tx: &mut Tx<'_>) -> Result<(), Stop> {
    let no_quorum = || Stop::fail("cluster not ready - no quorum?");
    if !tx.is_quorate()? {
        return Err(no_quorum());
    }
    let domain = tx.cluster()?;
    let joining = joins_into(tx, &domain)?.len() as u64;
    match tx.votes()? {
        Some(mut votes) => {
            votes.all += joining;
            votes.are_quorate().then_some(()).ok_or_else(no_quorum)
        }
        None => Ok(()),
    }
}

fn not_used(nodes: &[(String, Section)], request: &Request) -> Result<(), Stop> {
    for (name, node) in nodes.iter().filter(|(name, _)| *name != request.node) {
        for (key, value) in node {
            if link::ring_number(key).is_none() {
                continue;
            }
            let used = |link: &&link::Link| *value == *link.address;
            if let Some(link) = request.links.values().find(used) {
                let address = &link.address;
                return Err(Stop::fail(format!(
                    "corosync: address '{address}' already used on link {key} by node '{name}'"
                )));
            }
        }
    }
    Ok(())
}

/// The `ringN_addr` of the new node: the same links as the cluster has.
fn rings(nodes: &[(String, Section)], request: &Request) -> Result<Section, Stop> {
    let mut have: Vec<u8> = nodes
        .first()
        .into_iter()
        .flat_map(|(_, node)| node.keys())
        .filter_map(|key| link::ring_number(key))
        .collect();
    have.sort_unstable();
    if request.links.is_empty() {
        let Some(address) = &request.address else {
            let words = "no links and no fallback ip (new_node_ip) given, cannot join cluster";
            return Err(Stop::fail(words));
        };
        let [only] = have.as_slice() else {
            return Err(Stop::fail(
                "no links given but multiple links found on other nodes, fallback only supported \
                 on single-link clusters",
            ));
        };
        let ring = (format!("ring{only}_addr"), address.as_str().into());
        return Ok(Section::from_iter([ring]));
    }
    for number in 0..8 {
        let words = match (have.contains(&number), request.links.contains_key(&number)) {
            (true, false) => "exists in cluster config but wasn't specified for new node",
            (false, true) => "specified for new node doesn't exist in cluster config",
            _ => continue,
        };
        return Err(Stop::fail(format!("corosync: link {number} {words}")));
    }
    Ok(link::rings(&request.links))
}

pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let wanted = params.required("node");
    if wanted == tx.node {
        return Err(Stop::fail("Cannot delete myself from cluster!"));
    }
    if !tx.is_quorate()? {
        return Err(Stop::fail("cluster not ready - no quorum?"));
    }
    let is_it = |(name, node): &(String, Section)| {
        *name == wanted
            || ["ring0_addr", "ring1_addr"]
                .iter()
                .any(|ring| node.get(*ring) == Some(&wanted.as_str().into()))
    };
    let nodes = tx.corosync_nodes()?;
    let Some((name, _)) = nodes.into_iter().find(is_it) else {
        return Err(Stop::fail(format!(
            "Node/IP: {wanted} is not a known host of the cluster."
        )));
    };
    let domain = tx.cluster()?;
    part(tx, &name, &domain)?;
    tx.rows
        .delete(&Key::new(&*domain, kind::COROSYNC_NODE, name))?;
    corosync::next_version(tx, &domain)?;
    Ok(Value::Null)
}

/// A node that was taken out keeps its copy of what the cluster had, and is alone with it.
fn part(tx: &mut Tx<'_>, node: &str, domain: &str) -> Result<(), Stop> {
    let Some(mut row) = tx.node_row(node)?.filter(|row| row["domain"] == *domain) else {
        return Ok(());
    };
    let own = format!("{}/parted", founded_domain(node));
    for kind in kind::OF_CLUSTER {
        for (id, value) in tx.rows.scan(domain, kind)? {
            tx.rows.put(&Key::new(&*own, kind, id), value)?;
        }
    }
    row["domain"] = own.into();
    tx.write(&Key::new("", kind::NODE, node), &row)
}
