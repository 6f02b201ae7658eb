//! What runs learned, compared with docs: which facts count, which cells differ, and docs as they would be.

mod known;
mod offer;

pub use known::{KnownFact, known, of_run, of_world};
pub use offer::{Columns, Left, Offer, Offered, Why};
