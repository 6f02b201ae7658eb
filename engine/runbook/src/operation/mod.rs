//! One call of an engine function that may touch the world: probes here, actions that are journaled in [`act`].

mod act;
mod ask;
pub mod bridge;
mod given;
pub mod halt;
mod install;
mod learn;
mod measure;
mod patience;
pub(crate) mod settle;
pub mod told;
pub mod write;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use world::{
    Confidence, code,
    host::{Call, Reply},
    install::Machine,
    proxmox::{Answer, Api, ApiError, Identity, PortError, Request},
};

use crate::{
    failure::Failure,
    journal::{OperationKey, Settlement, action::TaskTrace, entry::Settled},
    operation::{halt::Halt, patience::Patience},
    run::{Run, body::Body, interrupted, journal_failure, question},
};

/// An operation under way.
pub struct Operation {
    body: Arc<Body>,
    key: OperationKey,
    confidence: Mutex<Confidence>,
    changes: AtomicU32,
    patience: Patience,
}

impl Operation {
    pub(crate) fn new(body: Arc<Body>, key: OperationKey) -> Self {
        Self {
            body,
            key,
            confidence: Mutex::default(),
            changes: AtomicU32::new(0),
            patience: Patience::default(),
        }
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.body.run
    }

    /// The Proxmox VE API.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.body.run.api
    }

    /// Which operation this is.
    #[must_use]
    pub const fn key(&self) -> &OperationKey {
        &self.key
    }

    /// How sure the probes' answers were so far.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        self.confidence
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How many changes it has made so far.
    #[must_use]
    pub fn changes(&self) -> u32 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Counts in how sure an answer was that came another way than through a probe of this operation's.
    pub fn weigh(&self, confidence: Confidence) {
        let mut own = self
            .confidence
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *own = std::mem::take(&mut *own).weaker(confidence);
    }

    /// A probe of the API.
    ///
    /// # Errors
    /// The API refused it or gave no answer; the run was interrupted.
    pub async fn read(
        &self,
        identity: &Identity,
        node: &str,
        request: &Request,
    ) -> Result<Answer, Halt> {
        self.try_read(identity, node, request)
            .await?
            .map_err(Halt::from)
    }

    /// A probe of the API whose refusal the caller looks at.
    ///
    /// # Errors
    /// The run was interrupted, or a preview can't know the answer.
    pub async fn try_read(
        &self,
        identity: &Identity,
        node: &str,
        request: &Request,
    ) -> Result<Result<Answer, ApiError>, Halt> {
        self.check()?;
        // A read that is given up leaves nothing behind; a write waits for its answer.
        let answer = tokio::select! {
            answer = self.api().call(identity, node, request) => answer,
            () = self.run().cancel.cancelled() => return Err(interrupted().into()),
        };
        match answer {
            Ok(answer) => {
                self.weigh(answer.confidence.clone());
                Ok(Ok(answer))
            }
            Err(ApiError::Port {
                source: PortError::Unknown(origin),
                ..
            }) => Err(Halt::Unknown(origin)),
            Err(error) => Ok(Err(error)),
        }
    }

    /// A probe for an object that may be absent.
    ///
    /// # Errors
    /// Any error but its absence.
    pub async fn find(
        &self,
        identity: &Identity,
        node: &str,
        request: &Request,
    ) -> Result<Option<Value>, Halt> {
        match self.try_read(identity, node, request).await? {
            Ok(answer) => Ok(Some(answer.data)),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A call of a verb that reads, and its reply as it came: [`ask`](Self::ask) tells what it says.
    ///
    /// # Errors
    /// No reply came, or the run was interrupted.
    pub async fn call(&self, host: &str, call: Call) -> Result<Reply, Halt> {
        self.check()?;
        self.run().asks(&self.key.step, host, &call);
        // A read that is given up leaves nothing behind; a write waits for its reply.
        let reply = tokio::select! {
            reply = self.run().world.hosts.call(host, call) => reply?,
            () = self.run().cancel.cancelled() => return Err(interrupted().into()),
        };
        self.weigh(reply.confidence.clone());
        Ok(reply)
    }

    /// The fingerprint of the key by which a host that was asked proved itself; nothing where nobody knows.
    pub async fn host_key(&self, host: &str) -> Option<String> {
        self.run().world.hosts.host_key(host).await
    }

    /// Waits in the world's time; ends early if the run is interrupted.
    ///
    /// # Errors
    /// The run was interrupted, the step's time is up, or the world is gone.
    pub async fn wait(&self, duration: Duration) -> Result<(), Halt> {
        self.check()?;
        self.run()
            .gate
            .pass(&format_args!("wait {}", self.key.function));
        self.rest(duration).await
    }

    /// The same without a kill point, for one of many pauses of a wait that has its own.
    pub(crate) async fn rest(&self, duration: Duration) -> Result<(), Halt> {
        self.check()?;
        self.tell_waiting();
        tokio::select! {
            () = self.run().world.clock.sleep(duration) => {}
            () = self.run().cancel.cancelled() => return Err(interrupted().into()),
        }
        self.run().world.lease.present().await?;
        // Who waits, waits for something to change.
        self.run().foresight.forget();
        Ok(self.check()?)
    }

    /// The machine that asked for a node's answer file in this invocation.
    #[must_use]
    pub fn machine(&self, node: &str) -> Option<Machine> {
        self.run().state().machines.get(node).cloned()
    }

    /// Says that what the operation wanted is there. Where an earlier invocation of this run began it, as an
    /// installation that went on meanwhile, it counts as done by this run.
    ///
    /// # Errors
    /// The journal can't be written.
    pub fn found(&self) -> Result<(), Halt> {
        let late = self.run().state().summary.late.get(&self.key).copied();
        if let Some(intent) = late {
            self.run().record(Settled {
                intent,
                settlement: Settlement::Done,
            })?;
            self.count_change();
        }
        Ok(())
    }

    /// Goes on only if a question is answered yes; the answer is recorded. A no stops the run, and is asked again on
    /// resume.
    ///
    /// # Errors
    /// It was answered no, or nobody can answer.
    pub fn confirm(&self, question: &str) -> Result<(), Halt> {
        Ok(question::demand(self.run(), &self.key.step, question)?)
    }

    /// Whether an action of this operation was carried out by an attempt at its step that didn't end well: what can't
    /// be seen in the world any more isn't done twice.
    #[must_use]
    pub fn was_carried_out(&self) -> bool {
        let state = self.run().state();
        let now = &state.summary.invocation.changed;
        state.before.under_way.contains(&self.key) || now.contains(&self.key)
    }

    /// The things of sets that homelab made in this world and hasn't removed, the newest first.
    ///
    /// # Errors
    /// The journal can't be read.
    pub fn owned(&self) -> Result<Vec<String>, Halt> {
        let owned = self.run().journal.owned(&self.run().world.id);
        Ok(owned.map_err(journal_failure)?)
    }

    /// Whether the machine of a node got its answer file in this run, however its installation went on.
    #[must_use]
    pub fn was_given(&self, node: &str) -> bool {
        self.run().state().summary.given.contains(node)
    }

    /// Keeps the SHA-256 of a text out of what is shown and kept, if a secret stands in the text.
    pub fn hide_digest(&self, text: &[u8]) {
        self.run().redactor.hide_digest(text);
    }

    /// Notes something for the reader of the run.
    pub fn remark(&self, text: impl Into<String>) {
        self.run().remark(Some(self.key.step.clone()), text);
    }

    /// The tasks of a type that a node knows now; what a proof needs to find a new one later.
    ///
    /// # Errors
    /// See [`read`](Self::read).
    pub async fn trace(
        &self,
        identity: &Identity,
        node: &str,
        kind: &str,
    ) -> Result<TaskTrace, Halt> {
        let before = settle::tasks(self.api(), identity, node, kind).await?;
        Ok(TaskTrace {
            kind: kind.to_owned(),
            before,
        })
    }

    /// Fails if the run was interrupted or the step's time is up.
    fn check(&self) -> Result<(), Failure> {
        self.run().check_interrupted()?;
        let late = |deadline| self.run().world.clock.now() > deadline;
        if self.body.deadline.is_some_and(late) {
            return Err(Failure::new(
                code::step::timeout,
                format!("step {} took longer than its timeout", self.key.step),
            ));
        }
        Ok(())
    }
}
