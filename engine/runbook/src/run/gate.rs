//! Points at which a run may be killed. A test holds the process there; otherwise they cost nothing.

use std::fmt;

/// Passes, or never returns.
pub trait Gate: Send + Sync {
    /// Called at a kill point; `point` says which, its kind before a colon: `before append intent proxmox::pool::ensure`,
    /// `after write proxmox::pool::ensure: POST /pools on pve1`, `wait`.
    fn pass(&self, point: &dyn fmt::Display);
}

/// Every point is passed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Open;

impl Gate for Open {
    fn pass(&self, _point: &dyn fmt::Display) {}
}
