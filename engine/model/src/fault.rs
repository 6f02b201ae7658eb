//! Faults that are to happen: the Nth call of a kind fails, a task fails, quorum is lost, a storage is full.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    kind,
    rows::{self, Key, Rows},
    stop::Stop,
    transaction::Tx,
};

/// What is wrong with a node as a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It refuses connections.
    Refused,
    /// It shows another key than before.
    WrongKey,
    /// Nobody may become root.
    NoRoot,
    /// A connection may have one session.
    OneSession,
    /// Each call takes five seconds.
    Slow,
    /// Its file systems are full.
    FullDisk,
    /// Its file systems are read-only.
    ReadOnly,
    /// Another program holds the lock of the packages.
    PackageLock,
    /// It doesn't come back from a reboot.
    NoReturn,
    /// The next change of its network cuts it off.
    CutOff,
    /// Its clock isn't synchronised.
    Unsynchronized,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Happens {
    /// A call is answered with a status and reason of its own: 500, 595, 596. It isn't carried out.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The reason phrase.
        reason: String,
    },
    /// The connection ends before the answer does.
    Drop {
        /// Whether the call is carried out all the same.
        carried_out: bool,
    },
    /// No answer ever comes. The call isn't carried out.
    Hang,
    /// A task fails with a text.
    Task {
        /// The task's type.
        kind: String,
        /// What it ends with.
        error: String,
    },
    /// The cluster has no quorum until faults are cleared.
    NoQuorum,
    /// A node is lost until faults are cleared: it doesn't answer, and its votes are missing.
    Lost {
        /// The node.
        node: String,
    },
    /// A node is in trouble as a host until faults are cleared.
    Host {
        /// The node.
        node: String,
        /// What is wrong with it.
        trouble: Trouble,
    },
    /// A storage is full until faults are cleared.
    Full {
        /// The storage.
        storage: String,
    },
    /// Nobody answers hosts at an address until faults are cleared.
    Silent {
        /// The address.
        address: IpAddr,
    },
}

/// A fault that is to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What happens.
    #[serde(flatten)]
    pub happens: Happens,
    /// The call that it happens to: `METHOD /path`, `*` for any part of the path or any method; a call on a host is
    /// `HOST /NODE/VERB`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub call: String,
    /// Which of those calls or tasks it is, from 1; it happens once. 0: every one.
    #[serde(default)]
    pub nth: u64,
    /// How many of those calls or tasks there were.
    #[serde(default)]
    pub seen: u64,
}

impl Fault {
    /// A fault that happens to the nth call that fits `METHOD /path`.
    #[must_use]
    pub fn at_call(call: &str, nth: u64, happens: Happens) -> Self {
        Self {
            happens,
            call: call.to_owned(),
            nth,
            seen: 0,
        }
    }

    /// A fault that isn't bound to a call.
    #[must_use]
    pub const fn always(happens: Happens) -> Self {
        Self {
            happens,
            call: String::new(),
            nth: 0,
            seen: 0,
        }
    }

    /// Counts one more, and says whether it's the one.
    const fn count(&mut self) -> bool {
        self.seen += 1;
        self.nth == 0 || self.seen == self.nth
    }
}

/// Whether a call fits `METHOD /path` with `*`; a last `*` fits any rest.
fn fits(pattern: &str, method: &str, path: &str) -> bool {
    let (wanted, pattern) = pattern.split_once(' ').unwrap_or(("*", pattern));
    if wanted != "*" && !wanted.eq_ignore_ascii_case(method) {
        return false;
    }
    let pieces: Vec<&str> = pattern
        .split('/')
        .filter(|piece| !piece.is_empty())
        .collect();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let open_end = pieces.last() == Some(&"*") && parts.len() >= pieces.len();
    (open_end || pieces.len() == parts.len())
        && pieces
            .iter()
            .zip(&parts)
            .all(|(piece, part)| *piece == "*" || piece == part)
}

/// Whether a fault's call, `METHOD /path` with `*`, can be one that is published as `GET /pools/{poolid}`.
#[must_use]
pub fn can_fit(pattern: &str, published: &str) -> bool {
    let (method, path) = published.split_once(' ').unwrap_or(("", published));
    let (wanted, pattern) = pattern.split_once(' ').unwrap_or(("*", pattern));
    // A parameter in the published path takes whatever stands there.
    let given: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let parts = path.split('/').filter(|part| !part.is_empty()).enumerate();
    let path: String = parts
        .map(|(at, part)| match given.get(at) {
            Some(given) if part.starts_with('{') => format!("/{given}"),
            _ => format!("/{part}"),
        })
        .collect();
    fits(&format!("{wanted} {pattern}"), method, &path)
}

