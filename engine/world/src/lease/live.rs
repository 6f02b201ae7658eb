//! Who uses a live lab: a lock in its folder.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use futures_util::future::BoxFuture;

use super::{Claim, LeaseError, Lock, Port};
use crate::WorldId;

/// The lease of a live lab.
pub struct LiveLease {
    file: PathBuf,
    lock: Mutex<Option<Lock>>,
}

impl LiveLease {
    /// The lease of the lab whose state lies in a folder.
    #[must_use]
    pub fn new(state: &std::path::Path) -> Self {
        Self {
            file: state.join(format!("{}.lock", WorldId::live())),
            lock: Mutex::default(),
        }
    }

    fn keep(&self, lock: Option<Lock>) {
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = lock;
    }
}

impl Port for LiveLease {
    fn take<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), LeaseError>> {
        let lock = Lock::take(&self.file, &claim.owner).map(|lock| self.keep(Some(lock)));
        Box::pin(std::future::ready(lock))
    }

    fn owner(&self) -> BoxFuture<'_, Result<Option<String>, LeaseError>> {
        Box::pin(std::future::ready(Ok(Lock::owner(&self.file))))
    }

    fn present(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn release(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        self.keep(None);
        Box::pin(std::future::ready(Ok(())))
    }
}
