//! Who uses a world: one run at a time, and only while it's the world in which the run began.
//!
//! A twin's lock is a file beside its store; a served twin takes it for whoever runs through its [door](crate::door). A
//! live lab's lease is a file on its nodes.

mod error;
mod live;
mod lock;
mod process;

use futures_util::future::BoxFuture;

pub use error::LeaseError;
pub use live::LiveLease;
pub use lock::Lock;

/// Who wants a world, and what was answered to questions about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// What a second one is told: `ann@desk, process 4711, run of runbooks/phase1.rhai`.
    pub owner: String,
    /// The questions that were answered yes: see [`LeaseError::question`].
    pub agreed: Vec<String>,
}

/// A world's use, by one run at a time.
pub trait Port: Send + Sync {
    /// Takes the world; it stays taken until it's released or this process ends. Gives what has to be said of it.
    ///
    /// # Errors
    /// Somebody else has it, it's gone, or there's a [question](LeaseError::question) first.
    fn take<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Vec<String>, LeaseError>>;

    /// Who has the world; nothing is changed.
    ///
    /// # Errors
    /// The world is gone.
    fn owner(&self) -> BoxFuture<'_, Result<Option<String>, LeaseError>>;

    /// Fails if the world is gone: the twin was reset, or isn't served any more.
    ///
    /// # Errors
    /// See there.
    fn present(&self) -> BoxFuture<'_, Result<(), LeaseError>>;

    /// Fails if the world is gone, or somebody else took it. It's asked before each write.
    ///
    /// # Errors
    /// See there.
    fn held(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        self.present()
    }

    /// Says that whoever took the world is alive. It's called every minute; why it failed is told when the world is used.
    fn renew(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Gives the world back.
    ///
    /// # Errors
    /// It can't be said there.
    fn release(&self) -> BoxFuture<'_, Result<(), LeaseError>>;
}

/// A world that nobody else can use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own;

impl Port for Own {
    fn take<'a>(&'a self, _claim: &'a Claim) -> BoxFuture<'a, Result<Vec<String>, LeaseError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn owner(&self) -> BoxFuture<'_, Result<Option<String>, LeaseError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn present(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn release(&self) -> BoxFuture<'_, Result<(), LeaseError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
