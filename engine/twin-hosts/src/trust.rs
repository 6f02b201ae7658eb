//! Which keys a host is known by: rows of the operator.

use model::{Fault, Key, Rows, kind};
use serde_json::{Value, json};
use world::host::{OPERATOR, Verb, verb::KnownKeys};

use super::{
    Filling, Handler,
    typed::{answers, filling},
};

/// Stands for the key that a host has of its own: which one that is, only its world knows.
pub const OWN: &str = "own";

/// How it's called before it's made.
const COMING: &str = "of its new system";

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    KnownKeys => |host, _| {
        let name = host.name().to_owned();
        let known = known(host.tx.rows, &name)?;
        let told = |key| if key == OWN { COMING } else { key };
        Ok(known.lines().map(told).map(str::to_owned).collect())
    },
    ShownKey => |_, _| Ok(COMING.to_owned()),
    TrustKey => |host, _| {
        let name = host.name().to_owned();
        Ok(keep(host.tx.rows, &name, OWN)?)
    },
};

pub(super) const FILLINGS: &[Filling] =
    &[filling!(kind::KNOWN_KEYS, |_id| KnownKeys {}, |told| Some(
        json!({ "keys": told.join("\n") })
    ))];

fn key(host: &str) -> Key {
    Key::new(OPERATOR, kind::KNOWN_KEYS, host)
}

/// What a host is known by, one key a line. Whoever has no row is known by its own key.
///
/// # Errors
/// The rows' fault.
pub fn known(rows: &mut dyn Rows, host: &str) -> Result<String, Fault> {
    let row = rows.get(&key(host))?;
    let text = |row: &Value| row["keys"].as_str().unwrap_or_default().to_owned();
    Ok(row.as_ref().map_or_else(|| format!("{OWN}\n"), text))
}

/// Has a host known by one key, or by none where it's empty.
///
/// # Errors
/// The rows' fault.
pub fn keep(rows: &mut dyn Rows, host: &str, known: &str) -> Result<(), Fault> {
    rows.put(&key(host), json!({ "keys": known }))
}
