//! What operations on hosts ask, and what an answer that is a failure becomes.

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::host::{Call, OPERATOR, Reply, Verb};

/// The status of a read of what isn't there.
pub(super) const ABSENT: i32 = 66;

/// A probe that has to succeed.
///
/// # Errors
/// No reply came, or the verb failed.
pub(super) async fn ask(operation: &Operation, host: &str, call: Call) -> Result<Reply, Halt> {
    let verb = call.verb;
    let reply = operation.ask(host, call).await?;
    match reply.status {
        0 => Ok(reply),
        _ => Err(failed(host, verb, &reply).into()),
    }
}

/// A verb that failed.
pub(super) fn failed(host: &str, verb: Verb, reply: &Reply) -> Failure {
    let text = format!(
        "{} failed on host {host} with status {}",
        verb.shown(),
        reply.status
    );
    let failure = Failure::new("homelab::host::failed", text);
    match reply.error.trim() {
        "" => failure,
        said => failure.cause(said.to_owned()),
    }
}

/// What is at a path, as `stat` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nothing.
    Absent,
    /// A file.
    File {
        /// Its size in bytes; none where nobody knows it.
        size: Option<u64>,
        /// Its SHA-256 in hexadecimal.
        sha256: String,
        /// Mode and owners.
        attributes: Attributes,
    },
    /// A folder.
    Directory(Attributes),
    /// A symbolic link.
    Link {
        /// Where it points.
        target: String,
    },
    /// A device, a socket, a pipe.
    Other,
}

/// Mode, owner and group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attributes {
    /// In octal, without leading zeros.
    pub(super) mode: String,
    /// The owner's name.
    pub(super) owner: String,
    /// The group's name.
    pub(super) group: String,
}

impl Attributes {
    /// A mode, and root's.
    pub(super) fn of_root(mode: &str) -> Self {
        Self::new(mode, "root", "root")
    }

    fn new(mode: &str, owner: &str, group: &str) -> Self {
        Self {
            mode: mode.to_owned(),
            owner: owner.to_owned(),
            group: group.to_owned(),
        }
    }
}

impl Entry {
    /// What it is, in a word.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::File { .. } => "a file",
            Self::Directory(_) => "a folder",
            Self::Link { .. } => "a symbolic link",
            Self::Other => "a special file",
        }
    }

    /// What a line of `stat` says.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        Some(match words.as_slice() {
            ["absent"] => Self::Absent,
            ["file", mode, size, sha256, owner, group] => Self::File {
                size: match *size {
                    "-" => None,
                    size => Some(size.parse().ok()?),
                },
                sha256: (*sha256).to_owned(),
                attributes: Attributes::new(mode, owner, group),
            },
            ["directory", mode, owner, group] => {
                Self::Directory(Attributes::new(mode, owner, group))
            }
            ["link", _, _, target @ ..] => Self::Link {
                target: target.join(" "),
            },
            ["other", ..] => Self::Other,
            _ => return None,
        })
    }
}

/// What is at a path.
///
/// # Errors
/// No reply came, or the folder above may not be searched.
pub(super) async fn stat(operation: &Operation, host: &str, path: &str) -> Result<Entry, Halt> {
    let reply = ask(operation, host, Call::new(Verb::STAT, [path])).await?;
    let text = reply.text();
    let entry = Entry::parse(text.trim_end_matches('\n'));
    entry.ok_or_else(|| failed(host, Verb::STAT, &reply).cause(text).into())
}

/// The bytes of a file that is to be edited; none if it isn't there.
///
/// # Errors
/// No reply came, or the file can't be read whole.
pub(super) async fn bytes(
    operation: &Operation,
    host: &str,
    path: &str,
) -> Result<Option<Vec<u8>>, Halt> {
    let reply = operation.ask(host, Call::new(Verb::READ, [path])).await?;
    match reply.status {
        0 if reply.cut == 0 => Ok(Some(reply.output.to_vec())),
        ABSENT => Ok(None),
        _ => {
            let failure = failed(host, Verb::READ, &reply);
            let text = format!(
                "{path} is {} bytes longer than what is read of a file",
                reply.cut
            );
            Err(match reply.cut {
                0 => failure,
                _ => failure.cause(text),
            }
            .into())
        }
    }
}

/// The text of a file; none if it isn't there, or is no text.
///
/// # Errors
/// No reply came, or the file can't be read.
pub(super) async fn text(
    operation: &Operation,
    host: &str,
    path: &str,
) -> Result<Option<String>, Halt> {
    let reply = operation.ask(host, Call::new(Verb::READ, [path])).await?;
    match reply.status {
        0 if reply.cut == 0 => Ok(String::from_utf8(reply.output.to_vec()).ok()),
        0 | ABSENT => Ok(None),
        _ => Err(failed(host, Verb::READ, &reply).into()),
    }
}

/// A text file of the lab, such as a template; none if there is none. What the run's world has there comes first.
///
/// # Errors
/// The operator's files can't be read.
pub(super) async fn lab_text(operation: &Operation, path: &str) -> Result<Option<String>, Halt> {
    let own = || std::fs::read_to_string(operation.run().lab.join(path)).ok();
    Ok(text(operation, OPERATOR, path).await?.or_else(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_of_stat() {
        let attributes = Attributes::new("644", "root", "adm");
        for (line, entry) in [
            ("absent", Entry::Absent),
            (
                "directory 644 root adm",
                Entry::Directory(attributes.clone()),
            ),
            (
                "file 644 12 abc root adm",
                Entry::File {
                    size: Some(12),
                    sha256: "abc".to_owned(),
                    attributes,
                },
            ),
            (
                "link root root /a b",
                Entry::Link {
                    target: "/a b".to_owned(),
                },
            ),
            ("other 660 root disk", Entry::Other),
        ] {
            assert_eq!(Entry::parse(line), Some(entry), "{line}");
        }
        assert_eq!(Entry::parse("file 644"), None);
    }
}
