//! The twin's hosts: the operator's files as rows. Anything else isn't modelled yet.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use world::{
    Confidence,
    host::{Call, HostError, OPERATOR, Port, Reply, Verb},
};

use crate::{
    model::{Key, Stop, Tx, kind},
    twin::Twin,
};

/// A file of the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct File {
    mode: String,
    content: String,
    size: usize,
    sha256: String,
}

/// The hosts port of a twin in process.
pub(crate) struct TwinHosts(pub(crate) Twin);

impl Port for TwinHosts {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(async move {
            if host != OPERATOR {
                let verb = call.verb.function();
                return Err(HostError::Unmodelled(format!("{verb} on host {host}")));
            }
            let broken = |cause: String| HostError::Broken {
                host: host.clone(),
                cause,
            };
            match self.0.with("", |tx| operator(tx, &call)) {
                Ok(Ok(reply)) => Ok(reply),
                Ok(Err(stop)) => Err(broken(format!("{stop:?}"))),
                Err(fault) => Err(broken(fault.to_string())),
            }
        })
    }
}

fn operator(tx: &mut Tx<'_>, call: &Call) -> Result<Reply, Stop> {
    let path = call
        .args
        .first()
        .map(|path| path.trim_start_matches("./"))
        .unwrap_or_default();
    let key = Key::new(OPERATOR, kind::FILE, path);
    match call.verb {
        Verb::Stat => {
            let text = match tx.read::<File>(&key)? {
                Some(file) => format!("file {} {} {}\n", file.mode, file.size, file.sha256),
                None => "absent\n".to_owned(),
            };
            Ok(reply(0, text.into(), ""))
        }
        Verb::Read => match tx.read::<File>(&key)? {
            Some(file) => {
                let content = STANDARD
                    .decode(&file.content)
                    .map_err(|error| Stop::fail(format!("{path}: {error}")))?;
                Ok(reply(0, content.into(), ""))
            }
            None => Ok(reply(66, Bytes::new(), &format!("{path}: no such file"))),
        },
        Verb::Write => {
            let mode = call.args.get(1).map_or("644", String::as_str);
            let file = File {
                mode: mode.trim_start_matches('0').to_owned(),
                content: STANDARD.encode(&call.input),
                size: call.input.len(),
                sha256: hex::encode(Sha256::digest(&call.input)),
            };
            tx.write(&key, &file)?;
            Ok(reply(0, Bytes::new(), ""))
        }
        Verb::Remove => {
            tx.rows.delete(&key)?;
            Ok(reply(0, Bytes::new(), ""))
        }
    }
}

fn reply(status: i32, output: Bytes, error: &str) -> Reply {
    Reply {
        status,
        output,
        error: error.to_owned(),
        confidence: Confidence::Read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabFacts, Options, Start};

    #[tokio::test]
    async fn keeps_the_operators_files() {
        let twin = Twin::open(
            None,
            LabFacts::default(),
            Start::default(),
            Options::default(),
        );
        let twin = twin.unwrap();
        let hosts = TwinHosts(twin.clone());
        let call = |verb, args: &[&str], input: &'static str| {
            let call = Call::new(verb, args.iter().copied()).with_input(input);
            hosts.call(OPERATOR, call)
        };
        assert_eq!(
            call(Verb::Stat, &[".envrc"], "").await.unwrap().text(),
            "absent\n"
        );
        assert_eq!(call(Verb::Read, &[".envrc"], "").await.unwrap().status, 66);
        let written = call(Verb::Write, &["./.envrc", "0600"], "export A='1'\n").await;
        assert_eq!(written.unwrap().status, 0);
        let stat = call(Verb::Stat, &[".envrc"], "").await.unwrap().text();
        assert!(stat.starts_with("file 600 13 "), "{stat}");
        let read = call(Verb::Read, &[".envrc"], "").await.unwrap();
        assert_eq!(read.text(), "export A='1'\n");
        assert_eq!(
            twin.export().unwrap(),
            serde_json::json!({}),
            "no file is exported"
        );
        call(Verb::Remove, &[".envrc"], "").await.unwrap();
        assert_eq!(call(Verb::Read, &[".envrc"], "").await.unwrap().status, 66);
        let elsewhere = hosts.call("pve1", Call::new(Verb::Stat, ["x"])).await;
        assert!(matches!(elsewhere, Err(HostError::Unmodelled(_))));
    }
}
