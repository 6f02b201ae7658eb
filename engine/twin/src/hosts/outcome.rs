//! A call on a host of the twin, with the faults that are to happen to it.

use model::{
    Fault, Stop, Tx,
    fault::{self, Happens, Trouble},
};
use std::time::Duration;
use twin_hosts::{Host, answer, guard};
use world::host::{Call, OPERATOR, Reply, Verb};

use crate::twin::Twin;

/// How long a call takes on a slow host.
const SLOW: Duration = Duration::from_secs(5);

/// How long a host waits for a lock of somebody else.
const LOCK: Duration = Duration::from_secs(300);

/// What it says when it has waited in vain.
const LOCKED: &str = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (apt-get)\n\
    the lock is held by process 4711: apt-get upgrade";

/// What becomes of a call.
pub(crate) enum Outcome {
    /// It's answered, after a while.
    Replied(Reply, Duration),
    /// The connection ends before the reply.
    Dropped,
    /// No reply ever comes.
    Hanging,
}

impl Twin {
    /// Answers a call on a host.
    ///
    /// # Errors
    /// What the store or a row says.
    pub(crate) fn call_host(&self, name: &str, call: &Call) -> Result<Outcome, String> {
        let asked = if name == OPERATOR { "" } else { name };
        let answered = self.with(asked, |tx| {
            tx.advance()?;
            guard::advance(tx, name)?;
            outcome(tx, name, call)
        });
        match answered {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(Stop::Api(answer))) => Err(answer.message),
            // Nothing that the twin could answer would be true.
            Ok(Err(Stop::Fault(Fault::Unknown(origin)))) => {
                let text = format!(
                    "{}: {} isn't known on the twin",
                    call.verb.name(),
                    origin.what
                );
                Ok(Outcome::Replied(Reply::failed(127, text), Duration::ZERO))
            }
            Ok(Err(Stop::Fault(fault))) | Err(fault) => Err(fault.to_string()),
        }
    }

    /// What is wrong with a node as a host.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn troubles(&self, node: &str) -> Result<Vec<Trouble>, Fault> {
        Ok(self.with(node, |tx| fault::troubles(tx, node))??)
    }
}

fn outcome(tx: &mut Tx<'_>, name: &str, call: &Call) -> Result<Outcome, Stop> {
    let path = format!("/{name}/{}", call.verb.name());
    let troubles = fault::troubles(tx, name)?;
    let after = match () {
        () if is_locked(call, &troubles) => LOCK,
        () if troubles.contains(&Trouble::Slow) => SLOW,
        () => Duration::ZERO,
    };
    match fault::at_call(tx, "HOST", &path)? {
        Some(Happens::Drop { carried_out }) => {
            if carried_out {
                reply(tx, name, call, &troubles)?;
            }
            Ok(Outcome::Dropped)
        }
        Some(Happens::Hang) => Ok(Outcome::Hanging),
        Some(Happens::Answer { reason, .. }) => {
            Ok(Outcome::Replied(Reply::failed(1, reason), after))
        }
        _ => Ok(Outcome::Replied(reply(tx, name, call, &troubles)?, after)),
    }
}

/// Whether a call wants the lock of the packages while somebody holds it.
fn is_locked(call: &Call, troubles: &[Trouble]) -> bool {
    let wants = [
        Verb::PACKAGES_UPDATE,
        Verb::PACKAGES_INSTALL,
        Verb::PACKAGES_REMOVE,
    ];
    troubles.contains(&Trouble::PackageLock) && wants.contains(&call.verb)
}

fn reply(tx: &mut Tx<'_>, name: &str, call: &Call, troubles: &[Trouble]) -> Result<Reply, Stop> {
    if is_locked(call, troubles) {
        return Ok(Reply::failed(100, LOCKED));
    }
    let is_write = !call.verb.effect().is_read();
    let refusal = match () {
        () if !is_write => None,
        () if troubles.contains(&Trouble::FullDisk) => Some("No space left on device"),
        () if troubles.contains(&Trouble::ReadOnly) => Some("Read-only file system"),
        () => None,
    };
    match refusal {
        Some(why) => {
            let what = call.args.first().map_or("", String::as_str);
            Ok(Reply::failed(1, format!("{what}: {why}")))
        }
        None => answer(&mut Host::new(tx, name), call),
    }
}
