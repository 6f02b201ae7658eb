//! The machine that homelab runs on.

/// The host `operator`.
#[derive(Debug)]
pub struct Operator {}
