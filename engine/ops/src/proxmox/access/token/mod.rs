//! API tokens: made or renewed with their secret kept, and tested.

pub(crate) mod check;
pub(crate) mod ensure;
mod kept;
