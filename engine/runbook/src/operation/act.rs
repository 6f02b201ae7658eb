//! How an operation acts: its intent is durable first, the action is sent, and what became of it is settled.

use std::sync::atomic::Ordering;

use serde_json::Value;
use world::{
    Confidence, code,
    proxmox::{Answer, ApiError, Upid},
};

use super::{Operation, told};
use crate::{
    failure::{Class, Failure},
    journal::{
        IntentId, Open, Settlement,
        action::ToHost,
        entry::{Done, Intent, Refused, Settled, Task, Unclear},
    },
    operation::{
        halt::Halt,
        install, settle,
        write::{Dispatch, Write},
    },
};

impl Operation {
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
        run.world.lease.held().await?;
        let Write {
            change,
            action: mut send,
            proof,
        } = write;
        let intent = run.next_intent();
        send.mark(run, intent);
        if let Dispatch::Call(to) = &send {
            run.redactor.hide_digest(&to.call.input);
        }
        let action = send.describe(run);
        if let Some(expected) = &mut run.state().expected {
            expected.take(&self.key, &action, &change)?;
        }
        let begun = Intent {
            intent,
            operation: self.key.clone(),
            action: Box::new(action),
            proof: Box::new(proof),
            change,
            confidence: self.confidence(),
        };
        run.record(begun.clone())?;
        let open = Open { begun, upid: None };
        self.perform(send, open, is_change).await
    }

    async fn perform(
        &self,
        send: Dispatch,
        mut open: Open,
        is_change: &(dyn Fn(&Value) -> bool + Sync),
    ) -> Result<Answer, Halt> {
        let run = self.run();
        let what = run.redactor.redact(&open.begun.action.summary());
        let point = format!("write {}: {what}", self.key.function);
        run.gate.pass(&format_args!("before {point}"));
        let sent = self.send(send).await;
        run.gate.pass(&format_args!("after {point}"));
        match sent {
            Ok(answer) => {
                if let Some(upid) = upid_of(&answer) {
                    run.record(Task {
                        intent: open.begun.intent,
                        upid: upid.to_string(),
                    })?;
                    open.upid = Some(upid.to_string());
                    self.follow(&open, upid).await?;
                }
                self.done(open.begun.intent, !is_change(&answer.data));
                Ok(answer)
            }
            Err(Sent::Unclear(why)) => self.settle_now(&open, why).await,
            Err(Sent::Unknown(origin)) => {
                // The model can't say what the write does; in a plan that is a result too.
                run.note_entry(Unclear {
                    operation: self.key.clone(),
                    confidence: Confidence::Opaque,
                });
                Err(Halt::Unknown(origin))
            }
            // What goes on without us stays open: the next invocation asks its proof.
            Err(Sent::Left(halt)) => Err(halt),
            Err(Sent::Refused(failure)) => {
                run.record(Refused {
                    intent: open.begun.intent,
                    why: failure.to_string(),
                })?;
                Err(failure.into())
            }
        }
    }

    async fn send(&self, send: Dispatch) -> Result<Answer, Sent> {
        match send {
            Dispatch::Install { offer, timeout } => {
                let waited = install::wait(self, *offer, timeout).await;
                self.run().foresight.change();
                waited.map_err(Sent::of_wait)
            }
            Dispatch::Request(to) => {
                // Nodes are hosts, too.
                self.run().foresight.change();
                let answer = self.api().call(&to.identity, &to.node, &to.request).await;
                self.run().foresight.change();
                answer.map_err(Sent::of_api)
            }
            Dispatch::Call(ToHost { host, call }) => {
                let verb = call.verb;
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
                Err(Sent::Refused(told::failed(&host, verb, &reply)))
            }
        }
    }

    /// Follows the task of an open intent to its end.
    async fn follow(&self, open: &Open, upid: Upid) -> Result<(), Halt> {
        let followed = settle::follow(self.run(), &self.key, &open.begun.action, upid).await;
        // What was read while it ran may be from its middle.
        self.run().foresight.change();
        match followed {
            Ok(()) => Ok(()),
            Err(Halt::Failed(failure)) if failure.code == code::proxmox::task_failed => {
                self.run().record(Refused {
                    intent: open.begun.intent,
                    why: failure.to_string(),
                })?;
                Err(Halt::Failed(failure))
            }
            Err(halt) => Err(halt),
        }
    }

    fn done(&self, intent: IntentId, unchanged: bool) {
        let run = self.run();
        run.note_entry(Done { intent, unchanged });
        if !unchanged {
            self.count_change();
        }
    }

    /// The connection ended before the answer did: the proof says whether the action was carried out.
    async fn settle_now(&self, open: &Open, why: Failure) -> Result<Answer, Halt> {
        let settlement = settle::settle(self.run(), open).await?;
        // It may have gone on until now.
        self.run().foresight.change();
        self.run().record(Settled {
            intent: open.begun.intent,
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

    pub(super) fn count_change(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
        self.body.count_change();
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
