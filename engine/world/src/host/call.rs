//! One call of a verb, as data, and its reply.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Verb;
use crate::Confidence;

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
}

impl Call {
    /// A call of `verb` without input.
    pub fn new<A: Into<String>>(verb: Verb, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            verb,
            args: args.into_iter().map(Into::into).collect(),
            input: Bytes::new(),
        }
    }

    /// The same call with input.
    #[must_use]
    pub fn with_input(mut self, input: impl Into<Bytes>) -> Self {
        self.input = input.into();
        self
    }
}

/// What a verb answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The verb's exit status; 0 is success, 127 an unknown verb.
    pub status: i32,
    /// Standard output, byte for byte.
    pub output: Bytes,
    /// The last lines of standard error.
    pub error: String,
    /// How sure the reply is.
    pub confidence: Confidence,
}

impl Reply {
    /// Standard output as text, each broken byte sequence replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}
