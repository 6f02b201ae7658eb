//! What answers a verb, and how a preview fills the rows that it answers from.

use model::Stop;
use serde_json::Value;
use world::host::{Call, Reply};

use super::Host;

/// Answers a call of one verb.
pub(crate) type Handler = fn(&mut Host<'_, '_>, &Call) -> Result<Reply, Stop>;

/// How a preview fills the row of an id of a kind from a host's own answers.
pub struct Filling {
    /// The kind.
    pub kind: &'static str,
    /// The calls to make next, by the replies so far; none when all was read.
    pub reads: fn(&str, &[Reply]) -> Vec<Call>,
    /// The row in the replies; none if there is none.
    pub load: fn(&str, &[Reply]) -> Loaded,
}

/// A row as it was read, or why it can't be known.
pub type Loaded = Result<Option<Value>, String>;
