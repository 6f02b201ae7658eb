//! Waiting for a host: it's looked at again and again until it's as it should be, or the time is up.

use std::time::Duration;

use runbook::{failure::Failure, halt::Halt, operation::Operation};
use world::code;

/// How long is waited, and how often it's looked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// How long.
    pub(crate) limit: Duration,
    /// The pause between two looks.
    pub(crate) every: Duration,
}

impl Patience {
    /// Looks until something is found; a look without success says what is to be reported if it was the last one.
    ///
    /// # Errors
    /// The time is up, a look failed for good, or the run was interrupted.
    pub(crate) async fn until<T>(
        self,
        operation: &Operation,
        look: impl AsyncFn() -> Result<Result<T, Failure>, Halt>,
    ) -> Result<T, Halt> {
        let clock = &operation.run().world.clock;
        let end = clock.now().after(self.limit);
        loop {
            let lack = match look().await? {
                Ok(found) => return Ok(found),
                Err(lack) => lack,
            };
            if clock.now() >= end {
                return Err(lack.into());
            }
            operation.wait(self.every).await?;
        }
    }
}

/// Whether a failure says no more than that the host isn't reached now: that may pass by itself.
pub(crate) fn is_away(failure: &Failure) -> bool {
    [
        code::host::unreachable,
        code::host::broken,
        code::host::timeout,
    ]
    .contains(&failure.code)
}

/// Whether a failure says that this machine can't get in to the host now: it's away, refuses the login, or another one
/// answers in its place.
pub(crate) fn is_cut_off(failure: &Failure) -> bool {
    is_away(failure)
        || [
            code::host::login,
            code::host::changed_key,
            code::host::unknown_key,
        ]
        .contains(&failure.code)
}
