//! What is at a path, as a row.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

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
    pub(crate) fn with_mode(mut self, wanted: &str) -> Self {
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

    /// Its line as `stat` prints it.
    pub(crate) fn line(&self) -> String {
        let (owner, group) = (&self.owner, &self.group);
        match &self.what {
            What::File {
                mode, size, sha256, ..
            } => {
                let size = size.map_or_else(|| "-".to_owned(), |size| size.to_string());
                format!("file {mode} {size} {sha256} {owner} {group}")
            }
            What::Directory { mode } => format!("directory {mode} {owner} {group}"),
            What::Link { target } => format!("link {owner} {group} {target}"),
            What::Other { mode } => format!("other {mode} {owner} {group}"),
        }
    }

    /// What a line of `stat` says; none for `absent`.
    pub(crate) fn of_line(line: &str) -> Result<Option<Self>, String> {
        let mut words = line.splitn(2, ' ');
        let kind = words.next().unwrap_or_default();
        let rest = words.next().unwrap_or_default();
        let words: Vec<&str> = rest
            .splitn(if kind == "link" { 3 } else { 5 }, ' ')
            .collect();
        let (what, owner, group) = match (kind, words.as_slice()) {
            ("absent", _) => return Ok(None),
            ("file", [mode, size, sha256, owner, group]) => {
                let what = What::File {
                    mode: (*mode).to_owned(),
                    size: match *size {
                        "-" => None,
                        size => {
                            let size = size.parse();
                            Some(size.map_err(|_| format!("'{line}' has no size"))?)
                        }
                    },
                    sha256: (*sha256).to_owned(),
                    content: None,
                };
                (what, owner, group)
            }
            ("link", [owner, group, target]) => {
                let target = (*target).to_owned();
                (What::Link { target }, owner, group)
            }
            ("directory", [mode, owner, group]) => {
                let mode = (*mode).to_owned();
                (What::Directory { mode }, owner, group)
            }
            ("other", [mode, owner, group]) => {
                let mode = (*mode).to_owned();
                (What::Other { mode }, owner, group)
            }
            _ => return Err(format!("'{line}' is no line of stat")),
        };
        Ok(Some(Self {
            what,
            owner: (*owner).to_owned(),
            group: (*group).to_owned(),
            changed: 0,
        }))
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
    fn a_line_says_what_made_it() {
        let all = [
            Entry::file("0644", b"text\n").owned("www-data", "-"),
            Entry::with_checksum("755", "ab01"),
            Entry::directory("755"),
            Entry::link("a b/c"),
        ];
        for entry in all {
            let mut read = Entry::of_line(&entry.line()).unwrap().unwrap();
            if let (What::File { content, .. }, What::File { content: own, .. }) =
                (&mut read.what, &entry.what)
            {
                content.clone_from(own);
            }
            assert_eq!(read, entry);
        }
        assert_eq!(Entry::of_line("absent"), Ok(None));
        assert!(Entry::of_line("nonsense").is_err());
    }
}
