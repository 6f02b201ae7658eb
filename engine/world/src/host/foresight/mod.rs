//! What is known of hosts, and what they will be asked: a port over a port.
//!
//! A script's calls come one after the other, each when the one before it has its answer. Who knows what a run will ask
//! ([`Foresight::expect`]) lets a host be asked all of it at once. A reply holds until something may have changed what it
//! shows ([`Verb::parts`](super::Verb::parts)): a call that writes, to whichever host, a change by another way
//! ([`Foresight::forget`]), or time. So nobody ever sees a fact from before what he himself did. What a change begins may
//! go on behind it (a unit that dies a second after its start), so once something was changed a reply serves one caller,
//! and soon.

mod errand;
mod known;

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::{BoxFuture, join_all};
use tokio::{runtime::Handle, sync::watch};

use self::{
    errand::{Errand, errands},
    known::{Asked, Known, Next, ReplyResult},
};
use super::{Call, Destination, HostError, Parts, Port, Reply};
use crate::Clock;

/// Whether a call's reply holds until something changes: a read of what changes by nobody else's doing. Only such calls
/// are answered from what is known, and may be foreseen.
#[must_use]
pub fn holds(call: &Call) -> bool {
    let verb = call.verb;
    verb.effect().is_read()
        && verb.parts() != Parts::NONE
        && call.input.is_empty()
        && call.token.is_none()
        && call.timeout.is_none()
}

/// The hosts of a run, with what is known of them.
pub struct Foresight {
    hosts: Arc<dyn Port>,
    clock: Arc<dyn Clock>,
    handle: Handle,
    known: Arc<Known>,
}

impl Foresight {
    /// Hosts of which nothing is known yet.
    #[must_use]
    pub fn new(hosts: Arc<dyn Port>, clock: Arc<dyn Clock>, handle: Handle) -> Self {
        Self {
            hosts,
            clock,
            handle,
            known: Arc::default(),
        }
    }

    /// The hosts themselves, for who must know what is there now.
    #[must_use]
    pub fn hosts(&self) -> &Arc<dyn Port> {
        &self.hosts
    }

    /// Says what will be asked of hosts, in order; what is there twice counts once. A host is asked when it's declared from now on, or with the first call.
    pub fn expect(&self, calls: BTreeMap<String, Vec<Call>>) {
        self.known.expect(calls);
    }

    /// Forgets what is known of all hosts: something else than a call may have changed them.
    pub fn forget(&self) {
        self.known.forget(Parts::ALL);
    }

    /// The same where this run changes them, by another way than a call.
    pub fn change(&self) {
        self.known.change(Parts::ALL);
    }

    /// Asks a host for what will be asked of it.
    fn prepare(&self, host: &str) {
        let calls = self.known.lacking(host, self.clock.now());
        self.send(host, calls);
    }

    fn send(&self, host: &str, calls: Vec<Asked>) {
        if calls.is_empty() {
            return;
        }
        let port = Arc::clone(&self.hosts);
        let known = Arc::clone(&self.known);
        let clock = Arc::clone(&self.clock);
        let host = host.to_owned();
        // Counted before it starts, so that a simulated clock doesn't jump while it's still to begin.
        let working = clock.body();
        self.handle.spawn(async move {
            let _working = working;
            // In one task, so that they travel together.
            let all = errands(calls).into_iter().map(async |errand| {
                let reply = port.call(&host, errand.call.clone()).await;
                known.learn(&host, errand.part(reply), clock.now());
            });
            join_all(all).await;
        });
    }

    async fn read(&self, host: &str, call: Call) -> ReplyResult {
        loop {
            match self.known.next(host, &call, self.clock.now()) {
                Next::Known(reply) => return Ok(reply),
                Next::Ask(asked, _own) => {
                    let reply = self.hosts.call(host, call).await;
                    let errand = Errand::of(asked);
                    let learned = errand.part(reply.clone());
                    self.known.learn(host, learned, self.clock.now());
                    return reply;
                }
                Next::AskAll(calls, answer) => {
                    self.send(host, calls);
                    if let Some(answer) = self.wait(answer).await {
                        return answer;
                    }
                }
                Next::Wait(answer) => {
                    if let Some(answer) = self.wait(answer).await {
                        return answer;
                    }
                }
            }
        }
    }

    /// Waits for the reply to a call that is under way; none if it can't be used.
    async fn wait(&self, mut answer: watch::Receiver<Option<ReplyResult>>) -> Option<ReplyResult> {
        let _idle = self.clock.idle();
        let answer = answer.wait_for(Option::is_some).await.ok()?;
        answer.clone()
    }
}

impl Port for Foresight {
    fn call(&self, host: &str, call: Call) -> BoxFuture<'_, Result<Reply, HostError>> {
        let host = host.to_owned();
        Box::pin(async move {
            if holds(&call) {
                return self.read(&host, call).await;
            }
            if call.verb.effect().is_read() {
                return self.hosts.call(&host, call).await;
            }
            let parts = call.changes();
            self.known.change(parts);
            let reply = self.hosts.call(&host, call).await;
            // What was asked meanwhile may be from before.
            self.known.change(parts);
            reply
        })
    }

    fn declare(&self, hosts: Vec<Destination>) {
        let names: Vec<String> = hosts.iter().map(|host| host.name.clone()).collect();
        self.hosts.declare(hosts.clone());
        self.known.declare(&hosts);
        for name in names {
            self.prepare(&name);
        }
    }

    fn login_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        self.hosts.login_key(host)
    }

    fn host_key<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Option<String>> {
        self.hosts.host_key(host)
    }

    fn hang_up<'a>(&'a self, host: &'a str) -> BoxFuture<'a, ()> {
        self.known.forget_host(host);
        self.hosts.hang_up(host)
    }
}

#[cfg(test)]
mod tests;
