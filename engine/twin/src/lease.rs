//! Who uses a twin: a lock beside its store, which names the world, so that a reset twin is another one's.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use futures_util::future::BoxFuture;
use world::{
    WorldId,
    lease::{Claim, LeaseError, Lock, Port},
};

use crate::twin::Twin;

impl Twin {
    /// The lock of a world of this twin; none in memory, where nobody else is.
    pub(crate) fn lock_file(&self, world: &WorldId) -> Option<PathBuf> {
        let store = self.inner.path.as_ref()?;
        Some(store.with_file_name(format!("{world}.lock")))
    }

    /// Fails if this isn't the world any more.
    pub(crate) fn is_still(&self, world: &WorldId) -> Result<(), LeaseError> {
        if let Some(cause) = self.store_failure() {
            return Err(LeaseError::Store(cause));
        }
        let now = self
            .id()
            .map_err(|error| LeaseError::Store(error.to_string()))?;
        if now == *world {
            return Ok(());
        }
        Err(LeaseError::Reset {
            was: world.clone(),
            now,
        })
    }
}

/// The lease of a twin in process.
pub(crate) struct TwinLease {
    twin: Twin,
    world: WorldId,
    lock: Mutex<Option<Lock>>,
}

impl TwinLease {
    /// The lease of one world of a twin.
    pub(crate) fn of(twin: Twin, world: WorldId) -> Self {
        Self {
            twin,
            world,
            lock: Mutex::default(),
        }
    }

    fn keep(&self, lock: Option<Lock>) {
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = lock;
    }
}

impl Port for TwinLease {
    fn take<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Vec<String>, LeaseError>> {
        Box::pin(async move {
            let file = self.twin.lock_file(&self.world);
            let lock = file.map(|file| Lock::take(&file, &claim.owner));
            self.keep(lock.transpose()?);
            self.twin.is_still(&self.world)?;
            Ok(Vec::new())
        })
    }

    fn owner(&self) -> BoxFuture<'_, Result<Option<String>, LeaseError>> {
        let file = self.twin.lock_file(&self.world);
        let owner = file.and_then(|file| Lock::owner(&file));
        Box::pin(std::future::ready(Ok(owner)))
    }

    fn present(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(std::future::ready(self.twin.is_still(&self.world)))
    }

    fn release(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        self.keep(None);
        Box::pin(std::future::ready(Ok(())))
    }
}
