//! Guards: changes that revert themselves unless they are confirmed.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use world::{
    clock::Moment,
    host::{Call, Reply, Verb},
};

use super::{Handler, Host, files::Entry, own};
use crate::{
    fault::{self, Trouble},
    model::{Fault, HostEffect, Key, Rows, Stop, Tx, kind, node_domain, reality},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::GUARD_STATE, state),
    (Verb::GUARD_ARM, arm),
    (Verb::GUARD_DISARM, disarm),
    (Verb::GUARD_FORGET, forget),
];

/// A guard.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Guard {
    /// When it reverts.
    due: Moment,
    /// Whether it has.
    reverted: bool,
    /// The files as they were.
    files: Vec<(String, Option<Entry>)>,
}

fn id(call: &Call) -> &str {
    call.args.first().map_or("", String::as_str)
}

fn state(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let text = match host.get::<Guard>(kind::GUARD, id(call))? {
        None => "absent\n",
        Some(guard) if guard.reverted => "reverted\n",
        Some(_) => "armed\n",
    };
    Ok(Reply::success(text))
}

fn arm(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let [id, seconds, _, paths @ ..] = call.args.as_slice() else {
        return Ok(Reply::failed(64, "it takes an id, seconds and a reload"));
    };
    let seconds: u64 = seconds.parse().unwrap_or_default();
    let armed = host.get::<Guard>(kind::GUARD, id)?;
    let mut guard = armed.filter(|guard| !guard.reverted).unwrap_or(Guard {
        due: Moment(0),
        reverted: false,
        files: Vec::new(),
    });
    guard.due = Moment(host.tx.now.0 + seconds * 1000);
    for path in paths {
        if guard.files.iter().any(|(kept, _)| kept == path) {
            continue;
        }
        if path == reality::NETWORK {
            host.happen(&HostEffect::KeepNetwork { guard: id.clone() })?;
        }
        // What nobody knows, nobody takes back: a plan's guards never revert.
        let entry = own::known(host.get(kind::FILE, path))?.flatten();
        guard.files.push((path.clone(), entry));
    }
    host.put(kind::GUARD, id, &guard)?;
    Ok(Reply::success(""))
}

fn disarm(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    match host.get::<Guard>(kind::GUARD, id(call))? {
        Some(guard) if guard.reverted => Ok(Reply::failed(75, "it has reverted")),
        _ => forget(host, call),
    }
}

fn forget(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    host.delete(kind::GUARD, id(call))?;
    host.delete(kind::GUARDED, id(call))?;
    Ok(Reply::success(""))
}

/// Lets the guards of a node revert whose time has come.
///
/// # Errors
/// The rows' fault.
pub(crate) fn advance(tx: &mut Tx<'_>, node: &str) -> Result<(), Stop> {
    let now = tx.now;
    let mut host = Host::new(tx, node);
    for (id, mut guard) in host.scan::<Guard>(kind::GUARD)? {
        if guard.reverted || guard.due > now {
            continue;
        }
        for (path, entry) in std::mem::take(&mut guard.files) {
            match entry {
                Some(entry) => host.place(&path, entry)?,
                None if path == reality::NETWORK => host.delete(kind::FILE, &path)?,
                None => host.take_away(&path)?,
            }
        }
        if let Some(interfaces) = host.get(kind::GUARDED, &id)? {
            restore(&mut host, interfaces)?;
            host.delete(kind::GUARDED, &id)?;
        }
        host.happen(&HostEffect::ReadSshd)?;
        guard.reverted = true;
        host.put(kind::GUARD, &id, &guard)?;
    }
    Ok(())
}

/// Whether a guard of a node is to revert.
///
/// # Errors
/// The rows' fault.
pub(crate) fn is_due(rows: &mut dyn Rows, node: &str, now: Moment) -> Result<bool, Fault> {
    let guards = rows.scan(&node_domain(node), kind::GUARD)?;
    let is_due = |row: &Value| {
        serde_json::from_value::<Guard>(row.clone())
            .is_ok_and(|guard| !guard.reverted && guard.due <= now)
    };
    Ok(guards.iter().any(|(_, row)| is_due(row)))
}

