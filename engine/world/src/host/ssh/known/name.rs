//! Whether a host's name stands in a line: in clear, by a pattern, or hashed.

use hmac::{Hmac, Mac};
use russh::keys::ssh_key::known_hosts::{Entry, HostPatterns};
use sha1::Sha1;

/// Whether a line is about a host.
pub(super) fn stands_in(name: &str, entry: &Entry) -> bool {
    match entry.host_patterns() {
        HostPatterns::Patterns(patterns) => {
            let matches = |pattern: &String| fits(&pattern.to_lowercase(), name);
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

/// Whether a name fits a pattern with `*` and `?`.
fn fits(pattern: &str, name: &str) -> bool {
    let Some(first) = pattern.chars().next() else {
        return name.is_empty();
    };
    let rest = &pattern[first.len_utf8()..];
    match (first, name.chars().next()) {
        ('*', None) => fits(rest, name),
        ('*', Some(next)) => fits(rest, name) || fits(pattern, &name[next.len_utf8()..]),
        ('?', Some(next)) => fits(rest, &name[next.len_utf8()..]),
        (_, Some(next)) if next == first => fits(rest, &name[next.len_utf8()..]),
        _ => false,
    }
}
