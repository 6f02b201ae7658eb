//! A preview's hosts: the model answers what the plan would have changed, the world below all else.

use formats::authorized_keys::{self, holds};
use futures_util::future::BoxFuture;
use model::{CellId, Fault, Key, Tx, domain_of, rows::Pending};
use std::sync::Arc;
use twin_hosts::{Host, login::KEYS};
use world::{
    Clock as _, Confidence, Origin,
    host::{
        Ask as _, Call, Destination, Effect, HostError, Port, Reply, Told as _, Verb,
        verb::{ShownKey, TrustKey},
    },
};

use super::{driver::Preview, rows::Piece, trusted::Trusted};

/// How many rows one call may need: far beyond any real one.
const ROWS: usize = 500;

/// The hosts of a preview.
pub(super) struct PreviewHosts {
    pub(super) below: Arc<dyn Port>,
    pub(super) preview: Arc<Preview>,
    pub(super) trusted: Trusted,
}

/// What the model answered.
struct Ran {
    reply: Reply,
    /// Whether it touched what the plan would have changed.
    is_touched: bool,
}

impl PreviewHosts {
    async fn answer(&self, host: &str, call: Call) -> Result<Reply, HostError> {
        if call.verb == Verb::RUN {
            self.preview.state().opaque_hosts.insert(host.to_owned());
            let what = format!("what a command on {host} prints");
            return Err(HostError::Unknown(Origin::of(what)));
        }
        if call.verb.effect() == Effect::Load {
            let what = format!("what {} measures on {host}", call.verb.name());
            return Err(HostError::Unknown(Origin::of(what)));
        }
        let reply = self.known(host, call).await?;
        let is_opaque = self.preview.state().opaque_hosts.contains(host);
        Ok(if is_opaque {
            reply.weaker(Confidence::Opaque)
        } else {
            reply
        })
    }

    /// The key that homelab would get in with: the one that docs say is its own, once the plan would have put it on
    /// the host.
    async fn login_key(&self, host: &str) -> Option<String> {
        let own = &self.preview.facts.login_key;
        if !own.is_empty() && self.preview.state().is_host_changed(host) {
            let keys = self
                .answer(host, Call::new(Verb::READ, [KEYS]))
                .await
                .ok()?;
            let known = authorized_keys::Key::read(&**own);
            if keys.status == 0 && known.is_some_and(|own| holds(&*keys.output, &own)) {
                return Some(own.clone());
            }
        }
        self.below.login_key(host).await
    }

    async fn known(&self, host: &str, call: Call) -> Result<Reply, HostError> {
        let is_read = call.verb.effect().is_read();
        if is_read && !self.preview.state().is_host_changed(host) {
            // The one way down, and only what reads takes it.
            return self.below.call(host, call).await;
        }
        if call.verb == Verb::LOOK {
            let what = format!("what a command on {host} prints once the plan's changes are made");
            return Err(HostError::Unknown(Origin::of(what)));
        }
        let ran = self.run(host, &call).await?;
        if !is_read {
            self.preview.clock.begin();
        }
        if call.verb == TrustKey::VERB {
            self.trust(host).await;
        }
        // A machine that the plan would have installed can't be asked.
        let is_new = self.preview.state().rows.is_begun(&domain_of(host));
        if is_read && !ran.is_touched && !is_new {
            return self.below.call(host, call).await;
        }
        if ran.reply.status == 127 {
            let what = format!(
                "what {} does on {host}, which isn't modelled",
                call.verb.name()
            );
            return Err(HostError::Unknown(Origin::of(what)));
        }
        Ok(Reply {
            confidence: Confidence::Predicted,
            ..ran.reply
        })
    }

    /// Takes the key that a host shows now, which the plan would have kept. A machine that isn't installed yet shows
    /// none, and isn't asked.
    async fn trust(&self, host: &str) {
        let Ok(reply) = self.below.call(host, ShownKey {}.call()).await else {
            return;
        };
        if let Ok(shown) = String::of(&reply)
            && let Some(known) = self.trusted.keep(host, shown)
        {
            self.below.declare(vec![known]);
        }
    }

    /// Lets the model answer, with every row filled that it needs.
    async fn run(&self, host: &str, call: &Call) -> Result<Ran, HostError> {
        for _ in 0..ROWS {
            match self.try_run(host, call) {
                Ok(ran) => return Ok(ran),
                Err(Fault::Missing(cell)) => self.fill(host, &cell).await?,
                Err(Fault::Unknown(origin)) => return Err(HostError::Unknown(origin)),
                Err(Fault::Store(cause)) => {
                    let what = format!("what {} answers on {host}: {cause}", call.verb.name());
                    return Err(HostError::Unknown(Origin::of(what)));
                }
            }
        }
        let what = format!(
            "what {} answers on {host}: it needs too much",
            call.verb.name()
        );
        Err(HostError::Unknown(Origin::of(what)))
    }

    /// One attempt, which leaves no trace if it needs a row that isn't filled.
    fn try_run(&self, host: &str, call: &Call) -> Result<Ran, Fault> {
        let mut state = self.preview.state();
        let rows = &mut state.rows;
        rows.watch();
        let mut trial = Pending::new(rows);
        let now = self.preview.clock.now();
        let mut tx = Tx::new(&mut trial, now, host, &self.preview.config);
        let reply = twin_hosts::answer(&mut Host::new(&mut tx, host), call).map_err(Fault::from)?;
        trial.commit()?;
        Ok(Ran {
            reply,
            is_touched: rows.is_touched(),
        })
    }

