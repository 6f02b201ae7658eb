//! The hosts port of a twin in process.

use futures_util::future::BoxFuture;
use model::{Stop, fault::Trouble};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use twin_hosts::{Host, login::Way};
use world::{
    Clock as _,
    host::{Call, Destination, HostError, OPERATOR, Port, Reply, Who},
};

use super::Outcome;
use crate::twin::Twin;

/// How long a reply may take, where a call doesn't say.
const LIMIT: Duration = Duration::from_secs(60);

/// The hosts port of a twin in process.
pub(crate) struct TwinHosts {
    pub(super) twin: Twin,
    declared: Arc<Mutex<BTreeMap<String, Destination>>>,
}

impl TwinHosts {
    /// The hosts of a twin.
    pub(crate) fn of(twin: Twin) -> Self {
        Self {
            twin,
            declared: Arc::default(),
        }
    }

    fn declared(&self, host: &str) -> Result<Destination, HostError> {
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let found = declared.get(host).cloned();
        found.ok_or_else(|| HostError::Undeclared(host.to_owned()))
    }

    /// The node that a name means, if it takes connections, and what is wrong with it.
    pub(super) fn reached(
        &self,
        declared: &Destination,
    ) -> Result<(String, Vec<Trouble>), HostError> {
        let unreachable = |cause: &str| HostError::Unreachable {
            host: declared.name.clone(),
            cause: format!("{}: {cause}", declared.address),
        };
        let found = self.twin.node_at(&declared.address);
        let found = found.map_err(|fault| unreachable(&fault.to_string()))?;
        let node = found.ok_or_else(|| unreachable("No route to host"))?;
        let troubles = self.twin.troubles(&node);
        let troubles = troubles.map_err(|fault| unreachable(&fault.to_string()))?;
        if troubles.contains(&Trouble::Refused) {
            return Err(unreachable("Connection refused"));
        }
        Ok((node, troubles))
    }

    /// The node that a name means, if its key is known and it lets in whom the call needs.
    fn find(&self, host: &str, call: &Call) -> Result<String, HostError> {
        if host == OPERATOR {
            return Ok(host.to_owned());
        }
        let declared = self.declared(host)?;
        let (node, troubles) = self.reached(&declared)?;
        self.check_key(&declared, &troubles)?;
        let Some(way) = self.way_in(&declared, &node)? else {
            let cause = format!("{}: Connection refused", declared.address);
            return Err(HostError::Unreachable {
                host: host.to_owned(),
                cause,
            });
        };
        let user = declared.user.as_deref().unwrap_or("root");
        if troubles.contains(&Trouble::NoRoot) && call.who == Who::Root && user != "root" {
            return Err(HostError::NoRoot {
                host: host.to_owned(),
                user: user.to_owned(),
                cause: format!("{user} is not in the sudoers file."),
            });
        }
        if user == "root" && way == Way::Closed {
            return Err(HostError::Login {
                host: host.to_owned(),
                user: user.to_owned(),
                tried: "a password".to_owned(),
                takes: "publickey".to_owned(),
            });
        }
        Ok(node)
    }

    /// How root gets in to a node: with the key that docs say is homelab's own, else with a password. None where sshd
    /// doesn't listen to the port.
    fn way_in(&self, declared: &Destination, node: &str) -> Result<Option<Way>, HostError> {
        let key = &self.twin.inner.facts.login_key;
        let broken = |cause: String| HostError::Broken {
            host: declared.name.clone(),
            cause,
        };
        let looked = self.twin.with(node, |tx| {
            let mut node = Host::new(tx, node);
            let sshd = node.listening()?;
            if !sshd.takes(port(&declared.address)) {
                return Ok(None);
            }
            node.way_in(&sshd, key).map(Some)
        });
        match looked {
            Ok(Ok(way)) => Ok(way),
            Ok(Err(Stop::Api(answer))) => Err(broken(answer.message)),
            Ok(Err(Stop::Fault(fault))) | Err(fault) => Err(broken(fault.to_string())),
        }
    }

