//! What a lab is made of: the ports through which it is reached, their live side, and the facts of `docs/`.
//!
//! A [`World`] is a set of ports and a clock. Nothing above the ports knows whether a live lab, a twin or a
//! preview stands behind them: an operation probes, computes a change, and hands actions to its world.

pub mod clock;
pub mod code;
pub mod confidence;
pub mod docs;
pub mod door;
pub mod host;
pub mod install;
pub mod lab;
pub mod lease;
mod place;
pub mod private;
pub mod proxmox;
pub mod redact;
pub mod secret;
pub mod units;

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

pub use clock::Clock;
pub use confidence::{Confidence, Origin};
pub use place::Place;
pub use secret::Secret;

/// Identifies a world: `live`, or the id of a twin, renewed by `twin reset`.
///
/// Runs, recorded values and locks of one world are never used in another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorldId(pub String);

impl WorldId {
    /// The lab itself.
    #[must_use]
    pub fn live() -> Self {
        Self("live".to_owned())
    }
}

impl fmt::Display for WorldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What operations talk to: the ports of a live lab, a twin or a preview.
#[derive(Clone)]
pub struct World {
    /// Which world this is; a preview has the id of the world that it lies over.
    pub id: WorldId,
    /// The Proxmox VE API of every node.
    pub proxmox: Arc<dyn proxmox::Port>,
    /// Hosts by name; the machine that homelab runs on is the host `operator`.
    pub hosts: Arc<dyn host::Port>,
    /// Who gives answer files to machines that have no system yet.
    pub installer: Arc<dyn install::Installer>,
    /// Who uses the world, and whether it's still there.
    pub lease: Arc<dyn lease::Port>,
    /// Time: real, simulated, or that of a preview.
    pub clock: Arc<dyn Clock>,
}
