//! The prelude, and the framing of calls to a long-lived `sh`.

use sha2::{Digest, Sha256};

/// The functions that a host's `sh` gets once per connection: one a verb, in POSIX sh.
pub const PRELUDE: &str = include_str!("prelude.sh");

/// The SHA-256 of the prelude in hexadecimal: a server that models hosts knows it by this.
#[must_use]
pub fn prelude_hash() -> String {
    hex::encode(Sha256::digest(PRELUDE))
}
