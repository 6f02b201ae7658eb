//! The twin's Proxmox port in process: an address is a node, and the model answers.

use bytes::Bytes;
use futures_util::future::{BoxFuture, pending};
use http::{Request, Response};
use model::{
    Fault, Key, Rows, Stop, Tx,
    dispatch::respond,
    fault::{self, Happens},
    interfaces, kind, node_domain, request,
};
use serde_json::Value;
use twin_hosts::guard;
use world::{
    Clock as _,
    proxmox::{Port, PortError},
};

use crate::{install, rehearse::count_creation, twin::Twin};

/// What became of a request.
pub(crate) enum Outcome {
    /// It was answered.
    Answered(Box<Response<Bytes>>),
    /// The connection ended before the answer.
    Dropped,
    /// No answer will come.
    Hanging,
    /// Nobody listens: nothing was sent.
    Refused,
}

impl Twin {
    /// Answers a request that was sent to a node.
    pub(crate) fn call(&self, node: &str, request: &Request<Bytes>) -> Result<Outcome, Fault> {
        self.with(node, |tx| answer(tx, request))?
    }

    /// The node at an address, with or without a port: one that has it on an interface which is up. A node's name
    /// stands for the address that docs give it.
    pub(crate) fn node_at(&self, address: &str) -> Result<Option<String>, Fault> {
        let found = self.reached_at(address)?;
        if found.is_none() && self.guards_go_on()? {
            return self.reached_at(address);
        }
        Ok(found)
    }

    /// Lets the guards revert whose time has come, on nodes that nobody reaches any more; says whether one did.
    fn guards_go_on(&self) -> Result<bool, Fault> {
        let stored = self.rows(|rows| crate::twin::stored_clock(rows))?;
        let now = stored.max(self.inner.clock.now());
        let mut is_changed = false;
        for (node, _) in self.rows(|rows| rows.scan("", kind::NODE))? {
            if self.rows(|rows| guard::is_due(rows, &node, now))? {
                self.with(&node, |tx| guard::advance(tx, &node))?
                    .map_err(Fault::from)?;
                is_changed = true;
            }
        }
        Ok(is_changed)
    }

    fn reached_at(&self, address: &str) -> Result<Option<String>, Fault> {
        let host = host_of(address).to_owned();
        let found = self.rows(|rows| {
            let nodes = rows.scan("", kind::NODE)?;
            let answers = |row: &Value| row["offline"] != true && install::is_installed(row);
            let Some(name) = owner(rows, &nodes, &host)?.filter(|name| {
                let row = nodes.iter().find(|(other, _)| other == name);
                row.is_some_and(|(_, row)| answers(row))
            }) else {
                return Ok(None);
            };
            let now = crate::twin::stored_clock(rows)?.max(self.inner.clock.now());
            if fault::is_lost(rows, &name)? || guard::is_cut_off(rows, &name, now)? {
                return Ok(None);
            }
            let away = Key::new(node_domain(&name), kind::BOOT, "away");
            let was_restarted = rows.get(&away)?.is_some();
            Ok::<_, Fault>(Some((name, was_restarted)))
        })?;
        match found {
            Some((name, true)) if self.is_away(&name)? => Ok(None),
            found => Ok(found.map(|(name, _)| name)),
        }
    }

    /// Whether a node that was restarted isn't back yet.
    fn is_away(&self, node: &str) -> Result<bool, Fault> {
        match self.with(node, |tx| twin_hosts::is_away(tx, node))? {
            Ok(is_away) => Ok(is_away),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Api(_)) => Ok(false),
        }
    }
}

