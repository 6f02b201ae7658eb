//! Which keys a host is known by: the verbs that are answered on this side of the connection.

use std::sync::PoisonError;

use russh::keys::PublicKey;

use super::{
    Ssh,
    known::{self, KnownFiles},
    machine::Machine,
    shown::ShownKey,
};
use crate::host::{HostError, Port, Reply, Told as _, Verb};

/// What known_keys says of a host whose key stands in docs.
const PINNED: &str = "pinned";

impl Ssh {
    /// Answers a verb that isn't sent.
    pub(super) async fn trust(&self, machine: &Machine, verb: Verb) -> Result<Reply, HostError> {
        match verb {
            Verb::KNOWN_KEYS => self.known_keys(machine).await,
            Verb::SHOWN_KEY => self.shown_key(machine).await,
            _ => self.trust_key(machine).await,
        }
    }

    async fn files(&self, machine: &Machine) -> Result<(KnownFiles, bool), HostError> {
        let way = self.way(machine).await?;
        let end = way.last().expect("a way has at least its end");
        Ok((KnownFiles::of(&end.config), end.pin.is_some()))
    }

    async fn known_keys(&self, machine: &Machine) -> Result<Reply, HostError> {
        let (files, is_pinned) = self.files(machine).await?;
        let mut lines = files.lines().fingerprints();
        if is_pinned {
            lines = vec![PINNED.to_owned()];
        }
        Ok(lines.reply())
    }

    /// A new connection shows the key; whether it's one that is known, and what becomes of the login, is no matter.
    async fn shown_key(&self, machine: &Machine) -> Result<Reply, HostError> {
        let name = machine.name();
        self.hang_up(&name).await;
        self.shared.shown.forget(&name);
        let way = self.way(machine).await?;
        match self.pool.link(&self.shared, way).await {
            Ok(_) => {}
            Err(
                HostError::UnknownKey { host, .. }
                | HostError::ChangedKey { host, .. }
                | HostError::Login { host, .. },
            ) if host == name => {}
            Err(error) => return Err(error),
        }
        let Some(shown) = self.shown(&name) else {
            return Err(self.unshown(name));
        };
        let reply = shown.fingerprint.reply();
        let asked = self.asked.lock();
        asked
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, shown);
        Ok(reply)
    }

    async fn trust_key(&self, machine: &Machine) -> Result<Reply, HostError> {
        let name = machine.name();
        let (files, _) = self.files(machine).await?;
        let Some(shown) = self.asked_for(&name) else {
            return Err(self.unshown(name));
        };
        let replaced = PublicKey::from_openssh(&shown.key)
            .map_err(|error| error.to_string())
            .and_then(|key| known::replace(&files, &key).map_err(|error| error.to_string()));
        if let Err(cause) = replaced {
            return Ok(Reply::failed(
                74,
                format!("known_hosts can't be changed: {cause}"),
            ));
        }
        self.hang_up(&name).await;
        Ok(Reply::default())
    }

    fn asked_for(&self, host: &str) -> Option<ShownKey> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(host).cloned()
    }

    /// The key that a host showed last.
    pub(super) fn shown(&self, host: &str) -> Option<ShownKey> {
        self.shared.shown.of(host)
    }

    fn unshown(&self, host: String) -> HostError {
        HostError::Unreachable {
            host,
            cause: "it has shown no key".to_owned(),
        }
    }
}
