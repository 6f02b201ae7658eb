//! The host key of a machine that was installed anew: its old one is forgotten.

use runbook::{
    action::{Change, Compared},
    halt::Halt,
    operation::Operation,
    write::Write,
};
use serde_json::{Value, json};
use world::host::{Call, HostError, Verb};

/// Has a node that this run installed known by the key that its new system made. Where docs give its fingerprint, that
/// one decides; where SSH isn't used, there is nothing to know.
pub(super) async fn renew(operation: &Operation, node: &str) -> Result<(), Halt> {
    let near = |verb| Call::new(verb, [""; 0]);
    let hosts = &operation.run().world.hosts;
    if let Err(HostError::Undeclared(_)) = hosts.call(node, near(Verb::KNOWN_KEYS)).await {
        return Ok(());
    }
    let known = operation.ask(node, near(Verb::KNOWN_KEYS)).await?.text();
    if known.trim() == "pinned" {
        return Ok(());
    }
    let shown = operation.ask(node, near(Verb::SHOWN_KEY)).await?.text();
    let shown = shown.trim();
    if known.lines().any(|line| line == shown) {
        return Ok(());
    }
    let known: Vec<&str> = known.lines().collect();
    operation.confirm(&question(node, shown, &known))?;
    let before = if known.is_empty() {
        Value::Null
    } else {
        json!({ "known": known })
    };
    // Which key that will be, nobody knows before its system has made it.
    let after = json!({ "known": "the key that its new system made" });
    let resource = format!("host key of {node}");
    let change = match before {
        Value::Null => Change::create(resource, after),
        before => Change::update(resource, before, after),
    };
    let proof = (near(Verb::KNOWN_KEYS), Compared::HasLine, shown.to_owned());
    operation
        .write(Write::call(change, node, near(Verb::TRUST_KEY), proof))
        .await?;
    Ok(())
}

fn question(node: &str, shown: &str, known: &[&str]) -> String {
    let was = match known {
        [] => String::new(),
        known => format!(", instead of {}", known.join(" and ")),
    };
    format!(
        "{node} was installed and shows the host key {shown}. Know it by that key from now on{was}?"
    )
}
