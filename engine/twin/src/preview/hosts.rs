//! A preview's hosts: files that the plan would write stay in memory, all else is read from the world below.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};
use world::{
    Confidence, Origin,
    host::{Call, Effect, HostError, Port, Reply, Verb},
};

/// A file as the plan would leave it.
#[derive(Clone, Debug)]
struct File {
    mode: String,
    content: Bytes,
}

/// The hosts of a preview.
pub(super) struct PreviewHosts {
    below: Arc<dyn Port>,
    /// What the plan would have written, by host and path; none for a file that it would have removed.
    files: Mutex<BTreeMap<(String, String), Option<File>>>,
}

impl PreviewHosts {
    /// Lays a preview over hosts.
    pub(super) fn over(below: Arc<dyn Port>) -> Self {
        Self {
            below,
            files: Mutex::default(),
        }
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<(String, String), Option<File>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer from memory; none if the world below has it.
    fn answer(&self, host: &str, call: &Call) -> Result<Option<Reply>, HostError> {
        let path = call.args.first().map_or("", String::as_str);
        let file = (host.to_owned(), path.trim_start_matches("./").to_owned());
        match call.verb {
            Verb::Stat => Ok(self.files().get(&file).map(|file| stat(file.as_ref()))),
            Verb::Read => Ok(self
                .files()
                .get(&file)
                .map(|file| read(path, file.as_ref()))),
            Verb::Write => {
                let mode = call.args.get(1).map_or("644", String::as_str);
                let written = File {
                    mode: mode.trim_start_matches('0').to_owned(),
                    content: call.input.clone(),
                };
                self.files().insert(file, Some(written));
                Ok(Some(reply(0, Bytes::new(), "")))
            }
            Verb::Remove => {
                self.files().insert(file, None);
                Ok(Some(reply(0, Bytes::new(), "")))
            }
        }
    }
}

fn stat(file: Option<&File>) -> Reply {
    let text = file.map_or_else(
        || "absent\n".to_owned(),
        |file| {
            let hash = hex::encode(Sha256::digest(&file.content));
            format!("file {} {} {hash}\n", file.mode, file.content.len())
        },
    );
    reply(0, text.into(), "")
}

fn read(path: &str, file: Option<&File>) -> Reply {
    match file {
        Some(file) => reply(0, file.content.clone(), ""),
        None => reply(66, Bytes::new(), &format!("{path}: no such file")),
    }
}

fn reply(status: i32, output: Bytes, error: &str) -> Reply {
    Reply {
        status,
        output,
        error: error.to_owned(),
        confidence: Confidence::Predicted,
    }
}

impl Port for PreviewHosts {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(async move {
            if let Some(reply) = self.answer(&host, &call)? {
                return Ok(reply);
            }
            // The one way down, and only what reads takes it.
            if call.verb.effect() == Effect::Read {
                return self.below.call(&host, call).await;
            }
            Err(HostError::Unknown(Origin {
                step: String::new(),
                what: format!(
                    "what {} does on {host}, which isn't modelled",
                    call.verb.function()
                ),
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host with one file, that remembers its calls.
    #[derive(Default)]
    struct Below(Mutex<Vec<Verb>>);

    impl Port for Below {
        fn call(&self, _: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
            self.0.lock().unwrap().push(call.verb);
            let output = Bytes::from_static(b"export A='1'\n");
            Box::pin(async move {
                Ok(Reply {
                    output,
                    ..Reply::default()
                })
            })
        }
    }

    #[tokio::test]
    async fn reads_below_until_the_plan_writes() {
        let below = Arc::new(Below::default());
        let hosts = PreviewHosts::over(Arc::clone(&below) as Arc<dyn Port>);
        let read = || hosts.call("operator", Call::new(Verb::Read, [".envrc"]));
        let before = read().await.unwrap();
        assert_eq!(
            (before.text().as_str(), before.confidence),
            ("export A='1'\n", Confidence::Read)
        );

        let write = Call::new(Verb::Write, ["./.envrc", "0600"]).with_input("export B='2'\n");
        hosts.call("operator", write).await.unwrap();
        let after = read().await.unwrap();
        assert_eq!(
            (after.text().as_str(), after.confidence),
            ("export B='2'\n", Confidence::Predicted)
        );
        let stat = hosts.call("operator", Call::new(Verb::Stat, [".envrc"]));
        assert!(stat.await.unwrap().text().starts_with("file 600 13 "));

        let remove = Call::new(Verb::Remove, [".envrc"]);
        hosts.call("operator", remove).await.unwrap();
        assert_eq!(read().await.unwrap().status, 66);
        assert_eq!(*below.0.lock().unwrap(), [Verb::Read]);
    }
}