/// Counts a call, and says what happens to it.
///
/// # Errors
/// The rows' fault.
pub fn at_call(tx: &mut Tx<'_>, method: &str, path: &str) -> Result<Option<Happens>, Stop> {
    let mut hit = None;
    for (id, mut fault) in tx.scan_in::<Fault>("", kind::FAULT)? {
        if fault.call.is_empty() || !fits(&fault.call, method, path) {
            continue;
        }
        if fault.count() && hit.is_none() {
            hit = Some(fault.happens.clone());
        }
        tx.write(&Key::new("", kind::FAULT, id), &fault)?;
    }
    Ok(hit)
}

/// Lets a task that is to fail end with the fault's text.
///
/// # Errors
/// The rows' fault.
pub(crate) fn fail_task(tx: &mut Tx<'_>, outcome: &mut String, started: &str) -> Result<(), Stop> {
    for (id, mut fault) in tx.scan_in::<Fault>("", kind::FAULT)? {
        let Happens::Task {
            kind: wanted,
            error,
        } = fault.happens.clone()
        else {
            continue;
        };
        if wanted != started && wanted != "*" {
            continue;
        }
        if fault.count() {
            *outcome = error;
        }
        tx.write(&Key::new("", kind::FAULT, id), &fault)?;
    }
    Ok(())
}

/// Whether something is so until faults are cleared.
///
/// # Errors
/// The rows' fault.
pub fn is_so(rows: &mut dyn Rows, what: &Happens) -> Result<bool, rows::Fault> {
    for (id, row) in rows.scan("", kind::FAULT)? {
        let fault: Fault = serde_json::from_value(row)
            .map_err(|error| rows::Fault::Store(format!("fault {id}: {error}")))?;
        if fault.happens == *what {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a node is lost.
///
/// # Errors
/// The rows' fault.
pub fn is_lost(rows: &mut dyn Rows, node: &str) -> Result<bool, rows::Fault> {
    let node = node.to_owned();
    is_so(rows, &Happens::Lost { node })
}

/// Whether a storage is full.
///
/// # Errors
/// The rows' fault.
pub fn is_full(rows: &mut dyn Rows, storage: &str) -> Result<bool, rows::Fault> {
    let storage = storage.to_owned();
    is_so(rows, &Happens::Full { storage })
}

/// What is wrong with a node as a host.
///
/// # Errors
/// The rows' fault.
pub fn troubles(tx: &mut Tx<'_>, host: &str) -> Result<Vec<Trouble>, Stop> {
    let faults = tx.scan_in::<Fault>("", kind::FAULT)?;
    let own = faults.iter().filter_map(|(_, fault)| match &fault.happens {
        Happens::Host { node, trouble } if node == host => Some(*trouble),
        _ => None,
    });
    Ok(own.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_calls_that_a_pattern_fits() {
        for (pattern, method, path, fitting) in [
            ("POST /storage", "POST", "/storage", true),
            ("POST /storage", "GET", "/storage", false),
            ("post /storage", "POST", "/storage", true),
            ("* /storage", "DELETE", "/storage", true),
            ("/storage", "GET", "/storage", true),
            ("GET /storage", "GET", "/storage/nas", false),
            ("GET /storage/*", "GET", "/storage/nas", true),
            ("GET /nodes/*/network", "GET", "/nodes/a/network", true),
            ("GET /nodes/*/network", "GET", "/nodes/a/dns", false),
            ("GET /nodes/*", "GET", "/nodes/a/tasks/x/log", true),
            ("GET /nodes/*", "GET", "/nodes", false),
        ] {
            let fits = fits(pattern, method, path);
            assert_eq!(fits, fitting, "{pattern}: {method} {path}");
        }
    }

    #[test]
    fn happens_to_the_nth_or_to_all() {
        let mut second = Fault::at_call("GET /x", 2, Happens::Hang);
        assert_eq!([1, 2, 3].map(|_| second.count()), [false, true, false]);
        let mut every = Fault::at_call("GET /x", 0, Happens::Hang);
        assert!([1, 2].iter().all(|_| every.count()));
    }
}
