//! A wait that takes long says so: at once where hands are needed, and once a minute.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use world::{clock::Moment, units::Timespan};

use super::Operation;
use crate::run::event::Progress;

/// How often a wait says that it goes on.
const OFTEN: Duration = Duration::from_secs(60);

/// Since when an operation waits, and when it last said so.
#[derive(Debug, Default)]
pub(super) struct Patience(Mutex<Option<(Moment, Moment)>>);

impl Patience {
    /// How long the wait has taken, if that is to be said now.
    fn due(&self, now: Moment) -> Option<Duration> {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, said) = waits.get_or_insert((now, now));
        if now.since(*said) < OFTEN {
            return None;
        }
        *said = now;
        Some(now.since(*since))
    }
}

impl Operation {
    /// Shows what is waited for; it isn't recorded.
    pub(super) fn tell(&self, line: String) {
        self.run().progress(Progress {
            step: self.key.step.to_string(),
            operation: self.key.function.clone(),
            upid: None,
            line: Some(line),
            percent: None,
        });
    }

    /// Says once a minute, by the world's clock, that the operation still waits.
    pub(super) fn tell_waiting(&self) {
        if let Some(waited) = self.patience.due(self.run().world.clock.now()) {
            let minutes = Duration::from_secs(waited.as_secs() / 60 * 60);
            self.tell(format!("still waiting, for {} now", Timespan(minutes)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_wait_says_so_every_minute() {
        let patience = Patience::default();
        let at = |seconds: u64| patience.due(Moment(seconds * 1000));
        let said: Vec<u64> = (0..200)
            .filter_map(at)
            .map(|waited| waited.as_secs())
            .collect();
        assert_eq!(said, [60, 120, 180]);
    }
}
