//! Who uses a live lab: a lock in its folder, and a lease on its nodes.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::{BoxFuture, join_all};

use super::{Claim, LeaseError, Lock, Port, process};
use crate::{
    Clock, WorldId,
    clock::Moment,
    host::{
        self, Ask, Call, Destination, HostError, Reply, Told as _,
        verb::{FreeLease, HELD, LeaseOwner, LeaseState, LookAtLease, RenewLease, TakeLease},
    },
};

/// Where the lease is: the nodes of a cluster have `/etc/pve` in common.
const PATH: &str = "/etc/pve/priv/homelab/lease";

/// When an owner that gave no sign of life counts as dead.
const DEAD: Duration = Duration::from_secs(600);

/// How long a node may take to answer.
const LIMIT: Duration = Duration::from_secs(5);

/// The lease of a live lab: at every node that answers. One that doesn't answer yet gets it when the lease is renewed.
pub struct LiveLease {
    lock: PathBuf,
    hosts: Arc<dyn host::Port>,
    clock: Arc<dyn Clock>,
    nodes: Vec<Destination>,
    token: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lock: Option<Lock>,
    claim: Claim,
    /// The nodes that have the lease as this process's.
    places: BTreeSet<String>,
    /// When one of them last said so.
    seen: Moment,
    /// Why it's lost.
    lost: Option<LeaseError>,
}

impl LiveLease {
    /// The lease of the lab whose state lies in a folder, on its nodes, for the owner of a token.
    #[must_use]
    pub fn new(
        state: &Path,
        hosts: Arc<dyn host::Port>,
        clock: Arc<dyn Clock>,
        nodes: Vec<Destination>,
    ) -> Self {
        Self {
            lock: state.join(format!("{}.lock", WorldId::live())),
            hosts,
            clock,
            nodes,
            token: process::own(),
            state: Mutex::default(),
        }
    }

    /// The same for the owner of another token than this process's.
    #[must_use]
    pub fn of_owner(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls a verb of leases on a node.
    async fn call(&self, node: &str, call: Call) -> Result<Reply, HostError> {
        let silent = || HostError::Unreachable {
            host: node.to_owned(),
            cause: format!("no answer within {} s", LIMIT.as_secs()),
        };
        tokio::select! {
            biased;
            reply = self.hosts.call(node, call.within(LIMIT)) => reply,
            () = self.clock.sleep(LIMIT) => Err(silent()),
        }
    }

    /// What nodes say of the lease; nothing of one that knows none.
    async fn looks(&self, nodes: impl IntoIterator<Item = String>) -> Vec<Look> {
        let looks = nodes.into_iter().map(|node| async {
            let reply = self.call(&node, LookAtLease::new(PATH).call()).await;
            let told = reply.map_err(Silence::of).and_then(|reply| {
                Option::<LeaseState>::of(&reply).map_err(|_| Silence::Other(reply.error))
            });
            Look { node, told }
        });
        join_all(looks).await
    }

    fn names(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.name.clone()).collect()
    }

    /// From whom the lease may be taken; `-` if nobody has it.
    fn judge(&self, node: &str, state: &LeaseState, claim: &Claim) -> Result<String, LeaseError> {
        let agreed = |key: &str| claim.agreed.iter().any(|own| own == key);
        if let Some(owner) = &state.held
            && owner.token != self.token
        {
            if process::is_dead(&owner.token) || agreed(&owner.token) {
                return Ok(owner.token.clone());
            }
            return Err(held(owner));
        }
        if !state.is_quorate && !agreed(node) {
            return Err(LeaseError::NoQuorum(node.to_owned()));
        }
        Ok("-".to_owned())
    }

    async fn take_all(&self, claim: &Claim) -> Result<Vec<String>, LeaseError> {
        self.hosts.declare(self.nodes.clone());
        let looks = self.looks(self.names()).await;
        for look in &looks {
            if let Ok(Some(state)) = &look.told {
                self.judge(&look.node, state, claim)?;
            }
        }
        let mut notes = Vec::new();
        for look in looks {
            match look.told {
                Ok(Some(_)) => self.take_at(&look.node, claim).await?,
                Ok(None) | Err(Silence::Away) => {}
                Err(Silence::Other(why)) => notes.push(format!(
                    "{} can't be asked whether somebody else works on it: {why}",
                    look.node
                )),
            }
        }
        Ok(notes)
    }

    /// Takes the lease at one node. It may have become this process's through another node of its cluster.
    async fn take_at(&self, node: &str, claim: &Claim) -> Result<(), LeaseError> {
        for look in self.looks([node.to_owned()]).await {
            let Ok(Some(state)) = look.told else {
                return Ok(());
            };
            let over = self.judge(node, &state, claim)?;
            let is_own = state.held.is_some_and(|owner| owner.token == self.token);
            if is_own || !state.is_quorate {
                self.note(node, is_own);
                continue;
            }
            let owner = format!("{} {}\n", self.token, claim.owner);
            let reply = self
                .call(node, TakeLease::new(PATH, over, owner).call())
                .await;
            match reply {
                Ok(reply) if reply.status == 0 => self.note(node, true),
                Ok(reply) if reply.status == HELD => return Err(LeaseError::Held(reply.error)),
                Ok(reply) => return Err(LeaseError::unusable(node, reply.error)),
                Err(error) => return Err(LeaseError::unusable(node, error.to_string())),
            }
        }
        Ok(())
    }

