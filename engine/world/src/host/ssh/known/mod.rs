//! known_hosts files: what they say about a host's key, and how they change.

mod edit;
mod name;

use std::path::PathBuf;

use russh::keys::{
    Algorithm, HashAlg, PublicKey,
    ssh_key::{
        Fingerprint,
        known_hosts::{Entry, Marker},
    },
};

pub(super) use edit::{add, replace};

use super::config::Config;

/// Where keys are known from, and under which name a host stands there.
#[derive(Clone, Debug)]
pub(super) struct KnownFiles {
    pub(super) name: String,
    pub(super) own: Vec<PathBuf>,
    pub(super) global: Vec<PathBuf>,
    pub(super) hash_names: bool,
}

impl KnownFiles {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            name: config.known_name(),
            own: config.own_known.clone(),
            global: config.global_known.clone(),
            hash_names: config.hash_names,
        }
    }

    /// The lines about the host. A file that isn't there, or a line that can't be read, says nothing.
    pub(super) fn lines(&self) -> Lines {
        let mut lines = Vec::new();
        for file in self.own.iter().chain(&self.global) {
            let text = std::fs::read(file).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let read = text.lines().enumerate().filter_map(|(at, line)| {
                let entry = entry(line).filter(|entry| name::stands_in(&self.name, entry))?;
                let place = format!("{}:{}", file.display(), at + 1);
                Some(Line { entry, place })
            });
            lines.extend(read);
        }
        Lines(lines)
    }
}

/// What a line says; none if it's empty, a comment or unreadable.
fn entry(line: &str) -> Option<Entry> {
    let line = line.trim();
    (!line.is_empty() && !line.starts_with('#'))
        .then(|| line.replace('\t', " ").parse().ok())
        .flatten()
}

/// A line about a host, and where it stands.
struct Line {
    entry: Entry,
    place: String,
}

/// How a key stands to what is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Known,
    Unknown,
    Changed { known: String, place: String },
    Revoked { place: String },
}

/// All lines about a host.
pub(super) struct Lines(Vec<Line>);

impl Lines {
    fn marked(&self, marker: Option<Marker>) -> impl Iterator<Item = &Line> {
        self.0
            .iter()
            .filter(move |line| line.entry.marker().copied() == marker)
    }

    /// The fingerprints of the keys that are known.
    pub(super) fn fingerprints(&self) -> Vec<String> {
        self.marked(None)
            .map(|line| fingerprint(line.entry.public_key()))
            .collect()
    }

    /// Where a key is revoked.
    pub(super) fn revoked(&self, key: &PublicKey) -> Option<String> {
        self.marked(Some(Marker::Revoked))
            .find(|line| line.entry.public_key().key_data() == key.key_data())
            .map(|line| line.place.clone())
    }

    /// How a key stands to the known ones. One of another kind than all of them has changed, too: whoever stands
    /// between would else need no more than another kind.
    pub(super) fn standing(&self, key: &PublicKey) -> Standing {
        if let Some(place) = self.revoked(key) {
            return Standing::Revoked { place };
        }
        let is_same = |line: &&Line| line.entry.public_key().key_data() == key.key_data();
        if self.marked(None).any(|line| is_same(&line)) {
            return Standing::Known;
        }
        let is_kind = |line: &&Line| line.entry.public_key().algorithm() == key.algorithm();
        let known = self.marked(None).find(is_kind);
        match known.or_else(|| self.marked(None).next()) {
            Some(line) => Standing::Changed {
                known: fingerprint(line.entry.public_key()),
                place: line.place.clone(),
            },
            None => Standing::Unknown,
        }
    }

    /// The authorities whose certificates the host may show.
    pub(super) fn authorities(&self) -> Vec<Fingerprint> {
        self.marked(Some(Marker::CertAuthority))
            .map(|line| line.entry.public_key().fingerprint(HashAlg::Sha256))
            .collect()
    }

    /// The kinds of the known keys: a host that has several keys is asked for one of these.
    pub(super) fn kinds(&self) -> Vec<Algorithm> {
        self.marked(None)
            .map(|line| line.entry.public_key().algorithm())
            .collect()
    }
}

/// The fingerprint of a key as OpenSSH prints it.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

#[cfg(test)]
mod tests;
