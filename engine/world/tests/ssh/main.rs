//! The SSH side of the host port, against real sshd processes on loopback.
//!
//! The tests start sshd, make users (`hls-…`) and remove both again: they need root, openssh-server, openssh-client,
//! sudo, busybox, dash and fish.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "in a test a panic is the report"
)]

mod agent;
mod broken;
mod config;
mod host_keys;
mod jumps;
mod lab;
mod login;
mod many;
mod root;
mod server;
mod shells;
mod users;
