//! The tests that use homelab as a user does, a file for each feature.

#![expect(
    clippy::unwrap_used,
    reason = "what a test can't set up is a failed test"
)]

mod check;
mod commands;
mod interrupt;
mod run;
mod support;
mod twin;
