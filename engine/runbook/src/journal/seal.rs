//! Sealing: what a run needs again as it was, although it holds a secret's text.
//!
//! Text in which a secret's value stands is masked wherever it's kept. An intent, a step's value and a question are
//! compared and sent by a later invocation, so their unmasked form is kept beside the mask, encrypted with the
//! journal's key: entries, plans and events can be read by everybody, and the sealed form by whoever has the journal.

use std::fmt;

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use serde::{Deserialize, Serialize};

/// Bytes that can be read only with the key of their journal: nonce and ciphertext, in hexadecimal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Seals `plain`; the same bytes give the same seal, so that two runs that do the same are recorded alike.
    #[must_use]
    pub(crate) fn new(key: &[u8], plain: &[u8]) -> Self {
        let nonce = derived(key, "nonce", plain).as_ref()[..NONCE_LEN].to_vec();
        let mut bytes = plain.to_vec();
        let sealing = Nonce::try_assume_unique_for_key(&nonce).and_then(|nonce| {
            cipher(key)?.seal_in_place_append_tag(nonce, Aad::empty(), &mut bytes)
        });
        sealing.expect("a nonce of its length seals what fits into memory");
        Self(hex::encode([nonce, bytes].concat()))
    }

    /// What was sealed; nothing if it was with another key, or was changed since.
    #[must_use]
    pub(crate) fn open(&self, key: &[u8]) -> Option<Vec<u8>> {
        let bytes = hex::decode(&self.0).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = cipher(key)
            .ok()?
            .open_in_place(nonce, Aad::empty(), &mut sealed);
        plain.ok().map(|plain| plain.to_vec())
    }

    /// As it stands in a journal's file.
    #[must_use]
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Sealed {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, ring::error::Unspecified> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, derived(key, "seal", &[]).as_ref())?;
    Ok(LessSafeKey::new(key))
}

/// The journal's key is for hashes, too: each use has one of its own.
pub(super) fn derived(key: &[u8], what: &str, data: &[u8]) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, &[what.as_bytes(), b"\0", data].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_opens_what_was_not_changed() {
        let sealed = Sealed::new(b"key", b"a secret");
        assert_eq!(sealed, Sealed::new(b"key", b"a secret"));
        assert_eq!(sealed.open(b"key").unwrap(), b"a secret");
        assert_eq!(sealed.open(b"other"), None);
        let mut changed = sealed.as_str().to_owned();
        changed.replace_range(0..1, if changed.starts_with('0') { "1" } else { "0" });
        for broken in [&changed, "", "0", "abc", &sealed.as_str()[..30]] {
            assert_eq!(Sealed::from(broken).open(b"key"), None, "{broken}");
        }
    }
}
