//! What a run learned.

use world::clock::Moment;

use super::{Entry, Fact, OperationKey, Stored};

/// A fact, with where and when it was learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The fact.
    pub fact: Fact,
    /// The operation that saw it.
    pub operation: OperationKey,
    /// When, by the world's clock.
    pub at: Moment,
}

/// What a run learned, in the order in which it did.
#[must_use]
pub fn learned(entries: &[Stored]) -> Vec<Learned> {
    let of = |stored: &Stored| match &stored.entry {
        Entry::Learned(learned) => Some(Learned {
            fact: learned.fact.clone(),
            operation: learned.operation.clone(),
            at: stored.at,
        }),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}
