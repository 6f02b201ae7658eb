//! The automated installer, played: bare machines, what they tell of themselves, and what an answer file makes of
//! them.

mod bare;
mod chosen;
mod fetch;
mod tells;

use futures_util::future::BoxFuture;
use world::install::{InstallError, Installer, Offer, Offered};

pub(crate) use bare::{Machine, is_installed, plant_bare};
pub(crate) use chosen::Chosen;
pub use fetch::Url;
pub(crate) use tells::tells;

use crate::twin::Twin;

/// The installer port of a twin in process: its machines ask the desk when time passes.
pub(crate) struct TwinInstaller(pub(crate) Twin);

impl Installer for TwinInstaller {
    fn offer(&self, offer: Offer) -> BoxFuture<'_, Result<Offered, InstallError>> {
        Box::pin(async move { Ok(self.0.inner.desk.lay(offer)) })
    }
}