fn restore(host: &mut Host<'_, '_>, interfaces: Vec<(String, Value)>) -> Result<(), Stop> {
    for kind in [kind::INTERFACE, kind::INTERFACE_NEW] {
        for (name, _) in host.scan::<Value>(kind)? {
            host.delete(kind, &name)?;
        }
    }
    for (name, row) in interfaces {
        host.put(kind::INTERFACE, &name, &row)?;
    }
    Ok(())
}

/// Whether a node can't be reached because its network was changed: that's so while a guard is armed and the fault is
/// that the next change of its network cuts it off.
///
/// # Errors
/// The rows' fault.
pub(crate) fn is_cut_off(rows: &mut dyn Rows, node: &str, now: Moment) -> Result<bool, Fault> {
    if !fault::has_trouble(rows, node, Trouble::CutOff)? {
        return Ok(false);
    }
    let domain = node_domain(node);
    let interfaces = json!(rows.scan(&domain, kind::INTERFACE)?);
    for (id, row) in rows.scan(&domain, kind::GUARD)? {
        let Ok(guard) = serde_json::from_value::<Guard>(row) else {
            continue;
        };
        let is_open = !guard.reverted && guard.due > now;
        let kept = rows.get(&Key::new(&*domain, kind::GUARDED, id))?;
        if is_open && kept.is_some_and(|kept| kept != interfaces) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The key of a guard, for tests.
#[cfg(test)]
fn key(node: &str, id: &str) -> crate::model::Key {
    crate::model::Key::new(node_domain(node), kind::GUARD, id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Config, MemoryRows, Passing};

    fn call(verb: Verb, args: &[&str]) -> Call {
        Call::new(verb, args.iter().copied())
    }

    #[test]
    fn reverts_what_nobody_confirmed() {
        let mut rows = MemoryRows::default();
        crate::hosts::plant(&mut rows, "a", 0).unwrap();
        let config = Config {
            id: "x".to_owned(),
            seed: "x".to_owned(),
            root_passwords: Vec::new(),
            passing: Passing::Jumping,
            reality: &crate::hosts::Simulated,
        };
        let mut tx = Tx::new(&mut rows, Moment(0), "a", &config);
        let mut host = Host::new(&mut tx, "a");
        host.place("/etc/one", Entry::file("644", b"old")).unwrap();
        let paths = ["sshd", "60", "none", "/etc/one", "/etc/two"];
        arm(&mut host, &call(Verb::GUARD_ARM, &paths)).unwrap();
        host.place("/etc/one", Entry::file("644", b"new")).unwrap();
        host.place("/etc/two", Entry::file("644", b"new")).unwrap();
        tx.now = Moment(59_000);
        advance(&mut tx, "a").unwrap();
        let text = |tx: &mut Tx<'_>, path| Host::new(tx, "a").text(path).unwrap();
        assert_eq!(text(&mut tx, "/etc/one").as_deref(), Some("new"));
        tx.now = Moment(60_000);
        advance(&mut tx, "a").unwrap();
        assert_eq!(text(&mut tx, "/etc/one").as_deref(), Some("old"));
        assert_eq!(text(&mut tx, "/etc/two"), None);
        let mut host = Host::new(&mut tx, "a");
        let told = state(&mut host, &call(Verb::GUARD_STATE, &["sshd"])).unwrap();
        assert_eq!(told.text(), "reverted\n");
        let told = disarm(&mut host, &call(Verb::GUARD_DISARM, &["sshd"])).unwrap();
        assert_eq!(told.status, 75);
        assert!(rows.get(&key("a", "sshd")).unwrap().is_some());
    }
}
