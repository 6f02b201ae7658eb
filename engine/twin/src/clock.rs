//! The twin's time in process: waiting takes no real time. When every body of the run waits, the moment jumps to
//! the nearest deadline.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use world::clock::{Body, Clock, Moment};

/// Keeps a moment to which a clock jumped.
type Keeper = Box<dyn Fn(Moment) + Send + Sync>;

/// A simulated clock.
#[derive(Clone, Default)]
pub struct TwinClock(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    keeper: OnceLock<Keeper>,
}

#[derive(Default)]
struct State {
    now: Moment,
    bodies: usize,
    idle: usize,
    next: u64,
    sleepers: BTreeMap<(Moment, u64), oneshot::Sender<()>>,
}

impl State {
    /// Jumps to the nearest deadline as long as nobody works; where to, and whom to wake.
    fn settle(&mut self) -> Option<(Moment, oneshot::Sender<()>)> {
        while self.sleepers.len() + self.idle >= self.bodies.max(1) {
            let ((deadline, _), wake) = self.sleepers.pop_first()?;
            self.now = self.now.max(deadline);
            // One who no longer waits doesn't count as working either: the next one is woken.
            if !wake.is_closed() {
                return Some((self.now, wake));
            }
        }
        None
    }
}

impl TwinClock {
    /// Moves the clock on to a moment; never back.
    pub(crate) fn reach(&self, moment: Moment) {
        let mut state = self.state();
        state.now = state.now.max(moment);
    }

    /// Sets the clock, back too: after a reset.
    pub(crate) fn set(&self, moment: Moment) {
        self.state().now = moment;
    }

    /// Says what keeps the moments to which the clock jumps; the first one who says it counts.
    pub(crate) fn keep(&self, keeper: impl Fn(Moment) + Send + Sync + 'static) {
        // A second keeper would be a second twin with this clock: there is none.
        let _ = self.0.keeper.set(Box::new(keeper));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jumps if nobody works. The moment is kept before anybody wakes, and without the clock's lock: whoever
    /// keeps it may ask for the time.
    fn settle(&self) {
        loop {
            let Some((now, wake)) = self.state().settle() else {
                return;
            };
            if let Some(keeper) = self.0.keeper.get() {
                keeper(now);
            }
            if wake.send(()).is_ok() {
                return;
            }
        }
    }

    /// Changes a count now and back when the guard is dropped.
    fn counted(&self, change: fn(&mut State, bool)) -> Body {
        change(&mut self.state(), true);
        self.settle();
        let clock = self.clone();
        Body(Some(Box::new(move || {
            change(&mut clock.state(), false);
            clock.settle();
        })))
    }
}

/// Takes a sleeper off the list when its future is dropped before its time.
struct Asleep {
    clock: TwinClock,
    place: (Moment, u64),
}

impl Drop for Asleep {
    fn drop(&mut self) {
        self.clock.state().sleepers.remove(&self.place);
    }
}

impl Clock for TwinClock {
    fn now(&self) -> Moment {
        self.state().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (wake, woken) = oneshot::channel();
            let asleep = {
                let mut state = self.state();
                let place = (state.now.after(duration), state.next);
                state.next += 1;
                state.sleepers.insert(place, wake);
                Asleep {
                    clock: self.clone(),
                    place,
                }
            };
            self.settle();
            // The sender is dropped only with the clock; then nobody waits any more.
            drop(woken.await);
            drop(asleep);
        })
    }

    fn body(&self) -> Body {
        self.counted(|state, starts| {
            state.bodies = if starts {
                state.bodies + 1
            } else {
                state.bodies.saturating_sub(1)
            };
        })
    }

    fn idle(&self) -> Body {
        self.counted(|state, starts| {
            state.idle = if starts {
                state.idle + 1
            } else {
                state.idle.saturating_sub(1)
            };
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn jumps_only_when_every_body_waits() {
        let clock = TwinClock::default();
        let (first, second) = (clock.body(), clock.body());
        let short = clock.clone();
        let task = tokio::spawn(async move {
            short.sleep(Duration::from_secs(5)).await;
            let woken = short.now();
            drop(first);
            woken
        });
        tokio::task::yield_now().await;
        assert_eq!(clock.now(), Moment(0), "the second body still works");
        clock.sleep(Duration::from_secs(9)).await;
        assert_eq!(task.await.unwrap(), Moment(5_000));
        assert_eq!(clock.now(), Moment(9_000));
        drop(second);
    }
}
