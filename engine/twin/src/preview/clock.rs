//! A preview's time: waiting for what the plan would have begun takes no real time, and moves the present on. Once that
//! must have come to its end, only the world below can bring what is waited for: its time is waited for too.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use world::clock::{Clock, Moment};

/// How long goes on what the plan would have begun: longer than any restart, report and task of the model.
const UNREST: Duration = Duration::from_secs(120);

/// The clock of a preview.
#[derive(Clone)]
pub(super) struct PreviewClock {
    below: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

struct State {
    now: Moment,
    /// From when on nothing goes on that the plan would have begun.
    rest: Moment,
    /// How often the world below was waited for.
    waits: u64,
}

impl PreviewClock {
    /// A clock whose present is the world's below.
    pub(super) fn over(below: Arc<dyn Clock>) -> Self {
        let now = below.now();
        let state = State {
            now,
            rest: now,
            waits: 0,
        };
        Self {
            below,
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the present on to a moment; never back.
    pub(super) fn reach(&self, moment: Moment) {
        let mut state = self.state();
        state.now = moment.max(state.now);
    }

    /// Says that the plan would have changed something now, which may go on for a while.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.rest = state.now.after(UNREST);
    }

    /// How often the world below was waited for: what was read there before may be so no longer.
    pub(super) fn waits(&self) -> u64 {
        self.state().waits
    }
}

impl Clock for PreviewClock {
    fn now(&self) -> Moment {
        self.state().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        // Bodies that wait side by side wait for the same time, not one after the other.
        let deadline = self.now().after(duration);
        Box::pin(async move {
            // A body that polls without end lets others, and Ctrl-C, have their turn.
            tokio::task::yield_now().await;
            let is_resting = {
                let state = self.state();
                state.now >= state.rest
            };
            if is_resting {
                self.below.sleep(duration).await;
                self.state().waits += 1;
            }
            self.reach(deadline);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TwinClock;

    #[tokio::test]
    async fn bodies_that_wait_side_by_side_wait_for_the_same_time() {
        let clock = PreviewClock::over(Arc::new(TwinClock::default()));
        let (long, short) = (
            clock.sleep(Duration::from_secs(9)),
            clock.sleep(Duration::from_secs(2)),
        );
        long.await;
        short.await;
        assert_eq!(clock.now(), Moment(9_000));
    }

    #[tokio::test]
    async fn the_world_below_is_waited_for_only_once_what_the_plan_began_has_ended() {
        let below = TwinClock::default();
        let clock = PreviewClock::over(Arc::new(below.clone()));
        clock.begin();
        clock.sleep(UNREST).await;
        assert_eq!((below.now(), clock.waits()), (Moment(0), 0));
        clock.sleep(Duration::from_secs(2)).await;
        assert_eq!((below.now(), clock.waits()), (Moment(2_000), 1));
    }
}
