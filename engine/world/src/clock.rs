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

/// The days from 1970-01-01 to a date; months above 12 are those of later years.
#[must_use]
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = (
        year + (month - 1).div_euclid(12),
        (month - 1).rem_euclid(12) + 1,
    );
    // Years start in March, so that the leap day is their last.
    let shifted = if month > 2 { year } else { year - 1 };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day counted from 1970-01-01: what [`days`] counts, taken apart.
#[must_use]
pub const fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let year = year + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
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
