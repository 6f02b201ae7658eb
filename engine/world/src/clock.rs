//! Time as a part of the world: a twin's waits take no real time, a preview's neither.

use std::{
    fmt,
    time::{Duration, UNIX_EPOCH},
};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01 00:00 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub u64);

impl Moment {
    /// The moment that lies `duration` later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
        )
    }

    /// How long it is from `earlier` to this moment; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Whole seconds since 1970-01-01 00:00 UTC, as Proxmox counts time.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.seconds(), self.0 % 1000)
    }
}

/// A world's time.
pub trait Clock: Send + Sync {
    /// The world's present moment.
    fn now(&self) -> Moment;

    /// Waits until `duration` has passed in this world.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;

    /// Declares one more body of the run that does work until the guard is dropped.
    ///
    /// A simulated clock jumps only when every body waits; a real one needs no count.
    fn body(&self) -> Body {
        Body(None)
    }

    /// Declares that the calling body only waits for others until the guard is dropped.
    fn idle(&self) -> Body {
        Body(None)
    }
}

/// A guard of [`Clock::body`] or [`Clock::idle`]; what it holds runs when it is dropped.
pub struct Body(pub Option<Box<dyn FnOnce() + Send>>);

impl Drop for Body {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end();
        }
    }
}

/// The clock of the machine that homelab runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealClock;

impl Clock for RealClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where real time enters"
    )]
    fn now(&self) -> Moment {
        let elapsed = std::time::SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Moment(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where real time passes"
    )]
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
