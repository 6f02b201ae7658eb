//! Tasks: their ids, states, ends.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The unique id of a task: `UPID:node:pid:pstart:starttime:type:id:user:`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Upid {
    /// The node that runs the task.
    pub node: String,
    /// The worker's process id.
    pub pid: u64,
    /// The start of that process in clock ticks since boot.
    pub pstart: u64,
    /// When the task started, in seconds since 1970.
    pub starttime: u64,
    /// The task's type: `clustercreate`, `srvreload` …
    pub kind: String,
    /// What it works on; may be empty.
    pub id: String,
    /// Who started it: `root@pam`, or `user@realm!token`.
    pub user: String,
}

/// Text that isn't a UPID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no task id; one reads UPID:node:pid:pstart:starttime:type:id:user:")]
pub struct UpidError(pub String);

impl FromStr for Upid {
    type Err = UpidError;

    fn from_str(text: &str) -> Result<Self, UpidError> {
        let broken = || UpidError(text.to_owned());
        let parts: Vec<&str> = text.split(':').collect();
        let ["UPID", node, pid, pstart, starttime, kind, id, user, ""] = parts[..] else {
            return Err(broken());
        };
        let hex = |part: &str| {
            let valid = part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit());
            u64::from_str_radix(part, 16)
                .ok()
                .filter(|_| valid)
                .ok_or_else(broken)
        };
        if node.is_empty() || kind.is_empty() || user.is_empty() {
            return Err(broken());
        }
        Ok(Self {
            node: node.to_owned(),
            pid: hex(pid)?,
            pstart: hex(pstart)?,
            starttime: hex(starttime)?,
            kind: kind.to_owned(),
            id: id.to_owned(),
            user: user.to_owned(),
        })
    }
}

impl TryFrom<String> for Upid {
    type Error = UpidError;

    fn try_from(text: String) -> Result<Self, UpidError> {
        text.parse()
    }
}

impl From<Upid> for String {
    fn from(upid: Upid) -> Self {
        upid.to_string()
    }
}

impl fmt::Display for Upid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            node,
            pid,
            pstart,
            starttime,
            kind,
            id,
            user,
        } = self;
        write!(
            f,
            "UPID:{node}:{pid:08X}:{pstart:08X}:{starttime:08X}:{kind}:{id}:{user}:"
        )
    }
}

/// What a task's status says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskStatus {
    /// The task still runs.
    Running,
    /// The task has ended: `OK`, `WARNINGS: n`, or an error text.
    Stopped(String),
}

impl TaskStatus {
    /// Whether an exit status is a success: `OK`, or `WARNINGS: n`.
    #[must_use]
    pub fn is_success(exitstatus: &str) -> bool {
        exitstatus == "OK" || exitstatus.starts_with("WARNINGS: ")
    }
}

/// What a followed task tells while it runs.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskEvent {
    /// One line of its log.
    Line(String),
    /// How far it is, in percent, read from a line of its log.
    Percent(f64),
}

/// How a followed task ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskEnd {
    /// `OK`, or `WARNINGS: n`.
    pub exitstatus: String,
    /// Its whole log, as far as it could be read.
    pub log: Vec<String>,
}

/// Reads how far a task is from a line of its log: `transferred 1.5 GiB of 2.0 GiB (75.00%)`, `20% complete`.
#[must_use]
pub(crate) fn percent(line: &str) -> Option<f64> {
    let end = line.rfind('%')?;
    let head = line[..end].trim_end();
    let start = head
        .rfind(|c: char| !c.is_ascii_digit() && c != '.')
        .map_or(0, |i| {
            i + head[i..].chars().next().map_or(1, char::len_utf8)
        });
    let value: f64 = head[start..].parse().ok()?;
    (0.0..=100.0).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_a_upid_as_it_was_read() {
        for text in [
            "UPID:pve1:0000C5A1:0007B0F2:67A1B2C3:clustercreate:lab:root@pam:",
            "UPID:pve2:0000C5A1:10007B0F2:67A1B2C3:clusterjoin::root@pam:",
            "UPID:pve1:0000C5A1:0007B0F2:67A1B2C3:srvreload:networking:a@pve!run:",
        ] {
            let upid: Upid = text.parse().unwrap();
            assert_eq!(upid.to_string(), text);
            let json = serde_json::to_string(&upid).unwrap();
            assert_eq!(serde_json::from_str::<Upid>(&json).unwrap(), upid);
        }
    }

    #[test]
    fn refuses_what_is_no_upid() {
        for text in [
            "",
            "UPID:",
            "UPID:pve1:1:2:3:x:y:z:",
            "UPID:pve1:0000C5A1:0007B0F2:67A1B2C3:x:y:root@pam",
        ] {
            assert!(text.parse::<Upid>().is_err(), "{text}");
        }
    }

    #[test]
    fn reads_percentages_from_log_lines() {
        assert_eq!(
            percent("transferred 1.5 GiB of 2.0 GiB (75.00%)"),
            Some(75.0)
        );
        assert_eq!(percent("INFO:  20% complete"), Some(20.0));
        assert_eq!(percent("50K ........ 12% 1.1M 3s"), Some(12.0));
        assert_eq!(percent("no figure %"), None);
        assert_eq!(percent("500%"), None);
    }

    #[test]
    fn warnings_are_a_success() {
        assert!(TaskStatus::is_success("OK") && TaskStatus::is_success("WARNINGS: 2"));
        assert!(!TaskStatus::is_success("job errors"));
    }
}
