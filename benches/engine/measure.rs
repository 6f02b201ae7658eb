//! A measured number, and how numbers are taken: the median of several rounds.

use std::time::{Duration, Instant};

use crate::Failed;

/// A number with its goal, and what it's compared with.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// What was measured.
    pub(crate) what: String,
    /// The goal.
    pub(crate) goal: Goal,
    /// The number.
    pub(crate) value: Duration,
    /// What was measured beside it in the same run.
    pub(crate) beside: (&'static str, Duration),
}

/// What a number should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// At most so long.
    Under(Duration),
    /// At most so many commits; the first is how many there were.
    Commits(f64, f64),
}

impl Measured {
    /// Whether the goal is met.
    pub(crate) fn is_met(&self) -> bool {
        match self.goal {
            Goal::Under(limit) => self.value < limit,
            Goal::Commits(found, most) => found <= most,
        }
    }
}

/// The median of some durations.
pub(crate) fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// The median time of some rounds; a first one that warms up isn't counted.
pub(crate) fn time(
    rounds: usize,
    mut body: impl FnMut() -> Result<(), Failed>,
) -> Result<Duration, Failed> {
    body()?;
    let mut all = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let begin = Instant::now();
        body()?;
        all.push(begin.elapsed());
    }
    Ok(median(all))
}