/// The node that has an address now.
fn owner(
    rows: &mut dyn Rows,
    nodes: &[(String, Value)],
    host: &str,
) -> Result<Option<String>, Fault> {
    let documented = |row: &Value| {
        row["address"]
            .as_str()
            .map(bare)
            .unwrap_or_default()
            .to_owned()
    };
    let by_docs = nodes
        .iter()
        .find(|(name, row)| name == host || documented(row) == host);
    if let Some((name, row)) = by_docs
        && has_address(rows, name, &documented(row))?.unwrap_or(true)
    {
        return Ok(Some(name.clone()));
    }
    for (name, _) in nodes {
        if has_address(rows, name, host)? == Some(true) {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

/// Whether an interface of a node that is up has an address; none if none of its interfaces has any.
fn has_address(rows: &mut dyn Rows, node: &str, address: &str) -> Result<Option<bool>, Fault> {
    let interfaces = rows.scan(&node_domain(node), kind::INTERFACE)?;
    let mut addresses = interfaces
        .iter()
        .filter(|(_, row)| interfaces::is_up(row))
        .flat_map(|(_, row)| [row["cidr"].as_str(), row["cidr6"].as_str()])
        .flatten()
        .peekable();
    if addresses.peek().is_none() {
        return Ok(None);
    }
    Ok(Some(addresses.any(|own| bare(own) == address)))
}

/// An address without its prefix length.
fn bare(cidr: &str) -> &str {
    cidr.split('/').next().unwrap_or(cidr)
}

/// An address without its port.
pub(crate) fn host_of(address: &str) -> &str {
    match address.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => {
            host
        }
        _ => address,
    }
}

fn answer(tx: &mut Tx<'_>, request: &Request<Bytes>) -> Result<Outcome, Fault> {
    let node = tx.node.clone();
    guard::advance(tx, &node)?;
    if fault::is_lost(tx.rows, &node)? || matches!(twin_hosts::is_away(tx, &node), Ok(true)) {
        return Ok(Outcome::Dropped);
    }
    if matches!(tx.is_starting(&node), Ok(true)) {
        return Ok(Outcome::Refused);
    }
    let hit = match request::line(request) {
        Ok(line) => fault::at_call(tx, &line.method, &line.path).or_else(|stop| match stop {
            Stop::Fault(fault) => Err(fault),
            Stop::Api(_) => Ok(None),
        })?,
        Err(_) => None,
    };
    match hit {
        Some(Happens::Answer { status, reason }) => {
            let body = serde_json::json!({ "data": null, "message": format!("{reason}\n") });
            // Codes of the HTTP client between the nodes come without a body.
            let body = (status < 590).then_some(&body);
            Ok(Outcome::Answered(Box::new(respond(status, &reason, body))))
        }
        Some(Happens::Drop { carried_out }) => {
            if carried_out {
                let response = model::answer(twin_pve::api(), tx, request)?;
                count_creation(tx, request, response.status());
            }
            Ok(Outcome::Dropped)
        }
        Some(Happens::Hang) => Ok(Outcome::Hanging),
        _ => {
            let response = model::answer(twin_pve::api(), tx, request)?;
            count_creation(tx, request, response.status());
            Ok(Outcome::Answered(Box::new(response)))
        }
    }
}

/// The Proxmox port of a twin in process.
pub(crate) struct TwinPort(pub(crate) Twin);

impl Port for TwinPort {
    fn send(
        &self,
        address: &str,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, PortError>> {
        let address = address.to_owned();
        Box::pin(async move {
            let unreachable = |cause: &str| PortError::Unreachable {
                address: address.clone(),
                cause: cause.to_owned(),
            };
            let node = self
                .0
                .node_at(&address)
                .map_err(|fault| unreachable(&fault.to_string()))?
                .ok_or_else(|| unreachable("No route to host"))?;
            match self.0.call(&node, &request) {
                Ok(Outcome::Answered(response)) => Ok(*response),
                Ok(Outcome::Hanging) => pending().await,
                Ok(Outcome::Refused) => Err(PortError::Refused {
                    address: address.clone(),
                    cause: "connection refused".to_owned(),
                }),
                Ok(Outcome::Dropped) => Err(PortError::Broken {
                    address: address.clone(),
                    cause: "connection reset by peer".to_owned(),
                }),
                Err(fault) => Err(PortError::Broken {
                    address: address.clone(),
                    cause: fault.to_string(),
                }),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use world::docs::Docs;

    use super::*;
    use crate::{LabFacts, Options, Start};

    #[tokio::test]
    async fn a_node_that_was_restarted_takes_no_connection_to_its_api_at_first() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let facts = LabFacts::from_docs(&Docs::load(&path).unwrap()).unwrap();
        let twin = Twin::open(None, facts, Start::installed(), Options::default()).unwrap();
        let booted = twin.inner.clock.now().0 * 1000;
        let key = Key::new(node_domain("pve1"), kind::BOOT, "at");
        let restarted = twin.with("pve1", |tx| tx.rows.put(&key, booted.into()));
        restarted.unwrap().unwrap();
        let port = TwinPort(twin.clone());
        let ask = || {
            let request = Request::get("/api2/json/access/domains");
            port.send("10.10.10.11", request.body(bytes::Bytes::new()).unwrap())
        };
        let refused = ask().await.unwrap_err();
        assert!(matches!(refused, PortError::Refused { .. }), "{refused}");
        twin.pass(std::time::Duration::from_secs(4)).unwrap();
        assert_eq!(ask().await.unwrap().status(), 200);
    }

    #[test]
    fn a_host_whose_address_changes_is_reached_at_the_new_one_only() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let facts = LabFacts::from_docs(&Docs::load(&path).unwrap()).unwrap();
        let twin = Twin::open(None, facts, Start::installed(), Options::default()).unwrap();
        let at = |address: &str| twin.node_at(address).unwrap();
        assert_eq!(at("10.10.10.11:8006").as_deref(), Some("pve1"));
        let moved = twin.with("pve1", |tx| {
            let key = Key::new(node_domain("pve1"), kind::INTERFACE, "vmbr0");
            let mut row = tx.rows.get(&key)?.unwrap();
            row["cidr"] = "10.10.10.61/24".into();
            tx.rows.put(&key, row)
        });
        moved.unwrap().unwrap();
        assert_eq!(at("10.10.10.11"), None);
        assert_eq!(at("pve1"), None);
        assert_eq!(at("10.10.10.61").as_deref(), Some("pve1"));
        assert_eq!(at("10.10.10.12").as_deref(), Some("pve2"));
    }
}
