//! The installer port of a preview: a machine becomes what its answer file and its rows in docs say.

use futures_util::future::BoxFuture;
use model::{Fault, founded_domain, kind, node_domain};
use serde_json::json;
use std::sync::Arc;
use world::{
    Clock as _,
    install::{Desk, InstallError, Installer, Offer, Offered},
};

use super::{driver::Preview, state::State};
use crate::{facts::Start, install::Chosen, seed};

/// The installer port of a preview.
pub(super) struct PreviewInstaller(pub(super) Arc<Preview>);

impl Installer for PreviewInstaller {
    fn offer(&self, offer: Offer) -> BoxFuture<'_, Result<Offered, InstallError>> {
        Box::pin(async move {
            self.0.install(&offer)?;
            Ok(Desk::default().lay(offer))
        })
    }
}

impl Preview {
    /// Fills in the rows that a machine would have once it's installed.
    fn install(&self, offer: &Offer) -> Result<(), InstallError> {
        let node = &offer.node;
        if !self.facts.nodes.iter().any(|known| known.name == *node) {
            return Err(InstallError::NoNode(node.clone()));
        }
        let refused = |why: String| InstallError::Refused {
            node: node.clone(),
            why,
        };
        let file = offer.file.text();
        let chosen = Chosen::read(&self.facts, node, &file).map_err(refused)?;
        let now = self.clock.now().seconds();
        self.clock.begin();
        let planted = self.state().install(&chosen, self.appliances(), now);
        planted.map_err(|fault| refused(fault.to_string()))
    }

    /// The rows of the lab's appliances, as docs name them.
    fn appliances(&self) -> Vec<(String, serde_json::Value)> {
        let named = self.facts.appliances.iter();
        named
            .map(|appliance| (appliance.name.clone(), json!(appliance)))
            .collect()
    }
}

impl State {
    fn install(
        &mut self,
        chosen: &Chosen,
        appliances: Vec<(String, serde_json::Value)>,
        now: u64,
    ) -> Result<(), Fault> {
        let lab = seed::Lab {
            facts: &chosen.facts,
            start: &Start::default(),
        };
        self.rows.begin(founded_domain(chosen.name()));
        self.rows.begin(node_domain(chosen.name()));
        if !appliances.is_empty() {
            self.rows.load("", kind::APPLIANCE, appliances);
        }
        chosen.plant(&mut self.rows, &lab, now)
    }
}
