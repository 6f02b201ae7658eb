//! The hosts of a served twin: nodes over SSH, the operator and its known keys through the twin's door.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;
use world::{
    door::{Door, Host, operator},
    host::{Call, Destination, HostError, OPERATOR, Port, Reply, Ssh},
};

/// The hosts of a served twin. Its operator is the twin's own, and so the same for a run in process.
pub(crate) struct ViaHosts {
    door: Arc<Door>,
    ssh: Ssh,
    declared: Mutex<BTreeMap<String, Host>>,
}

impl ViaHosts {
    /// The hosts behind a door, and over SSH.
    pub(crate) fn new(door: Arc<Door>, ssh: Ssh) -> Self {
        Self {
            door,
            ssh,
            declared: Mutex::default(),
        }
    }

    /// The host that the door answers for, if it's one.
    fn near(&self, host: &str, call: &Call) -> Option<Host> {
        if host == OPERATOR {
            return Some(operator());
        }
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let found = declared.get(host).cloned();
        found.filter(|_| call.verb.is_near())
    }
}

impl Port for ViaHosts {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let Some(to) = self.near(host, &call) else {
            return self.ssh.call(host, call);
        };
        Box::pin(async move {
            let name = to.name.clone();
            let reply = self.door.call(to, call).await;
            reply.map_err(|cause| HostError::Unreachable { host: name, cause })
        })
    }

    fn declare(&self, hosts: Vec<Destination>) {
        let named = hosts
            .iter()
            .map(|host| (host.name.clone(), Host::from(host)));
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.extend(named);
        drop(declared);
        self.ssh.declare(hosts);
    }

    fn login_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        self.ssh.login_key(host)
    }

    fn host_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        self.ssh.host_key(host)
    }

    fn hang_up<'a>(&'a self, host: &'a str) -> BoxFuture<'a, ()> {
        self.ssh.hang_up(host)
    }
}
