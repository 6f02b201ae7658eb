//! The tests that use homelab as a user does, a file for each feature.

#![expect(
    clippy::unwrap_used,
    reason = "what a test can't set up is a failed test"
)]

mod chains;
mod check;
mod commands;
mod ctrl_c;
mod docs;
mod docs_sync;
mod edits;
mod equality;
mod faults;
mod gated;
mod gone;
mod half_done;
mod host_faults;
mod input;
mod install;
mod interrupt;
mod journal;
mod lines;
mod network;
mod phase1;
mod readable;
mod reports;
mod run;
mod scripted;
mod second_lab;
mod secrets;
mod support;
mod twin;
mod worlds;
