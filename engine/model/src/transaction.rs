//! One request against the model: rows, the present moment, who asks, and which node is asked.

use std::fmt;

use formats::names;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use world::{Secret, clock::Moment, host::OPERATOR};

use super::{
    effect::Effect,
    host_effect::HostEffect,
    kind,
    rows::{Fault, Key, Rows, node_domain},
    stop::Stop,
};

/// How the world's time passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Passing {
    /// Waiting makes it jump: nobody else moves it.
    Jumping,
    /// Asking about a running task moves that task to its next event.
    Polled,
    /// It passes by itself.
    Flowing,
}

/// What holds for every request of a world.
#[derive(Clone, Debug)]
pub struct Config {
    /// The twin's id: tickets of another one are worth nothing.
    pub id: String,
    /// From what random values are derived.
    pub seed: String,
    /// What is accepted as the password of `root@pam`.
    pub root_passwords: Vec<Secret>,
    /// How time passes.
    pub passing: Passing,
    /// What the world is beyond its rows.
    pub reality: &'static dyn Reality,
    /// Applies what a task does that ends well: the transaction stands at the task's end, on its node, with its user.
    /// What is refused is how the task ends.
    pub effects: fn(&mut Tx<'_>, Effect) -> Result<(), Stop>,
    /// The answers so far; each comes in an order of its own.
    pub answers: super::order::Answers,
}

/// What a world is beyond its rows.
pub trait Reality: fmt::Debug + Send + Sync {
    /// A call sets something off on a host.
    ///
    /// # Errors
    /// The rows' fault.
    fn happen(&self, effect: &HostEffect, host: &str, tx: &mut Tx<'_>) -> Result<(), Stop>;

    /// Something is asked that docs don't name: an error if it may be there all the same.
    ///
    /// # Errors
    /// Nobody knows, for lack of docs.
    fn undocumented(&self, what: String) -> Result<(), Stop>;
}

/// Who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// `NAME@REALM`, with `!TOKEN` for a token; empty without a login.
    pub id: String,
}

impl Caller {
    /// The user, without the token.
    #[must_use]
    pub fn user(&self) -> &str {
        names::token_parts(&self.id).map_or(&*self.id, |(user, _)| user)
    }

    /// Whether something of a user, or of one of its tokens, is the caller's own: a user's is what its tokens did, too.
    #[must_use]
    pub fn owns(&self, owner: &str) -> bool {
        owner == self.id || names::token_parts(owner).is_some_and(|(user, _)| user == self.id)
    }

    /// Whether a token calls.
    #[must_use]
    pub fn is_token(&self) -> bool {
        names::token_parts(&self.id).is_some()
    }

    /// Whether it's the literal `root@pam`.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.id == "root@pam"
    }
}

/// One request against the model.
pub struct Tx<'a> {
    /// The state.
    pub rows: &'a mut dyn Rows,
    /// The world's present moment; a poll of a running task may move it on.
    pub now: Moment,
    /// The node that answers: the one asked, or the one that the path names.
    pub node: String,
    /// Who calls.
    pub caller: Caller,
    /// What holds for every request.
    pub config: &'a Config,
    /// What the answer has beside `data`: `total`, `changes`.
    pub extra: Map<String, Value>,
}

impl<'a> Tx<'a> {
    /// A request to `node` by nobody yet.
    pub fn new(
        rows: &'a mut dyn Rows,
        now: Moment,
        node: impl Into<String>,
        config: &'a Config,
    ) -> Self {
        Self {
            rows,
            now,
            node: node.into(),
            caller: Caller::default(),
            config,
            extra: Map::new(),
        }
    }

