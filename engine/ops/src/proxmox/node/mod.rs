//! Nodes: whether one can be worked with, what hands have to set in its firmware, and its installation.

pub(super) mod certificates;
pub(crate) mod check;
pub(crate) mod firmware;
pub(crate) mod install;
mod known_keys;
