//! Who watches a connection from inside: checks the host's key, and keeps why the connection ended.

use std::sync::{Arc, Mutex};

use russh::{
    client::{DisconnectReason, Handler},
    keys::{Certificate, PublicKey, PublicKeyOrCertificate, ssh_key::certificate::CertType},
};

use super::{
    NewKeys,
    known::{self, KnownFiles, Standing, fingerprint},
    shown::{Shown, ShownKey},
    words,
};
use crate::{Clock, clock::RealClock, host::HostError};

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Refusal {
    Ssh(russh::Error),
    Host(HostError),
}

impl From<russh::Error> for Refusal {
    fn from(error: russh::Error) -> Self {
        Self::Ssh(error)
    }
}

/// A key that is known from elsewhere than known_hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pin {
    pub(super) fingerprint: String,
    /// Where it's known from.
    pub(super) place: &'static str,
}

impl Pin {
    /// Whether a fingerprint is this one; `SHA256:` and the padding may be left out.
    fn is(&self, shown: &str) -> bool {
        let bare = |text: &str| {
            let text = text.trim().trim_end_matches('=');
            text.strip_prefix("SHA256:").unwrap_or(text).to_owned()
        };
        bare(&self.fingerprint) == bare(shown)
    }
}

/// Why a connection ended, as soon as it's known.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(Arc<Mutex<Option<String>>>);

impl Ending {
    pub(super) fn set(&self, cause: String) {
        if let Ok(mut kept) = self.0.lock() {
            kept.get_or_insert(cause);
        }
    }

    pub(super) fn get(&self) -> Option<String> {
        self.0.lock().ok().and_then(|kept| kept.clone())
    }
}

/// Who watches a connection from inside.
#[derive(Clone)]
pub(super) struct Watcher {
    /// The host's name.
    pub(super) name: String,
    /// Where it's reached.
    pub(super) place: String,
    pub(super) known: KnownFiles,
    pub(super) pin: Option<Pin>,
    pub(super) new_keys: NewKeys,
    /// What its SSH configuration says of keys and isn't followed.
    pub(super) unfollowed: Vec<String>,
    pub(super) shown: Shown,
    pub(super) ending: Ending,
}

impl Watcher {
    fn judge(&self, shown: &PublicKeyOrCertificate) -> Result<(), HostError> {
        let key = shown.public_key();
        let print = fingerprint(&key);
        self.shown.note(ShownKey {
            host: self.name.clone(),
            place: self.place.clone(),
            key: key.to_openssh().unwrap_or_default().trim().to_owned(),
            fingerprint: print.clone(),
        });
        let lines = self.known.lines();
        if let Some(place) = lines.revoked(&key) {
            return Err(self.revoked(&print, &place));
        }
        if let Some(pin) = &self.pin {
            return if pin.is(&print) {
                Ok(())
            } else {
                Err(self.changed(print, pin.fingerprint.clone(), pin.place.to_owned()))
            };
        }
        if let Some(certificate) = shown.certificate()
            && self.vouches(certificate, &lines)
        {
            return Ok(());
        }
        match lines.standing(&key) {
            Standing::Known => Ok(()),
            Standing::Changed { known, place } => Err(self.changed(print, known, place)),
            Standing::Revoked { place } => Err(self.revoked(&print, &place)),
            Standing::Unknown => self.meet(&key, print),
        }
    }

    /// Whether an authority of the known_hosts files has signed a certificate for this host.
    fn vouches(&self, certificate: &Certificate, lines: &known::Lines) -> bool {
        let authorities = lines.authorities();
        let authority = PublicKey::new(certificate.signature_key().clone(), "");
        let name = self.known.name.trim_start_matches('[');
        let name = name.split_once("]:").map_or(name, |(host, _)| host);
        certificate.cert_type() == CertType::Host
            && certificate.critical_options().is_empty()
            && certificate
                .valid_principals()
                .iter()
                .any(|principal| principal == name)
            && lines.revoked(&authority).is_none()
            && certificate
                .validate_at(RealClock.now().seconds(), &authorities)
                .is_ok()
    }

    /// What is done with a key that nobody knows.
    fn meet(&self, key: &PublicKey, mut shown: String) -> Result<(), HostError> {
        if self.new_keys == NewKeys::Refuse {
            let host = self.name.clone();
            for setting in &self.unfollowed {
                shown += &format!(
                    "; `{setting}` of its SSH configuration isn't followed: keys are always checked"
                );
            }
            return Err(HostError::UnknownKey { host, shown });
        }
        known::add(&self.known, key).map_err(|error| HostError::Unreachable {
            host: self.name.clone(),
            cause: format!("its key {shown} can't be added to the known_hosts file: {error}"),
        })
    }

    fn changed(&self, shown: String, known: String, place: String) -> HostError {
        HostError::ChangedKey {
            host: self.name.clone(),
            shown,
            known,
            place,
        }
    }

    fn revoked(&self, shown: &str, place: &str) -> HostError {
        HostError::Unreachable {
            host: self.name.clone(),
            cause: format!("it shows the key {shown}, which is revoked ({place})"),
        }
    }
}

impl Handler for Watcher {
    type Error = Refusal;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Refusal> {
        self.judge(shown).map(|()| true).map_err(Refusal::Host)
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Refusal>) -> Result<(), Refusal> {
        self.ending.set(match &reason {
            DisconnectReason::ReceivedDisconnect(info) if !info.message.is_empty() => {
                format!("it said: {}", info.message.trim())
            }
            DisconnectReason::ReceivedDisconnect(_) => "it hung up".to_owned(),
            DisconnectReason::Error(refusal) => words::refusal(refusal),
        });
        Ok(())
    }
}
