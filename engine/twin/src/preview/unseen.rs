//! What a world is beyond its rows where nobody can look at it yet.

use model::{Fault, HostEffect, Reality, Stop, Tx};
use world::Origin;

/// The reality of a preview: what happens on hosts isn't seen yet, and what docs don't name may be there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unseen;

impl Reality for Unseen {
    fn happen(&self, effect: &HostEffect, host: &str, tx: &mut Tx<'_>) -> Result<(), Stop> {
        let (key, what) = effect.shown(host);
        Ok(tx.rows.lose(&key, Origin::of(what))?)
    }

    fn undocumented(&self, what: String) -> Result<(), Stop> {
        Err(Stop::Fault(Fault::Unknown(Origin::of(what))))
    }
}
