//! The host key of a machine that was installed anew: its old one is forgotten.

use std::time::Duration;

use runbook::{
    action::{Change, Compared},
    halt::Halt,
    operation::Operation,
    write::Write,
};
use serde_json::{Value, json};
use world::{
    code,
    host::{
        Ask as _,
        verb::{KnownKeys, ShownKey, TrustKey},
    },
};

use crate::host::patience::{Patience, is_away};

/// How long a node may take from its API's first answer to its sshd's.
const PATIENCE: Patience = Patience {
    limit: Duration::from_secs(120),
    every: Duration::from_secs(2),
};

/// Has a node that this run installed known by the key that its new system made. Where docs give its fingerprint, that
/// one decides; where SSH isn't used, there is nothing to know.
pub(super) async fn renew(operation: &Operation, node: &str) -> Result<(), Halt> {
    let known = match operation.ask(node, KnownKeys {}).await {
        Ok(known) => known,
        Err(Halt::Failed(failure)) if failure.code == code::host::undeclared => return Ok(()),
        Err(halt) => return Err(halt),
    };
    if known == ["pinned"] {
        return Ok(());
    }
    let shown = shown_key(operation, node).await?;
    if !known.is_empty() && known.iter().all(|key| *key == shown) {
        return Ok(());
    }
    operation.confirm(&question(node, &shown, &known))?;
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
    let proof = (KnownKeys {}.call(), Compared::HasLine, shown);
    operation
        .write(Write::call(change, node, TrustKey {}, proof))
        .await?;
    Ok(())
}

/// The key that the node shows. Its API may answer before its sshd does.
async fn shown_key(operation: &Operation, node: &str) -> Result<String, Halt> {
    let look = async || match operation.ask(node, ShownKey {}).await {
        Ok(shown) => Ok(Ok(shown)),
        Err(Halt::Failed(failure)) if is_away(&failure) => Ok(Err(*failure)),
        Err(halt) => Err(halt),
    };
    PATIENCE.until(operation, look).await
}

fn question(node: &str, shown: &str, known: &[String]) -> String {
    let was = match known {
        [] => String::new(),
        known => format!(", instead of {}", known.join(" and ")),
    };
    format!(
        "{node} was installed and shows the host key {shown}. Know it by that key from now on{was}?"
    )
}
