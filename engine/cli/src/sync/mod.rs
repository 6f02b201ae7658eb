//! What runs learned, compared with docs: which facts count, which cells differ, the edits as a diff, and writing them.

mod diff;
mod known;
mod offer;
mod write;

pub(crate) use diff::diff;
pub(crate) use known::{Known, known, of_run, of_world};
pub(crate) use offer::{Columns, Left, Offer, Offered, Why};
pub(crate) use write::write;
