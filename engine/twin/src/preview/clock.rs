//! A preview's time: waiting takes no real time and moves the present on.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use world::clock::{Clock, Moment};

/// The clock of a preview.
#[derive(Clone, Debug)]
pub(super) struct PreviewClock(Arc<Mutex<Moment>>);

impl PreviewClock {
    /// A clock whose present is the world's below.
    pub(super) fn starting_at(moment: Moment) -> Self {
        Self(Arc::new(Mutex::new(moment)))
    }

    /// Moves the present on to a moment; never back.
    pub(super) fn reach(&self, moment: Moment) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = moment.max(*now);
    }
}

impl Clock for PreviewClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        // Bodies that wait side by side wait for the same time, not one after the other.
        let deadline = self.now().after(duration);
        Box::pin(async move {
            // A body that polls without end lets others, and Ctrl-C, have their turn.
            tokio::task::yield_now().await;
            self.reach(deadline);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_that_wait_side_by_side_wait_for_the_same_time() {
        let clock = PreviewClock::starting_at(Moment(5));
        let (long, short) = (
            clock.sleep(Duration::from_secs(9)),
            clock.sleep(Duration::from_secs(2)),
        );
        long.await;
        short.await;
        assert_eq!(clock.now(), Moment(9_005));
    }
}