    /// A call sets something off on a host.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn happen(&mut self, host: &str, effect: &HostEffect) -> Result<(), Stop> {
        self.config.reality.happen(effect, host, self)
    }

    /// Something is asked that docs don't name: it isn't there, or nobody can know.
    ///
    /// # Errors
    /// Nobody can know.
    pub fn undocumented(&self, what: impl Into<String>) -> Result<(), Stop> {
        self.config.reality.undocumented(what.into())
    }

    /// The row of a node of the lab.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn node_row(&mut self, node: &str) -> Result<Option<Value>, Stop> {
        Ok(self.rows.get(&Key::new("", kind::NODE, node))?)
    }

    /// The cluster domain of a node; a node that is in no cluster is its own.
    ///
    /// # Errors
    /// The rows' fault, or 500 for a node that isn't there.
    pub fn cluster_of(&mut self, node: &str) -> Result<String, Stop> {
        let row = self.node_row(node)?.ok_or_else(|| unknown_node(node))?;
        Ok(row["domain"].as_str().unwrap_or_default().to_owned())
    }

    /// The cluster domain of the asked node.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn cluster(&mut self) -> Result<String, Stop> {
        let node = self.node.clone();
        self.cluster_of(&node)
    }

    /// The names of the nodes in the asked node's cluster, sorted.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn members(&mut self) -> Result<Vec<String>, Stop> {
        let domain = self.cluster()?;
        Ok(self
            .rows
            .scan("", kind::NODE)?
            .into_iter()
            .filter(|(_, row)| row["domain"] == *domain)
            .map(|(name, _)| name)
            .collect())
    }

    /// A row of the asked node's cluster.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn get<T: DeserializeOwned>(&mut self, kind: &str, id: &str) -> Result<Option<T>, Stop> {
        let key = Key::new(self.cluster()?, kind, id);
        self.read(&key)
    }

    /// Writes a row of the asked node's cluster.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn put(&mut self, kind: &str, id: &str, value: &impl Serialize) -> Result<(), Stop> {
        let key = Key::new(self.cluster()?, kind, id);
        self.write(&key, value)
    }

    /// Removes a row of the asked node's cluster.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn delete(&mut self, kind: &str, id: &str) -> Result<(), Stop> {
        let key = Key::new(self.cluster()?, kind, id);
        Ok(self.rows.delete(&key)?)
    }

    /// Every row of a kind of the asked node's cluster, sorted by id.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn scan<T: DeserializeOwned>(&mut self, kind: &str) -> Result<Vec<(String, T)>, Stop> {
        let domain = self.cluster()?;
        self.scan_in(&domain, kind)
    }

    /// Every row of a kind of a domain, sorted by id.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn scan_in<T: DeserializeOwned>(
        &mut self,
        domain: &str,
        kind: &str,
    ) -> Result<Vec<(String, T)>, Stop> {
        self.rows
            .scan(domain, kind)?
            .into_iter()
            .map(|(id, value)| {
                let typed = decode(&Key::new(domain, kind, id.clone()), value)?;
                Ok((id, typed))
            })
            .collect()
    }

    /// The row at a key.
    ///
    /// # Errors
    /// The rows' fault, one too for a row that isn't what it should be.
    pub fn read<T: DeserializeOwned>(&mut self, key: &Key) -> Result<Option<T>, Stop> {
        match self.rows.get(key)? {
            Some(value) => decode(key, value).map(Some),
            None => Ok(None),
        }
    }

    /// Writes the row at a key.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn write(&mut self, key: &Key, value: &impl Serialize) -> Result<(), Stop> {
        let value = serde_json::to_value(value)
            .map_err(|error| Fault::Store(format!("{key:?}: {error}")))?;
        Ok(self.rows.put(key, value)?)
    }

    /// When a host was last started, in microseconds since 1970; 0 for its first start, and for the operator.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn booted(&mut self, host: &str) -> Result<u64, Stop> {
        if host == OPERATOR {
            return Ok(0);
        }
        let key = Key::new(node_domain(host), kind::BOOT, "at");
        Ok(self.read(&key)?.unwrap_or_default())
    }

    /// A value that looks random but depends on nothing but what it's for.
    #[must_use]
    pub fn derive(&self, what: &str) -> [u8; 32] {
        derive(&self.config.seed, what)
    }

    /// A UUID that depends on nothing but what it's for.
    #[must_use]
    pub fn uuid(&self, what: &str) -> String {
        let mut bytes = self.derive(what);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = hex::encode(&bytes[..16]);
        let (a, b, c) = (&hex[..8], &hex[8..12], &hex[12..16]);
        format!("{a}-{b}-{c}-{}-{}", &hex[16..20], &hex[20..])
    }

    /// The next number of a counter that belongs to the twin.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn count(&mut self, counter: &str) -> Result<u64, Stop> {
        let key = Key::new("", kind::TWIN, counter);
        let next = self.read::<u64>(&key)?.unwrap_or_default() + 1;
        self.write(&key, &next)?;
        Ok(next)
    }
}

/// What the API says of a node whose name it can't resolve.
#[must_use]
pub fn unknown_node(node: &str) -> Stop {
    Stop::fail(format!(
        "hostname lookup '{node}' failed - failed to get address info for: {node}: Name or service not known"
    ))
}

/// A value that looks random but depends on nothing but the seed and what it's for.
#[must_use]
pub fn derive(seed: &str, what: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.as_bytes());
    hash.update([0]);
    hash.update(what.as_bytes());
    hash.finalize().into()
}

fn decode<T: DeserializeOwned>(key: &Key, value: Value) -> Result<T, Stop> {
    serde_json::from_value(value)
        .map_err(|error| Fault::Store(format!("{key:?} is not what it should be: {error}")).into())
}
