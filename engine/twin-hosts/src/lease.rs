//! The lease of a live lab, as the nodes of a cluster keep it.

use model::{Stop, kind};
use serde::{Deserialize, Serialize};
use world::{
    clock::Moment,
    host::{
        Verb,
        verb::{FreeLease, HELD, LeaseOwner, LeaseState, LookAtLease, RenewLease, TakeLease},
    },
};

use super::{
    Handler, Host,
    typed::{Said, answers, fails},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    LookAtLease => |host, LookAtLease { path }| {
        if host.is_operator() {
            return Ok(None);
        }
        let now = host.tx.now;
        let held = host.lease(&path)?.map(|lease| LeaseOwner {
            age: now.since(lease.renewed).as_secs(),
            token: lease.token,
            name: lease.owner,
        });
        Ok(Some(LeaseState { is_quorate: host.tx.is_quorate()?, held }))
    },
    TakeLease => take,
    RenewLease => |host, RenewLease { path, token, owner }| {
        host.is_own_lease(&path, &token)?;
        host.keep_lease(&path, &owner)
    },
    FreeLease => |host, FreeLease { path, token }| {
        host.is_own_lease(&path, &token)?;
        Ok(host.tx.delete(kind::LEASE, &path)?)
    },
};

/// A lease: a row of the cluster.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Lease {
    token: String,
    owner: String,
    renewed: Moment,
}

fn take(host: &mut Host<'_, '_>, TakeLease { path, over, owner }: TakeLease) -> Said<()> {
    match host.lease(&path)? {
        Some(lease) if lease.token != over => fails(HELD, format!("{} has it", lease.owner)),
        _ => host.keep_lease(&path, &owner),
    }
}

impl Host<'_, '_> {
    fn lease(&mut self, path: &str) -> Result<Option<Lease>, Stop> {
        self.tx.get(kind::LEASE, path)
    }

    fn is_own_lease(&mut self, path: &str, token: &str) -> Said<()> {
        match self.lease(path)? {
            Some(lease) if lease.token == token => Ok(()),
            Some(lease) => fails(75, format!("{} has it", lease.owner)),
            None => fails(75, "somebody has it"),
        }
    }

    fn keep_lease(&mut self, path: &str, owner: &[u8]) -> Said<()> {
        if !self.tx.is_quorate()? {
            return fails(
                1,
                format!("mkdir: cannot create directory '{path}': Permission denied"),
            );
        }
        let text = String::from_utf8_lossy(owner);
        let (token, owner) = text.trim_end().split_once(' ').unwrap_or(("?", "somebody"));
        let lease = Lease {
            token: token.to_owned(),
            owner: owner.to_owned(),
            renewed: self.tx.now,
        };
        Ok(self.tx.put(kind::LEASE, path, &lease)?)
    }
}
