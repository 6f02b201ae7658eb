//! Calls of the API: who asks, what is retried, what is logged in for again.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::{
    Answer, ApiError, Asked, Identity, Node, Port, PortError, Request, classify,
    retry::{Next, RESTART, Retries},
    session::{Proof, State, encode},
};
use crate::{Clock, Secret, docs::nearest};

/// Tells the run's reader that a call has to wait.
pub type Teller = Box<dyn Fn(String) + Send + Sync>;

/// The API of a lab's nodes, above the cut: the same in every world.
pub struct Api {
    port: Arc<dyn Port>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    teller: OnceLock<Teller>,
}

impl Api {
    /// The API behind `port`, with waits by `clock`.
    #[must_use]
    pub fn new(port: Arc<dyn Port>, clock: Arc<dyn Clock>) -> Self {
        Self {
            port,
            clock,
            state: Mutex::default(),
            teller: OnceLock::new(),
        }
    }

    /// Sets who is told that a call has to wait; the first one stays.
    pub fn tell_waits(&self, teller: Teller) {
        // Who came first is told: one API serves one run.
        let _ = self.teller.set(teller);
    }

    /// Sets the nodes that can be asked by name.
    pub fn set_nodes(&self, nodes: Vec<Node>) {
        self.state().nodes = nodes;
    }

    /// The nodes that can be asked.
    #[must_use]
    pub fn nodes(&self) -> Vec<Node> {
        self.state().nodes.clone()
    }

    /// Sets the literal root user (`root@pam`) and its password.
    pub fn set_root(&self, user: &str, password: Secret) {
        let mut state = self.state();
        state.root = Some((user.to_owned(), password));
        state.tickets.clear();
    }

    /// Keeps the secret of a token, for identities that were recorded without it.
    pub fn set_token(&self, id: &str, secret: Secret) {
        self.state().tokens.insert(id.to_owned(), secret);
    }

    /// Forgets the ticket of a node: after a join it is worth nothing.
    pub fn forget_ticket(&self, node: &str) {
        self.state().tickets.remove(node);
    }

    /// The clock of the world.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Sends a request to a node and reads the answer.
    ///
    /// A read is repeated where the way to the node failed. A write is sent once; again only if it surely wasn't carried
    /// out: no connection came about, or it was refused with 401. A node that refuses connections is asked for as long
    /// as a restart of its API takes.
    ///
    /// # Errors
    /// See [`ApiError`]; [`ApiError::outcome_unknown`] says whether a write may have been carried out.
    pub async fn call(
        &self,
        identity: &Identity,
        node: &str,
        request: &Request,
    ) -> Result<Answer, ApiError> {
        let mut retries = Retries::new(self.clock.now());
        loop {
            let error = match self.attempt(identity, node, request).await {
                Err(error) => error,
                answer => return answer,
            };
            let pause = match retries.after(&error, request.method, self.clock.now()) {
                Next::Fail => return Err(error),
                Next::Again(pause) => pause,
                Next::Refused(pause) => {
                    self.tell(format!(
                        "{node} refuses connections: its API restarts, or doesn't run. It's asked again for {} s",
                        RESTART.as_secs()
                    ));
                    pause
                }
            };
            self.clock.sleep(pause).await;
        }
    }

    fn tell(&self, text: String) {
        if let Some(teller) = self.teller.get() {
            teller(text);
        }
    }

    /// Sends a request to a node once, where silence is an answer too.
    ///
    /// # Errors
    /// See [`call`](Self::call).
    pub async fn ask_once(
        &self,
        identity: &Identity,
        node: &str,
        request: &Request,
    ) -> Result<Answer, ApiError> {
        self.attempt(identity, node, request).await
    }

    /// One attempt, with one more login if a ticket is refused.
    pub(super) async fn attempt(
        &self,
        identity: &Identity,
        node: &str,
        request: &Request,
    ) -> Result<Answer, ApiError> {
        let asked = Asked::new(node, request);
        let node = self.node(&asked)?;
        let proof = self.proof(identity, &node, &asked).await?;
        match self.exchange(&asked, &node, request, &proof).await {
            Err(ApiError::Ticket { asked, words, .. }) => match (identity, &proof) {
                (Identity::Root, _) => {
                    self.forget_ticket(&node.name);
                    let proof = self.proof(identity, &node, &asked).await?;
                    self.exchange(&asked, &node, request, &proof)
                        .await
                        .map_err(|e| named(e, "the new ticket"))
                }
                (Identity::Token { id, .. }, _) => Err(ApiError::Ticket {
                    asked,
                    who: format!("the token {id}"),
                    words,
                }),
            },
            other => other,
        }
    }

