//! The hosts port of a twin in process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use world::{
    Clock as _,
    host::{Call, Destination, HostError, OPERATOR, Port, Reply, Who},
};

use super::{Host, Outcome, login::Way};
use crate::{
    fault::Trouble,
    model::Stop,
    ssh::{self, KeyTurn},
    twin::Twin,
};

/// How long a reply may take, where a call doesn't say.
const LIMIT: Duration = Duration::from_secs(60);

/// The hosts port of a twin in process.
pub(crate) struct TwinHosts {
    twin: Twin,
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

    /// The node that a name means, if it answers.
    fn find(&self, host: &str, call: &Call) -> Result<String, HostError> {
        if host == OPERATOR {
            return Ok(host.to_owned());
        }
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let declared = declared
            .get(host)
            .cloned()
            .ok_or_else(|| HostError::Undeclared(host.to_owned()))?;
        let unreachable = |cause: &str| HostError::Unreachable {
            host: host.to_owned(),
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
        if troubles.contains(&Trouble::WrongKey) {
            return Err(self.changed_key(host, &node));
        }
        let user = declared.user.as_deref().unwrap_or("root");
        if troubles.contains(&Trouble::NoRoot) && call.who == Who::Root && user != "root" {
            return Err(HostError::NoRoot {
                host: host.to_owned(),
                user: user.to_owned(),
                cause: format!("{user} is not in the sudoers file."),
            });
        }
        if user == "root" && self.way_in(host, &node)? == Way::Closed {
            return Err(HostError::Login {
                host: host.to_owned(),
                user: user.to_owned(),
                tried: "a password".to_owned(),
                takes: "publickey".to_owned(),
            });
        }
        Ok(node)
    }

    /// How homelab gets in to a node: with the key that docs say is its own, else with a password.
    fn way_in(&self, host: &str, node: &str) -> Result<Way, HostError> {
        let key = &self.twin.inner.facts.login_key;
        let way = self
            .twin
            .with(node, |tx| Host::new(tx, node).way_in(key));
        let broken = |cause: String| HostError::Broken {
            host: host.to_owned(),
            cause,
        };
        match way {
            Ok(Ok(way)) => Ok(way),
            Ok(Err(Stop::Api(answer))) => Err(broken(answer.message)),
            Ok(Err(Stop::Fault(fault))) | Err(fault) => Err(broken(fault.to_string())),
        }
    }

    fn own_key(&self, host: &str) -> Option<String> {
        let address = {
            let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
            declared.get(host)?.address.clone()
        };
        let node = self.twin.node_at(&address).ok()??;
        let way = self.way_in(host, &node).ok()?;
        (way == Way::Key).then(|| self.twin.inner.facts.login_key.clone())
    }

    fn changed_key(&self, host: &str, node: &str) -> HostError {
        let shown = |turn| {
            ssh::key_of(&self.twin, node, turn)
                .map_or_else(|error| error.to_string(), |key| ssh::fingerprint(&key))
        };
        HostError::ChangedKey {
            host: host.to_owned(),
            shown: shown(KeyTurn::Other),
            known: shown(KeyTurn::Own),
            place: "the twin".to_owned(),
        }
    }

    async fn answer(&self, host: String, call: Call) -> Result<Reply, HostError> {
        let name = self.find(&host, &call)?;
        let clock = &self.twin.inner.clock;
        match self.twin.call_host(&name, &call) {
            Ok(Outcome::Replied(reply, after)) => {
                if !after.is_zero() {
                    clock.sleep(after).await;
                }
                Ok(reply)
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

impl Port for TwinHosts {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(self.answer(host, call))
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
