//! A preview: the model laid over a world. It's filled through the world's reads alone, on first touch; what a
//! plan writes stays in the model.
//!
//! Nothing but `GET`, `POST /access/ticket` and verbs that are marked read is ever sent to the world below.

mod caller;
mod cells;
mod clock;
mod digests;
mod driver;
mod figures;
mod fill;
mod homes;
mod hosts;
mod installer;
mod login;
mod observed;
mod port;
mod reader;
mod rows;
mod state;
mod trusted;
mod unseen;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use world::World;

use self::{
    clock::PreviewClock, driver::Preview, hosts::PreviewHosts, installer::PreviewInstaller,
    port::PreviewPort, trusted::Trusted,
};
use crate::facts::LabFacts;

/// The id of the world that a preview's model takes itself for.
pub(crate) const PREVIEW: &str = "preview";

/// Lays a preview over a world. One preview serves several runbooks in a row: each sees what the others would
/// have made.
#[must_use]
pub fn over(below: World) -> World {
    over_lab(below, &LabFacts::default())
}

/// Lays a preview over a world of which docs say what can be read nowhere yet: what appliances offer, as the sizes
/// of an iSCSI target's units, and what a machine is made of that a plan would install.
#[must_use]
pub fn over_lab(below: World, facts: &LabFacts) -> World {
    let clock = PreviewClock::over(below.clock);
    let preview = Preview::over(below.proxmox, clock.clone(), facts);
    World {
        id: below.id.clone(),
        hosts: Arc::new(PreviewHosts {
            below: below.hosts,
            preview: Arc::clone(&preview),
            trusted: Trusted::default(),
        }),
        installer: Arc::new(PreviewInstaller(Arc::clone(&preview))),
        lease: below.lease,
        proxmox: Arc::new(PreviewPort(preview)),
        clock: Arc::new(clock),
    }
}