    fn note(&self, node: &str, is_own: bool) {
        let now = self.clock.now();
        let mut state = self.state();
        if is_own {
            state.places.insert(node.to_owned());
            state.seen = now;
        }
    }

    async fn renew_all(&self) {
        let claim = self.state().claim.clone();
        let owner = format!("{} {}\n", self.token, claim.owner);
        for look in self.looks(self.names()).await {
            let held = match look.told {
                Ok(Some(state)) => state.held,
                Ok(None) | Err(_) => continue,
            };
            let renewed = match held {
                Some(held) if held.token == self.token => {
                    let renew = RenewLease::new(PATH, self.token.clone(), owner.clone());
                    self.call(&look.node, renew.call()).await.map(drop).ok();
                    Ok(())
                }
                _ => self.take_at(&look.node, &claim).await,
            };
            // A node that couldn't be asked or written is tried again the next time.
            if let Err(lost @ LeaseError::Held(_)) = renewed {
                self.state().lost = Some(lost);
            }
        }
    }

    async fn is_held(&self) -> Result<(), LeaseError> {
        let (places, seen) = {
            let state = self.state();
            if let Some(LeaseError::Held(owner)) = &state.lost {
                return Err(LeaseError::Lost(owner.clone()));
            }
            (state.places.clone(), state.seen)
        };
        let looks = self.looks(places).await;
        let told: Vec<LeaseState> = looks
            .into_iter()
            .filter_map(|look| look.told.ok()?)
            .collect();
        let owners = told.iter().filter_map(|state| state.held.as_ref());
        let other = owners.clone().find(|owner| owner.token != self.token);
        let is_own = owners.clone().any(|owner| owner.token == self.token);
        match other {
            Some(owner) => Err(LeaseError::Lost(owner.name.clone())),
            None if is_own => {
                self.state().seen = self.clock.now();
                Ok(())
            }
            None if !told.is_empty() => Err(LeaseError::Lost("nobody".to_owned())),
            // Nodes that are away can't have given it to somebody else before it counts as dead.
            None if self.state().places.is_empty() || self.clock.now().since(seen) < DEAD => Ok(()),
            None => Err(LeaseError::Lost("nobody knows who".to_owned())),
        }
    }

    async fn free(&self) -> Result<(), LeaseError> {
        let (places, _lock) = {
            let mut state = self.state();
            (std::mem::take(&mut state.places), state.lock.take())
        };
        let mut failed = Ok(());
        for node in places {
            // Another node of its cluster may have given it back already.
            let look = self
                .looks([node.clone()])
                .await
                .pop()
                .and_then(|look| look.told.ok()?);
            if look
                .and_then(|state| state.held)
                .is_none_or(|owner| owner.token != self.token)
            {
                continue;
            }
            let free = FreeLease::new(PATH, self.token.clone()).call();
            match self.call(&node, free).await {
                Ok(reply) if reply.status == 0 => {}
                Ok(reply) => failed = Err(LeaseError::unusable(&node, reply.error)),
                Err(error) => failed = Err(LeaseError::unusable(&node, error.to_string())),
            }
        }
        failed
    }
}

/// What a node says of the lease.
struct Look {
    node: String,
    told: Result<Option<LeaseState>, Silence>,
}

/// Why a node says nothing.
enum Silence {
    /// It isn't there, or doesn't answer: bare, off, restarting.
    Away,
    /// It's there, and doesn't let this process in.
    Other(String),
}

impl Silence {
    fn of(error: HostError) -> Self {
        match error {
            HostError::Unreachable { .. } | HostError::Timeout { .. } => Self::Away,
            other => Self::Other(other.to_string()),
        }
    }
}

/// Why a lease that somebody has isn't to be had.
fn held(owner: &LeaseOwner) -> LeaseError {
    if owner.age < DEAD.as_secs() {
        return LeaseError::Held(owner.name.clone());
    }
    LeaseError::Dead {
        owner: owner.name.clone(),
        token: owner.token.clone(),
        minutes: owner.age / 60,
    }
}

impl Port for LiveLease {
    fn take<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Vec<String>, LeaseError>> {
        Box::pin(async move {
            let lock = Lock::take(&self.lock, &claim.owner)?;
            *self.state() = State {
                lock: Some(lock),
                claim: claim.clone(),
                ..State::default()
            };
            let taken = self.take_all(claim).await;
            if taken.is_err() {
                // Why it isn't to be had is told; what was taken until then is free again or dead soon.
                drop(self.free().await);
            }
            taken
        })
    }

    fn owner(&self) -> BoxFuture<'_, Result<Option<String>, LeaseError>> {
        Box::pin(async {
            if let Some(owner) = Lock::owner(&self.lock) {
                return Ok(Some(owner));
            }
            self.hosts.declare(self.nodes.clone());
            let looks = self.looks(self.names()).await;
            let owners = looks.into_iter().filter_map(|look| look.told.ok()??.held);
            let mut alive = owners
                .filter(|owner| owner.age < DEAD.as_secs() && !process::is_dead(&owner.token));
            Ok(alive.next().map(|owner| owner.name))
        })
    }

    fn present(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn held(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(self.is_held())
    }

    fn renew(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.renew_all())
    }

    fn release(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(self.free())
    }
}
