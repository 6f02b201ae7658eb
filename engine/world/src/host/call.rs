//! One call of a verb, as data, and its reply.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Parts, Verb};
use crate::Confidence;

/// Folders whose files show or change something else.
const SPECIAL: [&str; 5] = ["/proc/", "/sys/", "/dev/", "/var/lib/dpkg/", CLUSTER];

/// The folder that all nodes of a cluster have in common.
const CLUSTER: &str = "/etc/pve/";

/// How much of a reply's output is kept; what comes after it is counted, not kept.
pub(super) const OUTPUT: usize = 16 << 20;

/// Who a call is carried out as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// `root`: through sudo where the login is somebody else's.
    #[default]
    Root,
    /// Whoever logs in.
    Login,
}

/// One framed call: `VERB ARGS [INPUT]`.
///
/// Arguments are plain text and may be recorded; what is secret or large travels as `input`, which is
/// recorded by its SHA-256 alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The verb.
    pub verb: Verb,
    /// Its arguments, in the order that the verb's table row names.
    pub args: Vec<String>,
    /// What the verb reads from standard input.
    #[serde(skip)]
    pub input: Bytes,
    /// Who it's carried out as.
    #[serde(default, skip_serializing_if = "is_root")]
    pub who: Who,
    /// Under what its host records a tracked call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// How long its reply may take; none: as long as its verb may.
    #[serde(skip)]
    pub timeout: Option<Duration>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands it over by reference"
)]
fn is_root(who: &Who) -> bool {
    *who == Who::Root
}

impl Call {
    /// A call of `verb` without input.
    pub fn new<A: Into<String>>(verb: Verb, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            verb,
            args: args.into_iter().map(Into::into).collect(),
            input: Bytes::new(),
            who: Who::Root,
            token: None,
            timeout: None,
        }
    }

    /// A call of a verb that takes no arguments.
    #[must_use]
    pub fn bare(verb: Verb) -> Self {
        Self::new(verb, [] as [&str; 0])
    }

    /// The argument at a place, from 0; `-`, which stands for nothing, where there is none.
    #[must_use]
    pub fn argument(&self, place: usize) -> &str {
        self.args.get(place).map_or("-", String::as_str)
    }

    /// What the call may change, of its host and of every other: hosts share file systems, disks and networks, one
    /// machine may have several names, and the machine that homelab runs on may be one of them.
    #[must_use]
    pub fn changes(&self) -> Parts {
        // Some files are no files.
        let is_special = |arg: &String| SPECIAL.iter().any(|folder| arg.starts_with(folder));
        if self.verb.parts().meets(Parts::FILES) && self.args.iter().any(is_special) {
            return Parts::ALL;
        }
        self.verb.parts()
    }

    /// The same call with input.
    #[must_use]
    pub fn with_input(mut self, input: impl Into<Bytes>) -> Self {
        self.input = input.into();
        self
    }

    /// The same call as another user.
    #[must_use]
    pub const fn as_who(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    /// The same call with another limit of time.
    #[must_use]
    pub const fn within(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

/// What a verb answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The verb's exit status; 0 is success, 127 an unknown verb.
    pub status: i32,
    /// Standard output, byte for byte, up to a limit.
    pub output: Bytes,
    /// How many bytes of output were left out behind `output`.
    pub cut: u64,
    /// The last lines of standard error.
    pub error: String,
    /// How sure the reply is.
    pub confidence: Confidence,
}

impl Reply {
    /// A success that prints `output`.
    #[must_use]
    pub fn success(output: impl Into<Bytes>) -> Self {
        Self {
            output: output.into(),
            ..Self::default()
        }
    }

    /// A verb that failed, with what it said.
    #[must_use]
    pub fn failed(status: i32, error: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
            ..Self::default()
        }
    }

    /// The same reply, if it's less sure than it was.
    #[must_use]
    pub fn weaker(mut self, confidence: Confidence) -> Self {
        self.confidence = self.confidence.weaker(confidence);
        self
    }

    /// The same reply with as much of its output as is kept of any.
    #[must_use]
    pub fn limited(mut self) -> Self {
        let kept = self.output.len().min(OUTPUT);
        self.cut += (self.output.len() - kept) as u64;
        self.output.truncate(kept);
        self
    }

    /// Standard output as text, each broken byte sequence replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}
