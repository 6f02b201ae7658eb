//! By which keys hosts would be known: one that the plan would have kept is taken from then on, and kept nowhere.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use world::host::Destination;

/// The hosts that were declared, with the keys that the plan would have kept.
#[derive(Default)]
pub(super) struct Trusted(Mutex<State>);

#[derive(Default)]
struct State {
    declared: BTreeMap<String, Destination>,
    kept: BTreeMap<String, String>,
}

impl Trusted {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hosts as the world below has to know them.
    pub(super) fn declare(&self, hosts: Vec<Destination>) -> Vec<Destination> {
        let mut state = self.state();
        let named = hosts.into_iter().map(|host| (host.name.clone(), host));
        let hosts: BTreeMap<String, Destination> = named.collect();
        let names: Vec<String> = hosts.keys().cloned().collect();
        state.declared.extend(hosts);
        names.iter().filter_map(|name| state.known(name)).collect()
    }

    /// A host that the plan would have known by a key, as the world below has to know it.
    pub(super) fn keep(&self, host: &str, key: String) -> Option<Destination> {
        let mut state = self.state();
        state.kept.insert(host.to_owned(), key);
        state.known(host)
    }
}

impl State {
    fn known(&self, host: &str) -> Option<Destination> {
        let declared = self.declared.get(host)?.clone();
        let kept = self.kept.get(host).cloned();
        Some(Destination {
            host_key: kept.or(declared.host_key),
            ..declared
        })
    }
}
