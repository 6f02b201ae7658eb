//! The keys that hosts showed in this run.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// A key that a host showed, whether it was taken or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownKey {
    /// The host's name.
    pub host: String,
    /// Where it was reached: `10.0.0.1:22`.
    pub place: String,
    /// The key's SHA-256 fingerprint: `SHA256:…`.
    pub fingerprint: String,
    /// The key as a `.pub` file has it.
    pub key: String,
}

/// The last key of each host.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown(Arc<Mutex<BTreeMap<String, ShownKey>>>);

impl Shown {
    pub(super) fn note(&self, key: ShownKey) {
        if let Ok(mut keys) = self.0.lock() {
            keys.insert(key.host.clone(), key);
        }
    }

    pub(super) fn forget(&self, host: &str) {
        if let Ok(mut keys) = self.0.lock() {
            keys.remove(host);
        }
    }

    pub(super) fn of(&self, host: &str) -> Option<ShownKey> {
        self.0.lock().ok().and_then(|keys| keys.get(host).cloned())
    }

    pub(super) fn all(&self) -> Vec<ShownKey> {
        self.0
            .lock()
            .map(|keys| keys.values().cloned().collect())
            .unwrap_or_default()
    }
}
