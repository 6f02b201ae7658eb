//! The hosts of a lab over SSH.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, RwLock},
};

use futures_util::future::BoxFuture;

use super::{
    Settings,
    configs::Configs,
    hop::{Hop, Ways},
    keyring::Keyring,
    link::Shared,
    machine::{Machine, Reached},
    pool::Pool,
    shown::{Shown, ShownKey},
};
use crate::host::{Call, Destination, HostError, Port, Reply};

/// The hosts of a lab over SSH: one connection and one long-lived shell a host, one more shell for root. When it's
/// dropped, all connections end.
pub struct Ssh {
    pub(super) shared: Shared,
    pub(super) pool: Pool,
    configs: Configs,
    machines: RwLock<BTreeMap<String, Arc<Machine>>>,
    /// The key that each host showed when somebody asked for it.
    pub(super) asked: Mutex<BTreeMap<String, ShownKey>>,
}

impl Ssh {
    /// The hosts that a caller with these settings reaches.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            pool: Pool::new(settings.connecting),
            configs: Configs::default(),
            machines: RwLock::default(),
            asked: Mutex::default(),
            shared: Shared {
                keyring: Arc::new(Keyring::new(Arc::clone(&settings.ask))),
                shown: Shown::default(),
                settings,
            },
        }
    }

    /// The key that each host showed last in this run, whether it was taken or not.
    #[must_use]
    pub fn shown_keys(&self) -> Vec<ShownKey> {
        self.shared.shown.all()
    }

    pub(super) fn machine(&self, host: &str) -> Result<Arc<Machine>, HostError> {
        let machines = self.machines.read();
        let machine = machines
            .ok()
            .and_then(|machines| machines.get(host).cloned());
        machine.ok_or_else(|| HostError::Undeclared(host.to_owned()))
    }

    fn declared(&self) -> Vec<Destination> {
        let machines = self.machines.read();
        machines
            .map(|machines| {
                machines
                    .values()
                    .map(|machine| machine.destination.clone())
                    .collect()
            })
            .unwrap_or_default()
    }

    pub(super) async fn way<'a>(&self, machine: &'a Machine) -> Result<&'a [Hop], HostError> {
        let find = || async {
            let ways = Ways {
                settings: &self.shared.settings,
                configs: &self.configs,
                declared: self.declared(),
            };
            ways.way(&machine.destination).await
        };
        machine.way.get_or_try_init(find).await.map(Vec::as_slice)
    }
}

impl Port for Ssh {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(async move {
            let machine = self.machine(&host)?;
            if call.verb.is_near() {
                return self.trust(&machine, call.verb).await;
            }
            let reached = Reached {
                machine: &machine,
                way: self.way(&machine).await?,
                shared: &self.shared,
                pool: &self.pool,
            };
            reached.call(&call).await
        })
    }

    fn declare(&self, hosts: Vec<Destination>) {
        let Ok(mut machines) = self.machines.write() else {
            return;
        };
        for host in hosts {
            let is_same = machines
                .get(&host.name)
                .is_some_and(|known| known.destination == host);
            if !is_same {
                machines.insert(host.name.clone(), Arc::new(Machine::new(host)));
            }
        }
    }

    fn login_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        let stands_for = self.shared.settings.stands_for.clone();
        Box::pin(async move {
            let key = self.machine(host).ok()?.login_key()?;
            Some(stands_for.unwrap_or(key))
        })
    }

    fn host_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        let shown = self.shown(host).map(|key| key.fingerprint);
        Box::pin(std::future::ready(shown))
    }

    fn hang_up<'a>(&'a self, host: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let Ok(machine) = self.machine(host) else {
                return;
            };
            let links = machine.links();
            self.pool.forget(&links).await;
            for link in links {
                link.hang_up().await;
            }
        })
    }
}
