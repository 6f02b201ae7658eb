//! `/access/permissions`.

use formats::names;
use model::{
    Params, Stop, Tx,
    access::{AclEntry, check_userid},
    kind, permission,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Paths that are always looked at.
const TOP: &[&str] = &[
    "/",
    "/access",
    "/access/groups",
    "/mapping",
    "/nodes",
    "/pool",
    "/sdn",
    "/storage",
    "/vms",
];

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let caller = tx.caller.id.clone();
    let who = params.text("userid").unwrap_or_else(|| caller.clone());
    let (user, token) =
        names::token_parts(&who).map_or((who.as_str(), None), |(user, token)| (user, Some(token)));
    check_userid(user)
        .map_err(|words| Stop::invalid_one("userid", format!("invalid format - {words}\n")))?;
    // A token may not ask about its user; a user may ask about its own tokens.
    if who != caller && !(token.is_some() && user == caller) {
        permission::require(tx, "/access", &["Sys.Audit"])?;
    }
    let paths = match params.text("path") {
        Some(path) => BTreeSet::from([permission::normalise(&path)]),
        None => all_paths(tx)?,
    };
    let mut answer = Map::new();
    for path in paths {
        let held = permission::privileges_on(tx, &who, &path)?;
        if held.is_empty() && !params.has("path") {
            continue;
        }
        let entries = held
            .into_iter()
            .map(|(name, propagate)| (name, json!(u8::from(propagate))));
        answer.insert(path, Value::Object(entries.collect()));
    }
    Ok(Value::Object(answer))
}

fn all_paths(tx: &mut Tx<'_>) -> Result<BTreeSet<String>, Stop> {
    let mut paths: BTreeSet<String> = TOP.iter().map(|path| (*path).to_owned()).collect();
    paths.extend(
        tx.scan::<AclEntry>(kind::ACL)?
            .into_iter()
            .map(|(_, entry)| entry.path),
    );
    for (name, pool) in tx.scan::<Value>(kind::POOL)? {
        paths.insert(format!("/pool/{name}"));
        for (list, top) in [("vms", "/vms"), ("storage", "/storage")] {
            let members = pool[list]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            paths.extend(members.map(|member| format!("{top}/{member}")));
        }
    }
    Ok(paths)
}
