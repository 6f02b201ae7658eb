//! What OpenSSH said about the hosts of this run.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::sync::OnceCell;

use super::{Settings, address::Address, config::Config};

/// What OpenSSH says about a host, as soon as it's asked; an error is its own words.
type Asked = Arc<OnceCell<Result<Config, String>>>;

/// What OpenSSH said about each host of this run: it's asked once.
#[derive(Default)]
pub(super) struct Configs(Mutex<HashMap<Address, Asked>>);

impl Configs {
    /// The configuration of a host; an error is OpenSSH's own words.
    pub(super) async fn get(
        &self,
        settings: &Settings,
        address: &Address,
    ) -> Result<Config, String> {
        let asked = {
            let mut all = self.0.lock().map_err(|error| error.to_string())?;
            Arc::clone(all.entry(address.clone()).or_default())
        };
        asked
            .get_or_init(|| Config::ask(settings, address))
            .await
            .clone()
    }
}
