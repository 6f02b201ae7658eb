//! What a fault names must be there: its node, its storage, its call.

use runbook::{failure::Failure, nearest};
use twin::{
    Twin, TwinError,
    fault::{Fault, Happens, can_fit},
};
use world::{code, docs::Docs, host::verb};

use crate::{
    exit::{Stop, refused},
    lab_docs,
    lab_world::twin_failure,
};

/// The name of homelab's own machine among hosts.
const OPERATOR: &str = "operator";

/// Refuses a fault that could never happen.
///
/// # Errors
/// It names a node, storage, host or call that isn't there; the nearest one is named.
pub(super) fn check(fault: &Fault, twin: &Twin, docs: &Docs) -> Result<(), Stop> {
    let nodes: Vec<String> = lab_docs::nodes(docs)?
        .into_iter()
        .map(|node| node.name)
        .collect();
    match &fault.happens {
        Happens::Lost { node } | Happens::Host { node, .. } => is_there("node", node, &nodes)?,
        Happens::Full { storage } => is_there("storage", storage, &storages(twin, docs)?)?,
        _ if !fault.call.is_empty() => call(&fault.call, &nodes)?,
        _ => {}
    }
    Ok(())
}

fn is_there(what: &str, name: &str, known: &[String]) -> Result<(), Failure> {
    if known.iter().any(|known| known == name) {
        return Ok(());
    }
    let help = match nearest::of(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are {}", known.join(", ")),
    };
    Err(no_fault(format!("there is no {what} {name}")).help(help))
}

fn no_fault(text: String) -> Failure {
    refused(code::twin::no_fault, text)
}

/// The storages that docs name, and those that the twin has by now.
fn storages(twin: &Twin, docs: &Docs) -> Result<Vec<String>, Stop> {
    let failed = |error: TwinError| twin_failure(&error);
    let mut known = twin.storages().map_err(failed)?;
    let documented = docs.table("SOFTWARE", "Storage").ok();
    let rows = documented.iter().flat_map(|table| &table.rows);
    known.extend(rows.map(|row| row.key.clone()));
    known.sort();
    known.dedup();
    Ok(known)
}

/// A call is one that the API publishes, or a verb on a host.
fn call(pattern: &str, nodes: &[String]) -> Result<(), Failure> {
    let (method, path) = pattern.split_once(' ').unwrap_or(("*", pattern));
    if !path.starts_with('/') {
        return Err(no_fault(format!("'{pattern}' is no call")).help(format!(
            "write '{method} /{path}': method, blank, path from the root on"
        )));
    }
    if method.eq_ignore_ascii_case("HOST") {
        return on_host(path, nodes);
    }
    if twin::calls().any(|call| can_fit(pattern, call)) {
        return Ok(());
    }
    let text = format!("no call of the API is '{pattern}'");
    Err(no_fault(text).help(match nearest::of(pattern, twin::calls()) {
        Some(near) => format!("did you mean '{near}'? * stands for any part"),
        None => "calls are as in Proxmox's API viewer, such as 'POST /access/groups'; * stands for any part".to_owned(),
    }))
}

fn on_host(path: &str, nodes: &[String]) -> Result<(), Failure> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let known: Vec<String> = nodes.iter().cloned().chain([OPERATOR.to_owned()]).collect();
    if let Some(host) = parts.next().filter(|host| *host != "*") {
        is_there("host", host, &known)?;
    }
    let verbs: Vec<String> = verb::all().map(|verb| verb.name().to_owned()).collect();
    match parts.next().filter(|verb| *verb != "*") {
        Some(verb) => is_there("verb of hosts", verb, &verbs),
        None => Ok(()),
    }
}
