//! The keys that hosts of a twin show, and whether they're known by them.

use model::{Fault, fault::Trouble};
use twin_hosts::trust::{OWN, keep, known};
use world::host::{
    Ask as _, Call, Destination, HostError, Reply, Told as _,
    verb::{KnownKeys, ShownKey},
};

use super::TwinHosts;
use crate::ssh::{self, KeyTurn};

/// What a host is known by whose key stands in docs.
const PINNED: &str = "pinned";

/// Stands for another one than that, which a host in trouble shows.
const OTHER: &str = "other";

impl TwinHosts {
    /// Answers a verb that isn't sent.
    pub(super) fn trust(&self, host: &Destination, call: &Call) -> Result<Reply, HostError> {
        if call.verb == KnownKeys::VERB {
            let known = self.known(host)?;
            let keys: Vec<String> = known.lines().map(|key| self.told(host, key)).collect();
            return Ok(keys.reply());
        }
        let (_, troubles) = self.reached(host)?;
        let shown = shown(&troubles);
        if call.verb == ShownKey::VERB {
            return Ok(self.told(host, shown).reply());
        }
        let kept = self.twin.with("", |tx| keep(tx.rows, &host.name, shown));
        kept.and_then(|kept| kept)
            .map_err(|fault| broken(host, &fault))?;
        Ok(Reply::default())
    }

    /// Fails if a host shows a key that it isn't known by.
    pub(super) fn check_key(
        &self,
        host: &Destination,
        troubles: &[Trouble],
    ) -> Result<(), HostError> {
        let shown = shown(troubles);
        let known = self.known(host)?;
        let is_pinned = known == PINNED && shown == OWN;
        if is_pinned || known.lines().any(|key| key == shown) {
            return Ok(());
        }
        let name = host.name.clone();
        let shown = self.told(host, shown);
        Err(match known.lines().next() {
            None => HostError::UnknownKey { host: name, shown },
            Some(known) => HostError::ChangedKey {
                host: name,
                shown,
                known: self.told(host, known),
                place: "the twin".to_owned(),
            },
        })
    }

    /// The key that a host shows.
    pub(super) fn shown_key(&self, host: &Destination) -> Result<String, HostError> {
        let (_, troubles) = self.reached(host)?;
        Ok(self.told(host, shown(&troubles)))
    }

    /// What a host is known by. A fingerprint in docs is taken as the one that its machine in the twin has.
    fn known(&self, host: &Destination) -> Result<String, HostError> {
        if host.host_key.is_some() {
            return Ok(PINNED.to_owned());
        }
        let known = self.twin.rows(|rows| known(rows, &host.name));
        known.map_err(|fault| broken(host, &fault))
    }

    /// A key as it's told: the fingerprint of the one that a word stands for.
    fn told(&self, host: &Destination, key: &str) -> String {
        let turn = match key {
            OWN => KeyTurn::Own,
            OTHER => KeyTurn::Other,
            told => return told.to_owned(),
        };
        ssh::key_of(&self.twin, &host.name, turn)
            .map_or_else(|error| error.to_string(), |key| ssh::fingerprint(&key))
    }
}

fn broken(host: &Destination, fault: &Fault) -> HostError {
    HostError::Unreachable {
        host: host.name.clone(),
        cause: fault.to_string(),
    }
}

/// Which key a host shows.
fn shown(troubles: &[Trouble]) -> &'static str {
    if troubles.contains(&Trouble::WrongKey) {
        OTHER
    } else {
        OWN
    }
}
