//! The live hosts: the operator's own machine, and all others over SSH.

use futures_util::future::BoxFuture;

use super::{Call, Destination, HostError, OPERATOR, Operator, Port, Reply, ssh::Ssh};

/// The live hosts: the operator's own machine, and all others over SSH.
pub struct LiveHosts {
    /// The machine that homelab runs on.
    pub operator: Operator,
    /// All other hosts.
    pub ssh: Ssh,
}

impl LiveHosts {
    fn port(&self, host: &str) -> &dyn Port {
        if host == OPERATOR {
            &self.operator
        } else {
            &self.ssh
        }
    }
}

impl Port for LiveHosts {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        self.port(host).call(host, call)
    }

    fn declare(&self, hosts: Vec<Destination>) {
        let others = hosts.into_iter().filter(|host| host.name != OPERATOR);
        self.ssh.declare(others.collect());
    }

    fn login_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        self.port(host).login_key(host)
    }

    fn host_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        self.port(host).host_key(host)
    }

    fn hang_up<'a>(&'a self, host: &'a str) -> BoxFuture<'a, ()> {
        self.port(host).hang_up(host)
    }
}
