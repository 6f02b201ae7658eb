//! What is at a path, as a row.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use world::host::verb::{self, Attributes};

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(flatten)]
    pub(crate) what: What,
    /// Its owner.
    pub(crate) owner: String,
    /// Its group.
    pub(crate) group: String,
    /// When it was last changed: microseconds since 1970.
    #[serde(default)]
    pub(crate) changed: u64,
}

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum What {
    /// A file.
    File {
        mode: String,
        /// None where only the checksum was ever given.
        size: Option<u64>,
        sha256: String,
        /// In Base64; none where a preview hasn't read it, or only the checksum was ever given.
        content: Option<String>,
    },
    /// A folder.
    Directory { mode: String },
    /// A symbolic link.
    Link { target: String },
    /// A device, a socket, a pipe.
    Other { mode: String },
}

impl Entry {
    /// A file of root's.
    pub(crate) fn file(mode: &str, content: &[u8]) -> Self {
        Self::of(What::File {
            mode: plain(mode),
            size: Some(content.len() as u64),
            sha256: hex::encode(Sha256::digest(content)),
            content: Some(STANDARD.encode(content)),
        })
    }

    /// A file of root's of which only the checksum is known.
    pub(crate) fn with_checksum(mode: &str, sha256: &str) -> Self {
        Self::of(What::File {
            mode: plain(mode),
            size: None,
            sha256: sha256.to_owned(),
            content: None,
        })
    }

    /// A folder of root's.
    pub(crate) fn directory(mode: &str) -> Self {
        Self::of(What::Directory { mode: plain(mode) })
    }

    /// A link of root's.
    pub(crate) fn link(target: &str) -> Self {
        Self::of(What::Link {
            target: target.to_owned(),
        })
    }

    fn of(what: What) -> Self {
        Self {
            what,
            owner: "root".to_owned(),
            group: "root".to_owned(),
            changed: 0,
        }
    }

    /// The same with other attributes; `-` leaves one as it is.
    #[must_use]
    pub(crate) fn with(self, attributes: &Attributes) -> Self {
        let Attributes { mode, owner, group } = attributes;
        self.owned(owner, group).with_mode(mode)
    }

    /// The same with another owner and group; `-` leaves one as it is.
    #[must_use]
    pub(crate) fn owned(mut self, owner: &str, group: &str) -> Self {
        for (own, wanted) in [(&mut self.owner, owner), (&mut self.group, group)] {
            if wanted != "-" {
                wanted.clone_into(own);
            }
        }
        self
    }

    /// The same with another mode; `-` leaves it as it is.
    #[must_use]
    fn with_mode(mut self, wanted: &str) -> Self {
        if let What::File { mode, .. } | What::Directory { mode } | What::Other { mode } =
            &mut self.what
            && wanted != "-"
        {
            *mode = plain(wanted);
        }
        self
    }

    /// A file's bytes; none for what is no file, or one whose bytes weren't read.
    pub(crate) fn content(&self) -> Option<Bytes> {
        match &self.what {
            What::File { content, .. } => {
                let bytes = STANDARD.decode(content.as_ref()?).ok()?;
                Some(bytes.into())
            }
            _ => None,
        }
    }

    /// What `stat` tells of it.
    pub(crate) fn told(&self) -> verb::Entry {
        let attributes = |mode: &str| Attributes::new(mode, &self.owner, &self.group);
        match &self.what {
            What::File {
                mode, size, sha256, ..
            } => verb::Entry::File {
                size: *size,
                sha256: sha256.clone(),
                attributes: attributes(mode),
            },
            What::Directory { mode } => verb::Entry::Directory(attributes(mode)),
            What::Link { target } => verb::Entry::Link {
                owner: self.owner.clone(),
                group: self.group.clone(),
                target: target.clone(),
            },
            What::Other { mode } => verb::Entry::Other(attributes(mode)),
        }
    }

    /// What `stat` told; none for nothing.
    pub(crate) fn of_told(told: verb::Entry) -> Option<Self> {
        let (what, owner, group) = match told {
            verb::Entry::Absent => return None,
            verb::Entry::File {
                size,
                sha256,
                attributes: Attributes { mode, owner, group },
            } => (
                What::File {
                    mode,
                    size,
                    sha256,
                    content: None,
                },
                owner,
                group,
            ),
            verb::Entry::Directory(Attributes { mode, owner, group }) => {
                (What::Directory { mode }, owner, group)
            }
            verb::Entry::Link {
                owner,
                group,
                target,
            } => (What::Link { target }, owner, group),
            verb::Entry::Other(Attributes { mode, owner, group }) => {
                (What::Other { mode }, owner, group)
            }
        };
        Some(Self {
            what,
            owner,
            group,
            changed: 0,
        })
    }
}

/// A mode without leading zeros, as `stat` prints it.
fn plain(mode: &str) -> String {
    let short = mode.trim_start_matches('0');
    if short.is_empty() { "0" } else { short }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_says_what_made_it() {
        let all = [
            Entry::file("0644", b"text\n").owned("www-data", "-"),
            Entry::with_checksum("755", "ab01"),
            Entry::directory("755"),
            Entry::link("a b/c"),
        ];
        for entry in all {
            let mut read = Entry::of_told(entry.told()).unwrap();
            if let (What::File { content, .. }, What::File { content: own, .. }) =
                (&mut read.what, &entry.what)
            {
                content.clone_from(own);
            }
            assert_eq!(read, entry);
        }
        assert_eq!(Entry::of_told(verb::Entry::Absent), None);
    }
}
