//! One call of an engine function that may touch the world: probes, and actions that are journaled.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use world::{
    Confidence,
    host::{Call, Reply},
    install::Machine,
    proxmox::{Answer, Api, ApiError, Identity, PortError, Request, Upid},
};

use crate::{
    action::TaskTrace,
    body::Body,
    failure::{Class, Failure},
    halt::Halt,
    install,
    journal::{Entry, IntentId, Open, OperationKey, Settlement},
    question,
    run::{Run, interrupted},
    settle,
    write::{Send, Write},
};

/// An operation under way.
pub struct Operation {
    body: Arc<Body>,
    key: OperationKey,
    confidence: Mutex<Confidence>,
    changes: AtomicU32,
}

impl Operation {
    pub(crate) fn new(body: Arc<Body>, key: OperationKey) -> Self {
        Self {
            body,
            key,
            confidence: Mutex::default(),
            changes: AtomicU32::new(0),
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

    /// A probe of a host.
    ///
    /// # Errors
    /// No reply came, or the run was interrupted.
    pub async fn ask(&self, host: &str, call: Call) -> Result<Reply, Halt> {
        self.check()?;
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
    /// The run was interrupted or the step's time is up.
    pub async fn wait(&self, duration: Duration) -> Result<(), Halt> {
        self.check()?;
        self.run().gate.pass("wait");
        self.rest(duration).await
    }

    /// The same without a kill point, for one of many pauses of a wait that has its own.
    pub(crate) async fn rest(&self, duration: Duration) -> Result<(), Halt> {
        self.check()?;
        tokio::select! {
            () = self.run().world.clock.sleep(duration) => Ok(self.check()?),
            () = self.run().cancel.cancelled() => Err(interrupted().into()),
        }
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
        let late = self.run().state().summary.late.remove(&self.key);
        if let Some(intent) = late {
            self.run().record(Entry::Settled {
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
        self.run().state().summary.under_way.contains(&self.key)
    }

    /// Whether the machine of a node got its answer file in this run, however its installation went on.
    #[must_use]
    pub fn was_given(&self, node: &str) -> bool {
        self.run().state().summary.given.contains(node)
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

    /// Carries out an action: its intent is durable first; a task is followed to its end.
    ///
    /// # Errors
    /// The action was refused, its task failed, the journal can't be written, the run was interrupted, or the
    /// plan that the run keeps to doesn't contain it.
    pub async fn write(&self, write: Write) -> Result<Answer, Halt> {
        self.write_judged(write, &|_| true).await
    }

    /// Carries out an action of which only its answer tells whether it changed anything.
    ///
    /// # Errors
    /// See [`write`](Self::write).
    pub async fn write_judged(
        &self,
        write: Write,
        is_change: &(dyn Fn(&Value) -> bool + Sync),
    ) -> Result<Answer, Halt> {
        self.check()?;
        let run = self.run();
        let Write {
            change,
            action: mut send,
            proof,
        } = write;
        let intent = run.next_intent();
        send.mark(run, intent);
        let action = run.redact(send.describe(run));
        let change = run.redact(change);
        if let Some(expected) = &mut run.state().expected {
            expected.take(&self.key, &action, &change)?;
        }
        run.record(Entry::Intent {
            intent,
            operation: self.key.clone(),
            action: Box::new(action.clone()),
            proof: Box::new(proof.clone()),
            change: change.clone(),
            confidence: self.confidence(),
        })?;
        let open = Open {
            intent,
            operation: self.key.clone(),
            action,
            proof,
            change,
            upid: None,
        };
        self.perform(send, open, is_change).await
    }

    async fn perform(
        &self,
        send: Send,
        mut open: Open,
        is_change: &(dyn Fn(&Value) -> bool + Sync),
    ) -> Result<Answer, Halt> {
        let run = self.run();
        let point = format!("write {}", open.action.summary());
        run.gate.pass(&format!("before {point}"));
        let sent = self.send(send).await;
        run.gate.pass(&format!("after {point}"));
        match sent {
            Ok(answer) => {
                if let Some(upid) = upid_of(&answer) {
                    run.record(Entry::Task {
                        intent: open.intent,
                        upid: upid.to_string(),
                    })?;
                    open.upid = Some(upid.to_string());
                    self.follow(&open, upid).await?;
                }
                self.done(open.intent, !is_change(&answer.data));
                Ok(answer)
            }
            Err(Sent::Unclear(why)) => self.settle_now(&open, why).await,
            Err(Sent::Unknown(origin)) => {
                // The model can't say what the write does; in a plan that is a result too.
                run.note_entry(Entry::Unclear {
                    operation: self.key.clone(),
                    confidence: Confidence::Opaque,
                });
                Err(Halt::Unknown(origin))
            }
            // What goes on without us stays open: the next invocation asks its proof.
            Err(Sent::Left(halt)) => Err(halt),
            Err(Sent::Refused(failure)) => {
                run.record(Entry::Refused {
                    intent: open.intent,
                    why: failure.to_string(),
                })?;
                Err(failure.into())
            }
        }
    }

    async fn send(&self, send: Send) -> Result<Answer, Sent> {
        match send {
            Send::Install { offer, timeout } => install::wait(self, *offer, timeout)
                .await
                .map_err(Sent::of_wait),
            Send::Request {
                node,
                identity,
                request,
            } => self
                .api()
                .call(&identity, &node, &request)
                .await
                .map_err(Sent::of_api),
            Send::Call { host, call } => {
                let verb = call.verb.shown();
                let reply = self
                    .run()
                    .world
                    .hosts
                    .call(&host, call)
                    .await
                    .map_err(Sent::of_host)?;
                if reply.status == 0 {
                    return Ok(Answer {
                        data: Value::from(reply.text()),
                        ..Answer::default()
                    });
                }
                let failure = Failure::new(
                    "homelab::host::failed",
                    format!("{verb} failed on host {host} with status {}", reply.status),
                );
                Err(Sent::Refused(failure.cause(reply.error.trim().to_owned())))
            }
        }
    }

    /// Follows the task of an open intent to its end.
    async fn follow(&self, open: &Open, upid: Upid) -> Result<(), Halt> {
        match settle::follow(self.run(), &self.key, &open.action, upid).await {
            Ok(()) => Ok(()),
            Err(Halt::Failed(failure)) if failure.code == "homelab::proxmox::task_failed" => {
                self.run().record(Entry::Refused {
                    intent: open.intent,
                    why: failure.to_string(),
                })?;
                Err(Halt::Failed(failure))
            }
            Err(halt) => Err(halt),
        }
    }

    fn done(&self, intent: IntentId, unchanged: bool) {
        let run = self.run();
        run.note_entry(Entry::Done { intent, unchanged });
        if !unchanged {
            self.count_change();
        }
    }

    /// The connection ended before the answer did: the proof says whether the action was carried out.
    async fn settle_now(&self, open: &Open, why: Failure) -> Result<Answer, Halt> {
        let settlement = settle::settle(self.run(), open).await?;
        self.run().record(Entry::Settled {
            intent: open.intent,
            settlement: settlement.clone(),
        })?;
        match settlement {
            Settlement::Done => {
                self.count_change();
                Ok(Answer::default())
            }
            Settlement::NotDone(_) => Err(why.into()),
            Settlement::InDoubt(doubt) => Err(settle::in_doubt(open, &doubt).into()),
        }
    }

    fn count_change(&self) {
        let mut state = self.run().state();
        state.changes += 1;
        state.summary.late.remove(&self.key);
        state.summary.carried_out(Some(&self.key));
        drop(state);
        self.changes.fetch_add(1, Ordering::Relaxed);
        self.body.count_change();
    }

    /// Fails if the run was interrupted or the step's time is up.
    fn check(&self) -> Result<(), Failure> {
        self.run().check_interrupted()?;
        let late = |deadline| self.run().world.clock.now() > deadline;
        if self.body.deadline.is_some_and(late) {
            return Err(Failure::new(
                "homelab::step::timeout",
                format!("step {} took longer than its timeout", self.key.step),
            ));
        }
        Ok(())
    }
}

/// How a request that has no good answer ended.
enum Sent {
    Refused(Failure),
    Unclear(Failure),
    Unknown(world::Origin),
    Left(Halt),
}

impl Sent {
    fn of_wait(halt: Halt) -> Self {
        match halt {
            Halt::Unknown(origin) => Self::Unknown(origin),
            Halt::Failed(failure) if failure.class == Class::Interrupted => {
                Self::Left(Halt::Failed(failure))
            }
            Halt::Failed(failure) => Self::Refused(*failure),
        }
    }

    fn of_api(error: ApiError) -> Self {
        let unclear = error.outcome_unknown();
        match Halt::from(error) {
            Halt::Unknown(origin) => Self::Unknown(origin),
            Halt::Failed(failure) if unclear => Self::Unclear(*failure),
            Halt::Failed(failure) => Self::Refused(*failure),
        }
    }

    fn of_host(error: world::host::HostError) -> Self {
        let unclear = error.outcome_unknown();
        match Halt::from(error) {
            Halt::Unknown(origin) => Self::Unknown(origin),
            Halt::Failed(failure) if unclear => Self::Unclear(*failure),
            Halt::Failed(failure) => Self::Refused(*failure),
        }
    }
}

/// The task that an answer names.
fn upid_of(answer: &Answer) -> Option<Upid> {
    answer
        .data
        .as_str()
        .filter(|text| text.starts_with("UPID:"))?
        .parse()
        .ok()
}
