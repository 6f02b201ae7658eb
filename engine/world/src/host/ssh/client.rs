//! The hosts of a lab over SSH.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
};

use futures_util::future::BoxFuture;
use russh::keys::PublicKey;

use super::{
    Settings,
    configs::Configs,
    hop::{Hop, Ways},
    keyring::Keyring,
    known::{self, KnownFiles},
    link::Shared,
    machine::{Machine, Reached},
    pool::Pool,
    shown::{Shown, ShownKey},
};
use crate::host::{Call, Destination, HostError, Port, Reply};

/// The hosts of a lab over SSH: one connection and one long-lived shell a host, one more shell for root. When it's
/// dropped, all connections end.
pub struct Ssh {
    shared: Shared,
    pool: Pool,
    configs: Configs,
    machines: RwLock<BTreeMap<String, Arc<Machine>>>,
}

/// Why known_hosts wasn't brought up to date.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KnownHostsError {
    /// The host isn't declared, or OpenSSH's configuration says nothing usable of it.
    #[error(transparent)]
    Host(#[from] HostError),
    /// What is given is no public key.
    #[error("'{0}' is no public key, as a .pub file has it")]
    Key(String),
    /// A file can't be changed.
    #[error("known_hosts of host {host} can't be changed: {cause}")]
    File {
        /// The host's name.
        host: String,
        /// What the system said.
        cause: String,
    },
}

impl Ssh {
    /// The hosts that a caller with these settings reaches.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            pool: Pool::new(settings.connecting),
            configs: Configs::default(),
            machines: RwLock::default(),
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

    /// Takes the old keys of a host that was built anew out of the user's known_hosts files, adds the new one where it
    /// is given (as a `.pub` file has it), and hangs up.
    ///
    /// # Errors
    /// See [`KnownHostsError`].
    pub async fn replace_known_key(
        &self,
        host: &str,
        key: Option<&str>,
    ) -> Result<(), KnownHostsError> {
        let parse = |text: &str| {
            PublicKey::from_openssh(text.trim()).map_err(|_| KnownHostsError::Key(text.to_owned()))
        };
        let key = key.map(parse).transpose()?;
        let machine = self.machine(host)?;
        let way = self.way(&machine).await?;
        let end = way.last().expect("a way has at least its end");
        known::replace(&KnownFiles::of(&end.config), key.as_ref()).map_err(|error| {
            KnownHostsError::File {
                host: host.to_owned(),
                cause: error.to_string(),
            }
        })?;
        self.hang_up(host).await;
        Ok(())
    }

    fn machine(&self, host: &str) -> Result<Arc<Machine>, HostError> {
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

    async fn way<'a>(&self, machine: &'a Machine) -> Result<&'a [Hop], HostError> {
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

    fn host_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        let shown = self.shown_keys().into_iter().find(|key| key.host == host);
        Box::pin(std::future::ready(shown.map(|key| key.fingerprint)))
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
