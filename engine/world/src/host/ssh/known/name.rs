//! Whether a host's name stands in a line: in clear, by a pattern, or hashed.

use formats::glob::fits_plainly;
use hmac::{Hmac, KeyInit as _, Mac};
use russh::keys::ssh_key::known_hosts::{Entry, HostPatterns};
use sha1::Sha1;

/// Whether a line is about a host.
pub(super) fn stands_in(name: &str, entry: &Entry) -> bool {
    match entry.host_patterns() {
        HostPatterns::Patterns(patterns) => {
            let matches = |pattern: &String| fits_plainly(&pattern.to_lowercase(), name);
            let negated = patterns.iter().filter_map(|word| word.strip_prefix('!'));
            !negated.map(ToOwned::to_owned).any(|word| matches(&word))
                && patterns.iter().any(matches)
        }
        HostPatterns::HashedName { salt, hash } => hashed(salt, name)[..] == hash[..],
    }
}

/// Whether a line names a host itself, and isn't a pattern that others fit, too.
pub(super) fn is_named_by(name: &str, entry: &Entry) -> bool {
    match entry.host_patterns() {
        HostPatterns::Patterns(patterns) => patterns.iter().any(|word| word.to_lowercase() == name),
        HostPatterns::HashedName { .. } => stands_in(name, entry),
    }
}

/// The hash of a name that a hashed line holds.
pub(super) fn hashed(salt: &[u8], name: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(salt).expect("a key of any length will do");
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
