//! A write as an operation gives it: what changes, what is sent, how it's proved.

use std::time::Duration;

use world::{
    host::{Ask, Call, Effect, Told},
    install::Offer,
    proxmox::{Identity, Request},
};

use crate::{
    action::{Action, Change, Compared, Condition, Proof, TaskTrace},
    journal::IntentId,
    run::Run,
};

/// One action with its proof and the change that it makes.
pub struct Write {
    /// What changes.
    pub change: Change,
    /// What is sent.
    pub action: Send,
    /// How it's found out later whether it was carried out.
    pub proof: Proof,
}

/// What an action sends.
pub enum Send {
    /// A request to a node.
    Request {
        /// The node.
        node: String,
        /// Who asks.
        identity: Identity,
        /// The request.
        request: Request,
    },
    /// A verb to a host.
    Call {
        /// The host.
        host: String,
        /// The call.
        call: Call,
    },
    /// An answer file for the installer of a machine, which is waited for.
    Install {
        /// The answer file, and for which machine it is.
        offer: Box<Offer>,
        /// How long the node may take until it answers.
        timeout: Duration,
    },
}

impl Send {
    /// Gives a tracked call the token under which its host records it.
    pub(crate) fn mark(&mut self, run: &Run, intent: IntentId) {
        if let Self::Call { call, .. } = self
            && call.verb.effect() == Effect::Tracked
        {
            let name = format!("{}/{}", run.id().0, intent.0);
            call.token = Some(run.hash(name.as_bytes())[..16].to_owned());
        }
    }

    /// The action as data.
    pub(crate) fn describe(&self, run: &Run) -> Action {
        match self {
            Self::Request {
                node,
                identity,
                request,
            } => Action::Proxmox {
                node: node.clone(),
                identity: identity.clone(),
                request: request.clone(),
            },
            Self::Call { host, call } => Action::Host {
                host: host.clone(),
                call: call.clone(),
                input: run.hash(&call.input),
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
            action: Send::Call {
                host: host.to_owned(),
                call: call.into(),
            },
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
                host: host.to_owned(),
                call: read,
                output,
                compared,
            },
            action: Send::Call {
                host: host.to_owned(),
                call: call.into(),
            },
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
        Self {
            change,
            action: Send::Request {
                node: node.to_owned(),
                identity: identity.clone(),
                request,
            },
            proof: Proof::Proxmox {
                node: node.to_owned(),
                identity: identity.clone(),
                request: read,
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
            action: Send::Install {
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
