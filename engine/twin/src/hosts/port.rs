//! The hosts port of a twin in process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;
use world::host::{Call, Destination, HostError, OPERATOR, Port, Reply};

use super::{Host, answer};
use crate::{
    model::{Fault, Stop},
    twin::Twin,
};

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
    fn find(&self, host: &str) -> Result<String, HostError> {
        if host == OPERATOR {
            return Ok(host.to_owned());
        }
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        let address = declared
            .get(host)
            .map(|declared| declared.address.clone())
            .ok_or_else(|| HostError::Undeclared(host.to_owned()))?;
        let unreachable = |cause: String| HostError::Unreachable {
            host: host.to_owned(),
            cause: format!("{address}: {cause}"),
        };
        let found = self
            .twin
            .node_at(&address)
            .map_err(|fault| unreachable(fault.to_string()))?;
        found.ok_or_else(|| unreachable("No route to host".to_owned()))
    }
}

impl Port for TwinHosts {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(async move {
            let name = self.find(&host)?;
            self.twin
                .call_host(&name, &call)
                .map_err(|cause| HostError::Broken { host, cause })
        })
    }

    fn declare(&self, hosts: Vec<Destination>) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        declared.extend(hosts.into_iter().map(|host| (host.name.clone(), host)));
    }
}

impl Twin {
    /// Answers a call on a host.
    ///
    /// # Errors
    /// What the store or a row says.
    pub(crate) fn call_host(&self, name: &str, call: &Call) -> Result<Reply, String> {
        let asked = if name == OPERATOR { "" } else { name };
        let answered = self.with(asked, |tx| {
            tx.advance()?;
            answer(&mut Host::new(tx, name), call)
        });
        match answered {
            Ok(Ok(reply)) => Ok(reply),
            // Nothing that the twin could answer would be true.
            Ok(Err(Stop::Fault(Fault::Unknown(origin)))) => {
                let text = format!(
                    "{}: {} isn't known on the twin",
                    call.verb.name(),
                    origin.what
                );
                Ok(Reply::failed(127, text))
            }
            Ok(Err(stop)) => Err(format!("{stop:?}")),
            Err(fault) => Err(fault.to_string()),
        }
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
