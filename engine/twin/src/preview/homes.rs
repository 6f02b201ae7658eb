//! Which nodes the world below has, and where each is asked.

use http::Response;
use model::{Key, founded_domain, kind};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use world::{Origin, proxmox::PortError, proxmox::lenient};

use super::{caller::Credential, driver::Preview, reader::Reading, state::State};
use crate::port::host_of;

/// A node as the world below has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    /// Where it's asked: its own address, or that of a member of its cluster that passes requests on.
    pub(super) address: String,
    /// The domain of the cluster that it's in, in the world below.
    pub(super) domain: String,
}

/// The nodes of the world below, as far as they were met.
#[derive(Clone, Debug, Default)]
pub(super) struct Homes {
    nodes: BTreeMap<String, Home>,
    addresses: BTreeMap<String, String>,
    /// Whether what nodes are may have changed since they were met.
    is_stale: bool,
}

impl Homes {
    /// Says that what nodes are may have changed: whoever is asked next is met anew.
    pub(super) const fn forget(&mut self) {
        self.is_stale = true;
    }

    /// The home of a node.
    pub(super) fn of(&self, node: &str) -> Option<&Home> {
        self.nodes.get(node)
    }

    /// The node that was met at an address.
    pub(super) fn at(&self, address: &str) -> Option<&str> {
        self.addresses.get(address).map(String::as_str)
    }

    /// The first node whose cluster has a domain.
    pub(super) fn in_domain(&self, domain: &str) -> Option<(&str, &Home)> {
        let mut all = self.nodes.iter();
        let (node, home) = all.find(|(_, home)| home.domain == domain)?;
        Some((node, home))
    }
}

/// What became of the question who answers at an address.
pub(super) enum Located {
    /// A node.
    Node(String),
    /// The world below refused to say: its answer.
    Refused(Box<Response<bytes::Bytes>>),
}

impl Preview {
    /// The node that answers at an address, asked on first contact.
    pub(super) async fn locate(
        &self,
        address: &str,
        credential: Option<&Credential>,
    ) -> Result<Located, PortError> {
        let known = {
            let mut state = self.state();
            let node = state.known_at(address);
            node.filter(|_| !state.homes.is_stale)
        };
        if let Some(node) = known {
            return Ok(Located::Node(node));
        }
        let last = self.state().callers.last_at(address);
        let mut refused = None;
        for credential in credential.into_iter().chain(last.as_ref()) {
            let response = self.read(address, "/nodes", credential).await?;
            if response.status().as_u16() == 401 {
                refused.get_or_insert(response);
                continue;
            }
            let nodes = Reading::of(&response);
            let status = self.read(address, "/cluster/status", credential).await?;
            let status = Reading::of(&status);
            let learnt = self
                .state()
                .learn(address, &status, &nodes, self.clock_seconds());
            return learnt.map(Located::Node).ok_or_else(|| {
                PortError::Unknown(Origin::of(format!(
                    "which node answers at {address}: GET /cluster/status says: {}",
                    status.reason
                )))
            });
        }
        match refused {
            Some(response) => Ok(Located::Refused(Box::new(response))),
            None => Err(PortError::Unknown(Origin::of(format!(
                "which node answers at {address}: nobody has logged in there"
            )))),
        }
    }
}

impl State {
    /// The node at an address, if that is known without a question.
    pub(super) fn known_at(&mut self, address: &str) -> Option<String> {
        if let Some(node) = self.homes.at(address) {
            return Some(node.to_owned());
        }
        let host = host_of(address);
        let fits = |name: &str, row: &Value| {
            let own = row["address"].as_str().unwrap_or_default();
            name == host || own.split('/').next() == Some(host)
        };
        let nodes = self.rows.known("", kind::NODE);
        let found = nodes.iter().find(|(name, row)| fits(name, row))?;
        let (node, address) = (found.0.clone(), address.to_owned());
        // From now on it's asked itself: it answers also when the member that named it doesn't.
        if let Some(home) = self.homes.nodes.get_mut(&node) {
            home.address.clone_from(&address);
        }
        self.homes.addresses.insert(address, node.clone());
        Some(node)
    }

    /// Takes in what a node says of itself and of its cluster; its name.
    fn learn(
        &mut self,
        address: &str,
        status: &Reading,
        nodes: &Reading,
        now: u64,
    ) -> Option<String> {
        let is_stale = std::mem::take(&mut self.homes.is_stale);
        let members: Vec<&Value> = status.rows("type", "node").collect();
        let listed = nodes.items();
        let named = |row: &Value| row["node"].as_str().map(str::to_owned);
        let is_local = |row: &&&Value| row.get("local").and_then(lenient::boolean) == Some(true);
        let local = match members.iter().find(is_local) {
            Some(row) => row["name"].as_str().map(str::to_owned),
            // A node that lists nobody else lists itself.
            None if listed.len() == 1 => named(&listed[0]),
            None => None,
        }?;
        let order = |row: &&&Value| {
            row.get("nodeid")
                .and_then(lenient::integer)
                .unwrap_or(i64::MAX)
        };
        let first = members.iter().min_by_key(order);
        let founder = first.and_then(|row| row["name"].as_str()).unwrap_or(&local);
        let domain = founded_domain(founder);
        let names = members.iter().filter_map(|row| row["name"].as_str());
        for name in names.chain(std::iter::once(local.as_str())) {
            let member = members.iter().copied().find(|row| row["name"] == *name);
            let listed = listed.iter().find(|row| row["node"] == *name);
            let row = node_row(&domain, member, listed, now);
            let mut row = Value::Object(row);
            if name == local && row["address"].is_null() {
                row["address"] = host_of(address).into();
            }
            let key = Key::new("", kind::NODE, name);
            if is_stale {
                self.rows.renew(key, row);
            } else {
                self.rows.add(key, row);
            }
            let known = self.homes.nodes.get(name);
            let address = known.map_or(address, |home| &home.address).to_owned();
            let domain = domain.clone();
            self.homes
                .nodes
                .insert(name.to_owned(), Home { address, domain });
        }
        if let Some(home) = self.homes.nodes.get_mut(&local) {
            address.clone_into(&mut home.address);
        }
        self.homes
            .addresses
            .insert(address.to_owned(), local.clone());
        Some(local)
    }
}

/// A node's row from `/cluster/status` and `/nodes`.
fn node_row(
    domain: &str,
    member: Option<&Value>,
    listed: Option<&Value>,
    now: u64,
) -> Map<String, Value> {
    let mut row = Map::new();
    row.insert("domain".to_owned(), domain.into());
    row.insert("certificate".to_owned(), json!(0));
    if let Some(ip) = member.and_then(|row| row["ip"].as_str()) {
        row.insert("address".to_owned(), ip.into());
    }
    let is_online = |row: &Value| row.get("online").and_then(lenient::boolean) != Some(false);
    if !member.is_none_or(is_online) {
        row.insert("offline".to_owned(), true.into());
    }
    let figures = [
        ("cores", "maxcpu"),
        ("memory", "maxmem"),
        ("root_size", "maxdisk"),
        ("root_used", "disk"),
        ("fingerprint", "ssl_fingerprint"),
    ];
    for (own, field) in figures {
        if let Some(value) = listed.and_then(|listed| listed.get(field)) {
            row.insert(own.to_owned(), value.clone());
        }
    }
    let uptime = listed.and_then(|listed| listed["uptime"].as_u64());
    if let Some(uptime) = uptime {
        row.insert("booted".to_owned(), now.saturating_sub(uptime).into());
    }
    row
}
