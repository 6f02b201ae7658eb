//! Hashes with the journal's key: equal for equal values in one journal, and telling nothing about them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// HMAC-SHA-256 in hexadecimal.
pub(crate) fn keyed_hash(key: &[u8], value: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(value);
    hex::encode(mac.finalize().into_bytes())
}
