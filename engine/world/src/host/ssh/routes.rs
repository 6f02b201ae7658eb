//! Where hosts really listen, and what proves them, where that isn't as their address says.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
};

/// How one host is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The `HOST:PORT` that is connected to; jump hosts are left out then.
    pub listens: Option<String>,
    /// The SHA-256 fingerprint of its host key: `SHA256:…`.
    pub host_key: Option<String>,
}

/// The routes to hosts, by address. Clones share one table.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    table: Arc<RwLock<BTreeMap<String, Route>>>,
}

impl Routes {
    /// Sets the route to the host at `address`, as it's declared.
    pub fn set(&self, address: &str, route: Route) {
        if let Ok(mut table) = self.table.write() {
            table.insert(address.to_owned(), route);
        }
    }

    /// The route to the host at `address`; an empty one changes nothing.
    #[must_use]
    pub fn get(&self, address: &str) -> Route {
        let table = self.table.read();
        table
            .ok()
            .and_then(|table| table.get(address).cloned())
            .unwrap_or_default()
    }
}