    /// The key that homelab got in with.
    fn own_key(&self, host: &str) -> Option<String> {
        let declared = self.declared(host).ok()?;
        let (node, _) = self.reached(&declared).ok()?;
        let way = self.way_in(&declared, &node).ok()?;
        (way == Some(Way::Key)).then(|| self.twin.inner.facts.login_key.clone())
    }

    async fn answer(&self, host: String, call: Call) -> Result<Reply, HostError> {
        if call.verb.is_near() {
            return self.trust(&self.declared(&host)?, &call);
        }
        let name = self.find(&host, &call)?;
        let clock = &self.twin.inner.clock;
        match self.twin.call_host(&name, &call) {
            Ok(Outcome::Replied(reply, after)) => {
                if !after.is_zero() {
                    clock.sleep(after).await;
                }
                Ok(reply.limited())
            }
            Ok(Outcome::Dropped) => Err(HostError::Broken {
                host,
                cause: "Connection reset by peer".to_owned(),
            }),
            Ok(Outcome::Hanging) => {
                let limit = call.timeout.unwrap_or(LIMIT);
                clock.sleep(limit).await;
                Err(HostError::Timeout {
                    host,
                    verb: call.verb.name().to_owned(),
                    seconds: limit.as_secs(),
                    last: String::new(),
                })
            }
            Err(cause) => Err(HostError::Broken { host, cause }),
        }
    }
}

/// The port of an address, 22 where it names none.
fn port(address: &str) -> u16 {
    let named = address
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
    named.and_then(|(_, port)| port.parse().ok()).unwrap_or(22)
}

impl Port for TwinHosts {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(self.answer(host, call))
    }

    fn host_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        let declared = self.declared(host);
        let key = declared.and_then(|declared| self.shown_key(&declared)).ok();
        Box::pin(std::future::ready(key))
    }

    fn declare(&self, hosts: Vec<Destination>) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.extend(hosts.into_iter().map(|host| (host.name.clone(), host)));
    }

    fn login_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(std::future::ready(self.own_key(host)))
    }
}

#[cfg(test)]
mod tests {
    use world::host::Verb;

    use super::*;
    use crate::{LabFacts, Options, Start};

    #[tokio::test]
    async fn keeps_the_operators_files() {
        let facts = LabFacts::default();
        let twin = Twin::open(None, facts, Start::default(), Options::default()).unwrap();
        let hosts = TwinHosts::of(twin.clone());
        let call = |verb, args: &[&str], input: &'static str| {
            let call = Call::new(verb, args.iter().copied()).with_input(input);
            hosts.call(OPERATOR, call)
        };
        let stat = || call(Verb::STAT, &[".envrc"], "");
        assert_eq!(stat().await.unwrap().text(), "absent\n");
        assert_eq!(call(Verb::READ, &[".envrc"], "").await.unwrap().status, 66);
        let args = ["./.envrc", "600", "-", "-"];
        let written = call(Verb::WRITE, &args, "export A='1'\n").await;
        assert_eq!(written.unwrap().status, 0);
        let text = stat().await.unwrap().text();
        assert!(text.starts_with("file 600 13 "), "{text}");
        let read = call(Verb::READ, &[".envrc"], "").await.unwrap();
        assert_eq!(read.text(), "export A='1'\n");
        let export = twin.export().unwrap();
        assert_eq!(export, serde_json::json!({}), "no file is exported");
        call(Verb::REMOVE, &[".envrc"], "").await.unwrap();
        assert_eq!(call(Verb::READ, &[".envrc"], "").await.unwrap().status, 66);
        let elsewhere = hosts.call("pve1", Call::new(Verb::STAT, ["x"])).await;
        assert!(matches!(elsewhere, Err(HostError::Undeclared(_))));
    }
}