    /// Fills a row, or says that it can't be known.
    async fn fill(&self, host: &str, missing: &CellId) -> Result<(), HostError> {
        let filling = twin_hosts::filling(&missing.kind);
        if filling.is_some() && missing.id.is_none() {
            let origin = Origin::of(format!("all {}s of {host}", missing.kind));
            let rows = &mut self.preview.state().rows;
            rows.set_unlisted(&missing.domain, &missing.kind, origin);
            return Ok(());
        }
        let (Some(filling), Some(id)) = (filling, &missing.id) else {
            // A row that hosts and API share is filled through the API.
            return self.preview.fill(missing, host).await.map_err(|error| {
                let what = format!("the {}s of {host}: {error}", missing.kind);
                HostError::Unknown(Origin::of(what))
            });
        };
        let mut replies = Vec::new();
        loop {
            let calls = (filling.reads)(id, &replies);
            if calls.is_empty() {
                break;
            }
            for call in calls {
                replies.push(self.below.call(host, call).await?);
            }
        }
        let piece = match (filling.load)(id, &replies) {
            Ok(row) => Piece::Known(row),
            Err(why) => Piece::Unknown(Origin::of(format!(
                "{} {id} of {host}: {why}",
                missing.kind
            ))),
        };
        let key = Key::new(&*missing.domain, &missing.kind, id.as_str());
        self.preview.state().rows.load_piece(key, piece);
        Ok(())
    }
}

impl super::state::State {
    /// Whether the plan would have changed anything that a host shows.
    fn is_host_changed(&self, host: &str) -> bool {
        self.rows.is_changed(&domain_of(host))
            || self
                .cluster_of(host)
                .is_some_and(|cluster| self.rows.is_changed(&cluster))
    }
}

impl Port for PreviewHosts {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(async move { self.answer(&host, call).await })
    }

    fn declare(&self, hosts: Vec<Destination>) {
        self.below.declare(self.trusted.declare(hosts));
    }

    fn login_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(self.login_key(host))
    }

    fn hang_up<'a>(&'a self, host: &'a str) -> BoxFuture<'a, ()> {
        self.below.hang_up(host)
    }
}

#[cfg(test)]
mod tests {
    use world::{World, WorldId, host::OPERATOR};

    use super::*;
    use crate::{LabFacts, Options, Start, Twin};

    /// A twin whose calls are remembered.
    struct Below {
        hosts: Arc<dyn Port>,
        calls: std::sync::Mutex<Vec<Verb>>,
    }

    impl Port for Below {
        fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
            self.calls.lock().unwrap().push(call.verb);
            self.hosts.call(host, call)
        }

        fn declare(&self, hosts: Vec<Destination>) {
            self.hosts.declare(hosts);
        }
    }

    fn below() -> (Arc<Below>, World, World) {
        let facts = LabFacts::default();
        let twin = Twin::open(None, facts, Start::default(), Options::default()).unwrap();
        let world = twin.world().unwrap();
        let below = Arc::new(Below {
            hosts: Arc::clone(&world.hosts),
            calls: std::sync::Mutex::default(),
        });
        let over = World {
            id: WorldId("x".to_owned()),
            hosts: Arc::clone(&below) as Arc<dyn Port>,
            ..world.clone()
        };
        let preview = super::super::over(over);
        (below, world, preview)
    }

    #[tokio::test]
    async fn reads_below_until_the_plan_writes_and_sends_only_reads() {
        let (below, world, preview) = below();
        let args = [".envrc", "600", "-", "-"];
        let write = |text: &'static str| Call::new(Verb::WRITE, args).with_input(text);
        world.hosts.call(OPERATOR, write("A=1\n")).await.unwrap();
        let read = || {
            preview
                .hosts
                .call(OPERATOR, Call::new(Verb::READ, ["./.envrc"]))
        };
        let before = read().await.unwrap();
        assert_eq!(
            (before.text().as_str(), before.confidence),
            ("A=1\n", Confidence::Read)
        );
        preview.hosts.call(OPERATOR, write("B=2\n")).await.unwrap();
        let after = read().await.unwrap();
        assert_eq!(
            (after.text().as_str(), after.confidence),
            ("B=2\n", Confidence::Predicted)
        );
        let stat = preview
            .hosts
            .call(OPERATOR, Call::new(Verb::STAT, [".envrc"]));
        assert!(stat.await.unwrap().text().starts_with("file 600 4 "));
        let remove = Call::new(Verb::REMOVE, [".envrc"]);
        preview.hosts.call(OPERATOR, remove).await.unwrap();
        assert_eq!(read().await.unwrap().status, 66);
        let calls = below.calls.lock().unwrap();
        assert!(
            calls.iter().all(|verb| verb.effect().is_read()),
            "{calls:?}"
        );
    }

    #[tokio::test]
    async fn what_an_earlier_reload_said_is_forgotten_once_the_plan_reloads() {
        let (below, _, preview) = below();
        let state = || {
            preview
                .hosts
                .call(OPERATOR, Call::bare(Verb::NETWORK_STATE))
        };
        assert_eq!(state().await.unwrap().confidence, Confidence::Read);
        let reload = Call::bare(Verb::NETWORK_RELOAD);
        preview.hosts.call(OPERATOR, reload).await.unwrap();
        let said = state().await.unwrap();
        assert_eq!(
            (said.text().trim(), said.confidence),
            ("idle", Confidence::Predicted)
        );
        assert_eq!(*below.calls.lock().unwrap(), [Verb::NETWORK_STATE]);
    }
}
