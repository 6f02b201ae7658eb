//! A write as an operation gives it: what changes, what is sent, how it's proved.

use std::time::Duration;

use world::{
    host::{Ask, Call, Effect, Told},
    install::Offer,
    proxmox::{Identity, Request},
};

use crate::{
    journal::{
        IntentId,
        action::{Action, Change, Compared, Condition, Proof, TaskTrace, ToHost, ToNode},
    },
    run::Run,
};

/// One action with its proof and the change that it makes.
pub struct Write {
    /// What changes.
    pub change: Change,
    /// What is sent.
    pub action: Dispatch,
    /// How it's found out later whether it was carried out.
    pub proof: Proof,
}

/// What an action sends.
pub enum Dispatch {
    /// A request to a node.
    Request(ToNode),
    /// A call on a host.
    Call(ToHost),
    /// An answer file for the installer of a machine, which is waited for.
    Install {
        /// The answer file, and for which machine it is.
        offer: Box<Offer>,
        /// How long the node may take until it answers.
        timeout: Duration,
    },
}

impl Dispatch {
    /// Gives a tracked call the token under which its host records it.
    pub(crate) fn mark(&mut self, run: &Run, intent: IntentId) {
        if let Self::Call(ToHost { call, .. }) = self
            && call.verb.effect() == Effect::Tracked
        {
            let name = format!("{}/{}", run.id().0, intent.0);
            call.token = Some(run.hash(name.as_bytes())[..16].to_owned());
        }
    }

    /// The action as data.
    pub(crate) fn describe(&self, run: &Run) -> Action {
        match self {
            Self::Request(to) => Action::Proxmox(to.clone()),
            Self::Call(to) => Action::Host {
                to: to.clone(),
                input: run.hash(&to.call.input),
            },
            Self::Install { offer, .. } => Action::Install {
                node: offer.node.clone(),
                answer: offer.file.masked(),
            },
        }
    }
}

/// The proof that a host tells something when it's asked.
pub fn tells<A: Ask>(ask: &A, told: &A::Reply) -> (Call, Compared, String) {
    (ask.call(), Compared::Is, told.shown())
}

impl Write {
    /// A call on a host that may be repeated: the operation reads the state again.
    #[must_use]
    pub fn repeatable(change: Change, host: &str, call: impl Into<Call>) -> Self {
        Self {
            change,
            proof: Proof::Repeatable,
            action: Dispatch::Call(ToHost {
                host: host.to_owned(),
                call: call.into(),
            }),
        }
    }

    /// A call on a host, proved by the output of a read there.
    #[must_use]
    pub fn call(
        change: Change,
        host: &str,
        call: impl Into<Call>,
        proof: (Call, Compared, String),
    ) -> Self {
        let (read, compared, output) = proof;
        Self {
            change,
            proof: Proof::Host {
                to: ToHost {
                    host: host.to_owned(),
                    call: read,
                },
                output,
                compared,
            },
            action: Dispatch::Call(ToHost {
                host: host.to_owned(),
                call: call.into(),
            }),
        }
    }

    /// A request, proved by a read at the same node.
    #[must_use]
    pub fn request(
        change: Change,
        identity: &Identity,
        node: &str,
        request: Request,
        proof: (Request, Condition),
    ) -> Self {
        let (read, condition) = proof;
        let to = |request| ToNode {
            node: node.to_owned(),
            identity: identity.clone(),
            request,
        };
        Self {
            change,
            action: Dispatch::Request(to(request)),
            proof: Proof::Proxmox {
                to: to(read),
                condition,
                task: None,
            },
        }
    }

    /// The installation of a node, proved by the node itself: it answers.
    #[must_use]
    pub fn install(change: Change, offer: Offer, timeout: Duration) -> Self {
        Self {
            change,
            proof: Proof::Installed {
                node: offer.node.clone(),
            },
            action: Dispatch::Install {
                offer: Box::new(offer),
                timeout,
            },
        }
    }

    /// The same write, whose answer is a task that can be found by `trace`.
    #[must_use]
    pub fn traced(mut self, trace: TaskTrace) -> Self {
        if let Proof::Proxmox { task, .. } = &mut self.proof {
            *task = Some(trace);
        }
        self
    }
}