    /// One request on the wire; where the node shows a new certificate, another node may vouch for it.
    pub(super) async fn exchange(
        &self,
        asked: &Asked,
        node: &Node,
        request: &Request,
        proof: &Proof,
    ) -> Result<Answer, ApiError> {
        match self.exchange_once(asked, node, request, proof).await {
            Err(ApiError::Port {
                asked,
                source:
                    PortError::Fingerprint {
                        address,
                        pinned,
                        actual,
                    },
            }) => {
                if self.is_vouched(node, &actual, proof).await {
                    self.port.pin(&node.address, &actual);
                    return self.exchange_once(&asked, node, request, proof).await;
                }
                let source = PortError::Fingerprint {
                    address,
                    pinned,
                    actual,
                };
                Err(ApiError::Port { asked, source })
            }
            other => other,
        }
    }

    pub(super) async fn exchange_once(
        &self,
        asked: &Asked,
        node: &Node,
        request: &Request,
        proof: &Proof,
    ) -> Result<Answer, ApiError> {
        let wire = encode(request, proof).map_err(|error| ApiError::Port {
            asked: asked.clone(),
            source: PortError::Unreachable {
                address: node.address.clone(),
                cause: error.to_string(),
            },
        })?;
        let sent = self.port.send(&node.address, wire).await;
        let response = sent.map_err(|source| ApiError::Port {
            asked: asked.clone(),
            source,
        })?;
        classify::read(asked, &response)
    }

    /// Asks the other nodes, each by its own pinned certificate, which fingerprint they know of `node`.
    ///
    /// Boxed, because asking them may log in there, which is an exchange again.
    fn is_vouched<'a>(
        &'a self,
        node: &'a Node,
        actual: &'a str,
        proof: &'a Proof,
    ) -> futures_util::future::BoxFuture<'a, bool> {
        Box::pin(async move {
            let request = Request::get("/nodes");
            for other in self.nodes().iter().filter(|other| other.name != node.name) {
                let asked = Asked::new(&other.name, &request);
                let Ok(proof) = self.vouching_proof(other, &asked, proof).await else {
                    continue;
                };
                let Ok(answer) = self.exchange_once(&asked, other, &request, &proof).await else {
                    continue;
                };
                let known = answer
                    .item("node", &node.name)
                    .and_then(|row| row.get("ssl_fingerprint"));
                if known
                    .and_then(|value| value.as_str())
                    .is_some_and(|known| known.eq_ignore_ascii_case(actual))
                {
                    return true;
                }
            }
            false
        })
    }

    /// Root's ticket at `other`, or without root's password the token that asks anyway.
    async fn vouching_proof(
        &self,
        other: &Node,
        asked: &Asked,
        proof: &Proof,
    ) -> Result<Proof, ApiError> {
        let (kept, root) = {
            let state = self.state();
            (
                state.tickets.get(&other.name).cloned(),
                state.root.is_some(),
            )
        };
        match (kept, proof) {
            (Some(ticket), _) => Ok(Proof::Ticket(ticket)),
            (None, Proof::Token { .. }) if !root => Ok(proof.clone()),
            (None, _) => Ok(Proof::Ticket(self.login(other, asked, false).await?)),
        }
    }

    fn node(&self, asked: &Asked) -> Result<Node, ApiError> {
        let state = self.state();
        let found = state.nodes.iter().find(|node| *node.name == *asked.node);
        found.cloned().ok_or_else(|| ApiError::UnknownNode {
            asked: asked.clone(),
            nearest: nearest(
                &asked.node,
                state.nodes.iter().map(|node| node.name.as_str()),
            ),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the table whole: each change of it is one insert or remove.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn named(error: ApiError, name: &str) -> ApiError {
    match error {
        ApiError::Ticket { asked, words, .. } => ApiError::Ticket {
            asked,
            who: name.to_owned(),
            words,
        },
        other => other,
    }
}
