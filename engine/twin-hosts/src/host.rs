//! One call on one host against the model.

use model::{HostEffect, Key, Stop, Tx, domain_of, kind};
use serde::{Serialize, de::DeserializeOwned};
use world::host::OPERATOR;

/// A host in a transaction.
pub struct Host<'a, 't> {
    /// The transaction.
    pub tx: &'a mut Tx<'t>,
    name: String,
    domain: String,
}

impl<'a, 't> Host<'a, 't> {
    /// A host by its name.
    pub fn new(tx: &'a mut Tx<'t>, name: &str) -> Self {
        Self {
            tx,
            name: name.to_owned(),
            domain: domain_of(name),
        }
    }

    /// The host's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it's the machine that homelab runs on.
    pub(crate) fn is_operator(&self) -> bool {
        self.name == OPERATOR
    }

    /// A call sets something off on the host.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn happen(&mut self, effect: &HostEffect) -> Result<(), Stop> {
        self.tx.happen(&self.name, effect)
    }

    /// The key of one of the host's rows.
    pub(crate) fn key(&self, kind: &str, id: &str) -> Key {
        Key::new(&*self.domain, kind, id)
    }

    /// A row of the host.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn get<T: DeserializeOwned>(
        &mut self,
        kind: &str,
        id: &str,
    ) -> Result<Option<T>, Stop> {
        let key = self.key(kind, id);
        self.tx.read(&key)
    }

    /// Writes a row of the host.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn put(&mut self, kind: &str, id: &str, value: &impl Serialize) -> Result<(), Stop> {
        let key = self.key(kind, id);
        self.tx.write(&key, value)
    }

    /// Removes a row of the host.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn delete(&mut self, kind: &str, id: &str) -> Result<(), Stop> {
        let key = self.key(kind, id);
        Ok(self.tx.rows.delete(&key)?)
    }

    /// Every row of a kind of the host, sorted by id.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn scan<T: DeserializeOwned>(
        &mut self,
        kind: &str,
    ) -> Result<Vec<(String, T)>, Stop> {
        let domain = self.domain.clone();
        self.tx.scan_in(&domain, kind)
    }

    /// When the host was last started, in microseconds since 1970; 0 for its first start.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn booted(&mut self) -> Result<u64, Stop> {
        self.tx.booted(&self.name)
    }

    /// The present moment in microseconds since 1970; no two calls get the same, so that what was changed later
    /// is known also where no time passes.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn stamp(&mut self) -> Result<u64, Stop> {
        let key = Key::new("", kind::TWIN, "stamp");
        let last = self.tx.read::<u64>(&key)?.unwrap_or_default();
        let stamp = (last + 1).max(self.tx.now.0 * 1000);
        self.tx.write(&key, &stamp)?;
        Ok(stamp)
    }
}
