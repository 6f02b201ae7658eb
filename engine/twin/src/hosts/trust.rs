//! Which keys a host is known by: rows of the operator.

use serde::{Deserialize, Serialize};
use world::host::{Call, Destination, HostError, OPERATOR, Reply, Verb};

use super::{Filling, Handler, Host, TwinHosts, answer};
use crate::{
    fault::Trouble,
    model::{Fault, Key, Rows, Stop, kind},
    ssh::{self, KeyTurn},
};

/// What a host is known by whose key stands in docs.
const PINNED: &str = "pinned";

/// Stands for the key that a host has of its own: which one that is, only its world knows.
const OWN: &str = "own";

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::KNOWN_KEYS, known_keys),
    (Verb::SHOWN_KEY, shown_key),
    (Verb::TRUST_KEY, trust_key),
];

pub(super) const FILLINGS: &[Filling] = &[Filling {
    kind: kind::KNOWN_KEYS,
    reads: |_, replies| match replies {
        [] => vec![Call::new(Verb::KNOWN_KEYS, [""; 0])],
        _ => Vec::new(),
    },
    load: |_, replies| {
        let keys = replies.first().map(Reply::text).unwrap_or_default();
        serde_json::to_value(Known { keys })
            .map(Some)
            .map_err(|error| error.to_string())
    },
}];

impl TwinHosts {
    /// Answers a verb that isn't sent.
    pub(super) fn trust(&self, host: &Destination, call: Call) -> Result<Reply, HostError> {
        if call.verb == Verb::KNOWN_KEYS {
            let text: String = self
                .known(host)?
                .iter()
                .map(|key| format!("{key}\n"))
                .collect();
            return Ok(Reply::success(text));
        }
        let (node, troubles) = self.reached(host)?;
        let shown = self.fingerprint(&node, turn(&troubles));
        if call.verb == Verb::SHOWN_KEY {
            return Ok(Reply::success(format!("{shown}\n")));
        }
        self.by_rows(host, &Call::new(call.verb, [shown]))
    }

    /// Fails if a host shows a key that it isn't known by.
    pub(super) fn check_key(
        &self,
        host: &Destination,
        node: &str,
        troubles: &[Trouble],
    ) -> Result<(), HostError> {
        let shown = self.fingerprint(node, turn(troubles));
        let known = self.known(host)?;
        let is_pinned = host.host_key.is_some() && turn(troubles) == KeyTurn::Own;
        if is_pinned || known.contains(&shown) {
            return Ok(());
        }
        let name = host.name.clone();
        Err(match known.into_iter().next() {
            None => HostError::UnknownKey { host: name, shown },
            Some(known) => HostError::ChangedKey {
                host: name,
                shown,
                known,
                place: "the twin".to_owned(),
            },
        })
    }

    /// What a host is known by. A fingerprint in docs is taken as the one that its machine in the twin has.
    fn known(&self, host: &Destination) -> Result<Vec<String>, HostError> {
        if host.host_key.is_some() {
            return Ok(vec![PINNED.to_owned()]);
        }
        let keys = self
            .by_rows(host, &Call::new(Verb::KNOWN_KEYS, [""; 0]))?
            .text();
        let key = |line: &str| match line {
            OWN => self.fingerprint(&host.name, KeyTurn::Own),
            other => other.to_owned(),
        };
        Ok(keys.lines().map(key).collect())
    }

    fn by_rows(&self, host: &Destination, call: &Call) -> Result<Reply, HostError> {
        let name = &host.name;
        let answered = self
            .twin
            .with("", |tx| answer(&mut Host::new(tx, name), call))
            .and_then(|answered| answered.map_err(Fault::from));
        answered.map_err(|fault| HostError::Unreachable {
            host: name.clone(),
            cause: fault.to_string(),
        })
    }

    pub(super) fn fingerprint(&self, node: &str, turn: KeyTurn) -> String {
        ssh::key_of(&self.twin, node, turn)
            .map_or_else(|error| error.to_string(), |key| ssh::fingerprint(&key))
    }
}

fn turn(troubles: &[Trouble]) -> KeyTurn {
    if troubles.contains(&Trouble::WrongKey) {
        KeyTurn::Other
    } else {
        KeyTurn::Own
    }
}

/// The keys of a host, one a line.
#[derive(Serialize, Deserialize)]
struct Known {
    keys: String,
}

fn key(host: &str) -> Key {
    Key::new(OPERATOR, kind::KNOWN_KEYS, host)
}

/// A machine that has no system yet is known by no key.
///
/// # Errors
/// The rows' fault.
pub(crate) fn plant_unknown(rows: &mut dyn Rows, host: &str) -> Result<(), Fault> {
    rows.put(&key(host), serde_json::json!({ "keys": "" }))
}

/// Whoever has no row is known by its own key.
fn known_keys(host: &mut Host<'_, '_>, _: &Call) -> Result<Reply, Stop> {
    let row = host.tx.rows.get(&key(host.name()))?;
    let keys = row.map_or_else(|| format!("{OWN}\n"), |row| text(&row["keys"]));
    Ok(Reply::success(keys))
}

fn shown_key(_: &mut Host<'_, '_>, _: &Call) -> Result<Reply, Stop> {
    Ok(Reply::success(format!("{OWN}\n")))
}

fn trust_key(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let keys = format!("{}\n", call.args.first().map_or(OWN, String::as_str));
    let row = serde_json::json!({ "keys": keys });
    host.tx.rows.put(&key(host.name()), row)?;
    Ok(Reply::default())
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
