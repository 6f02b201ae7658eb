//! The connections of a run. Ways that share their first hosts share connections.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::sync::{Mutex as Turn, Semaphore};

use super::{
    hop::Hop,
    link::{Link, Shared},
};
use crate::host::HostError;

/// A connection, or the turn to make it.
type Slot = Arc<Turn<Option<Arc<Link>>>>;

/// The connections of a run.
pub(super) struct Pool {
    links: Mutex<HashMap<String, Slot>>,
    connecting: Semaphore,
}

impl Pool {
    pub(super) fn new(connecting: usize) -> Self {
        Self {
            links: Mutex::default(),
            connecting: Semaphore::new(connecting.max(1)),
        }
    }

    /// The connection at the end of a way; makes what isn't up.
    pub(super) async fn link(&self, shared: &Shared, way: &[Hop]) -> Result<Arc<Link>, HostError> {
        let mut key = String::new();
        let mut via = None;
        for hop in way {
            key = format!("{key} > {}", hop.key());
            let slot = self.slot(&key);
            let mut kept = slot.lock().await;
            let link = match kept.take().filter(|link| !link.is_over()) {
                Some(link) => link,
                None => self
                    .open(shared, hop, via)
                    .await
                    .map_err(|error| on_the_way(error, hop, way))?,
            };
            *kept = Some(Arc::clone(&link));
            via = Some(link);
        }
        Ok(via.expect("a way has at least its end"))
    }

    /// One more connection to the end of a way, for one caller.
    pub(super) async fn another(
        &self,
        shared: &Shared,
        way: &[Hop],
    ) -> Result<Arc<Link>, HostError> {
        let (end, before) = way.split_last().expect("a way has at least its end");
        let via = match before {
            [] => None,
            before => Some(self.link(shared, before).await?),
        };
        self.open(shared, end, via).await
    }

    /// Forgets connections, so that nobody gets them any more.
    pub(super) async fn forget(&self, links: &[Arc<Link>]) {
        let slots: Vec<Slot> = self
            .links
            .lock()
            .map(|all| all.values().cloned().collect())
            .unwrap_or_default();
        for slot in slots {
            // One that is being made right now is a new one.
            if let Ok(mut kept) = slot.try_lock() {
                kept.take_if(|link| links.iter().any(|gone| Arc::ptr_eq(gone, link)));
            }
        }
    }

    fn slot(&self, key: &str) -> Slot {
        match self.links.lock() {
            Ok(mut links) => Arc::clone(links.entry(key.to_owned()).or_default()),
            Err(_) => Slot::default(),
        }
    }

    async fn open(
        &self,
        shared: &Shared,
        hop: &Hop,
        via: Option<Arc<Link>>,
    ) -> Result<Arc<Link>, HostError> {
        let _permit = self.connecting.acquire().await;
        Link::open(shared, hop, via).await.map(Arc::new)
    }
}

/// Says for whom a jump host was needed.
fn on_the_way(error: HostError, hop: &Hop, way: &[Hop]) -> HostError {
    let end = &way.last().expect("a way has at least its end").name;
    match error {
        HostError::Unreachable { host, cause } if *end != hop.name => HostError::Unreachable {
            host,
            cause: format!("{cause} (it's the way to {end})"),
        },
        error => error,
    }
}
