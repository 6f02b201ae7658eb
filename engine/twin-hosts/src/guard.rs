//! Guards: changes that revert themselves unless they are confirmed.

use model::{
    Fault, HostEffect, Key, Rows, Stop, Tx,
    fault::{self, Happens, Trouble},
    host_effect, kind, node_domain,
    stop::known,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use world::{
    clock::Moment,
    host::{
        Verb,
        verb::{GuardArm, GuardDisarm, GuardForget, GuardState, ShowGuard},
    },
};

use super::{
    Handler, Host,
    entry::Entry,
    typed::{Said, answers, fails},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    ShowGuard => state,
    GuardArm => arm,
    GuardDisarm => disarm,
    GuardForget => |host, GuardForget { id }| forget(host, &id),
};

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

fn state(host: &mut Host<'_, '_>, ShowGuard { id }: ShowGuard) -> Said<GuardState> {
    Ok(match host.get::<Guard>(kind::GUARD, &id)? {
        None => GuardState::Absent,
        Some(guard) if guard.reverted => GuardState::Reverted,
        Some(_) => GuardState::Armed,
    })
}

fn arm(host: &mut Host<'_, '_>, ask: GuardArm) -> Said<()> {
    let GuardArm {
        id, seconds, paths, ..
    } = ask;
    let id = id.as_str();
    let armed = host.get::<Guard>(kind::GUARD, id)?;
    let mut guard = armed.filter(|guard| !guard.reverted).unwrap_or(Guard {
        due: Moment(0),
        reverted: false,
        files: Vec::new(),
    });
    guard.due = Moment(host.tx.now.0 + seconds * 1000);
    for path in &paths {
        if guard.files.iter().any(|(kept, _)| kept == path) {
            continue;
        }
        if path == host_effect::NETWORK {
            host.happen(&HostEffect::KeepNetwork {
                guard: id.to_owned(),
            })?;
        }
        // What nobody knows, nobody takes back: a plan's guards never revert.
        let entry = known(host.get(kind::FILE, path))?.flatten();
        guard.files.push((path.clone(), entry));
    }
    Ok(host.put(kind::GUARD, id, &guard)?)
}

fn disarm(host: &mut Host<'_, '_>, GuardDisarm { id }: GuardDisarm) -> Said<()> {
    match host.get::<Guard>(kind::GUARD, &id)? {
        Some(guard) if guard.reverted => fails(75, "it has reverted"),
        _ => forget(host, &id),
    }
}

fn forget(host: &mut Host<'_, '_>, id: &str) -> Said<()> {
    host.delete(kind::GUARD, id)?;
    Ok(host.delete(kind::GUARDED, id)?)
}

/// Lets the guards of a node revert whose time has come.
///
/// # Errors
/// The rows' fault.
pub fn advance(tx: &mut Tx<'_>, node: &str) -> Result<(), Stop> {
    let now = tx.now;
    let mut host = Host::new(tx, node);
    for (id, mut guard) in host.scan::<Guard>(kind::GUARD)? {
        if guard.reverted || guard.due > now {
            continue;
        }
        for (path, entry) in std::mem::take(&mut guard.files) {
            match entry {
                Some(entry) => host.place(&path, entry)?,
                None if path == host_effect::NETWORK => host.delete(kind::FILE, &path)?,
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
pub fn is_due(rows: &mut dyn Rows, node: &str, now: Moment) -> Result<bool, Fault> {
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
pub fn is_cut_off(rows: &mut dyn Rows, node: &str, now: Moment) -> Result<bool, Fault> {
    let cut_off = Happens::Host {
        node: node.to_owned(),
        trouble: Trouble::CutOff,
    };
    if !fault::is_so(rows, &cut_off)? {
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
fn key(node: &str, id: &str) -> model::Key {
    model::Key::new(node_domain(node), kind::GUARD, id)
}

#[cfg(test)]
mod tests {
    use model::{Config, MemoryRows, Passing};
    use world::host::{Call, Reply};

    use super::*;

    fn call(host: &mut Host<'_, '_>, ask: impl Into<Call>) -> Reply {
        crate::answer(host, &ask.into()).unwrap()
    }

    #[test]
    fn reverts_what_nobody_confirmed() {
        let mut rows = MemoryRows::default();
        crate::plant(&mut rows, "a", 0).unwrap();
        let config = Config {
            id: "x".to_owned(),
            seed: "x".to_owned(),
            root_passwords: Vec::new(),
            passing: Passing::Jumping,
            reality: &crate::Simulated,
            effects: |_, _| Ok(()),
            answers: model::order::Answers::default(),
        };
        let mut tx = Tx::new(&mut rows, Moment(0), "a", &config);
        let mut host = Host::new(&mut tx, "a");
        host.place("/etc/one", Entry::file("644", b"old")).unwrap();
        let paths = ["/etc/one", "/etc/two"].map(str::to_owned);
        call(&mut host, GuardArm::new("sshd", 60_u64, "none", paths));
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
        let told = call(&mut host, ShowGuard::new("sshd"));
        assert_eq!(told.text(), "reverted\n");
        assert_eq!(call(&mut host, GuardDisarm::new("sshd")).status, 75);
        assert!(rows.get(&key("a", "sshd")).unwrap().is_some());
    }
}
