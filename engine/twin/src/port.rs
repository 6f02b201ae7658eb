//! The twin's Proxmox port in process: an address is a node, and the model answers.

use bytes::Bytes;
use futures_util::future::{BoxFuture, pending};
use http::{Request, Response};
use serde_json::Value;
use world::{
    Clock as _,
    proxmox::{Port, PortError},
};

use crate::{
    fault::{self, Happens},
    hosts::{self, guard},
    install,
    model::{self, Fault, Key, Rows as _, Stop, Tx, dispatch::respond, kind, node_domain, request},
    rehearse::count_creation,
    twin::Twin,
};

/// What became of a request.
pub(crate) enum Outcome {
    /// It was answered.
    Answered(Box<Response<Bytes>>),
    /// The connection ended before the answer.
    Dropped,
    /// No answer will come.
    Hanging,
}

impl Twin {
    /// Answers a request that was sent to a node.
    pub(crate) fn call(&self, node: &str, request: &Request<Bytes>) -> Result<Outcome, Fault> {
        self.with(node, |tx| answer(tx, request))?
    }

    /// The node at an address: its name, or its address with or without a port.
    pub(crate) fn node_at(&self, address: &str) -> Result<Option<String>, Fault> {
        let host = host_of(address).to_owned();
        let found = self.rows(|rows| {
            let nodes = rows.scan("", kind::NODE)?;
            let found = nodes.into_iter().find(|(name, row)| {
                let own = row["address"].as_str().unwrap_or_default();
                *name == host || own.split('/').next() == Some(host.as_str())
            });
            let answers = |row: &Value| row["offline"] != true && install::is_installed(row);
            let Some((name, _)) = found.filter(|(_, row)| answers(row)) else {
                return Ok(None);
            };
            let now = crate::twin::stored_clock(rows)?.max(self.inner.clock.now());
            if fault::lost(rows, &name)? || guard::is_cut_off(rows, &name, now)? {
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
        match self.with(node, |tx| hosts::is_away(tx, node))? {
            Ok(is_away) => Ok(is_away),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Api(_)) => Ok(false),
        }
    }
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
    if fault::lost(tx.rows, &node)? || matches!(hosts::is_away(tx, &node), Ok(true)) {
        return Ok(Outcome::Dropped);
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
                let response = model::answer(tx, request)?;
                count_creation(tx, request, response.status());
            }
            Ok(Outcome::Dropped)
        }
        Some(Happens::Hang) => Ok(Outcome::Hanging),
        _ => {
            let response = model::answer(tx, request)?;
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
