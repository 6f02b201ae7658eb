//! What becomes of a unit whose program ends, as `twin.rhai` declares it: its states as time passes.

use model::Stop;
use serde::{Deserialize, Serialize};
use std::{fmt::Write as _, time::Duration};
use world::clock::Moment;

use super::{
    file::USUAL,
    unit::{COURSE, PAUSE, PROGRAMS, RESTART, Unit, is, set, timestamp},
};
use crate::{Host, command};

/// How often systemd starts a unit within a time at the most, and that time in microseconds.
const LIMIT: (u64, u64) = (5, 10_000_000);

/// How far a look may move the time on where nothing else does, in microseconds.
const POLL: u64 = 60_000_000;

/// The course of a unit that was started. Moments and spans are in microseconds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Course {
    started: u64,
    /// How long its program runs.
    lasts: u64,
    /// The status that it ends with.
    status: i32,
    /// What it says.
    said: String,
}

/// Where a unit stands in its course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A oneshot that hasn't ended.
    Starting,
    Running,
    /// It ended well and counts as active.
    Remaining,
    /// It ended and is started again later.
    Waiting,
    Ended,
    Failed,
}

/// A state and its time.
#[derive(Clone, Copy, Debug)]
struct Phase {
    state: State,
    /// When it was last active from.
    entered: u64,
    since: u64,
    until: Option<u64>,
    restarts: u64,
}

impl Course {
    /// The course of a unit, if it has one.
    pub(super) fn of(unit: &Unit) -> Option<Self> {
        serde_json::from_str(unit.get(COURSE)?).ok()
    }

    /// The course of a unit that is started; none if its program goes on, as all do of which nobody
    /// said otherwise.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn begin(
        host: &mut Host<'_, '_>,
        unit: &Unit,
        started: u64,
    ) -> Result<Option<Self>, Stop> {
        let mut course: Option<Self> = None;
        for program in is(unit, PROGRAMS).lines() {
            // Signs before a program say how it's run; one of them, that its failure doesn't count.
            let text = program.trim_start_matches(['-', '@', ':', '+', '!']);
            let is_forgiven = program[..program.len() - text.len()].contains('-');
            let Some(command) = command::of_host(host, text)? else {
                continue;
            };
            let own = course.get_or_insert(Self {
                started,
                lasts: 0,
                status: 0,
                said: String::new(),
            });
            own.lasts += micros(command.seconds);
            own.said.push_str(&command.output);
            own.said.push_str(&command.error);
            if command.status != 0 && !is_forgiven {
                own.status = command.status;
                break;
            }
        }
        Ok(course)
    }

    /// Gives a unit this course.
    pub(super) fn keep(&self, unit: &mut Unit) {
        let text = serde_json::to_string(self).unwrap_or_default();
        set(unit, &[(COURSE, text.as_str())]);
        self.show(unit, self.started);
    }

    /// Sets a unit's properties to those of a moment.
    pub(super) fn show(&self, unit: &mut Unit, now: u64) {
        let phase = self.phase(unit, now);
        let (active, sub) = match phase.state {
            State::Starting => ("activating", "start"),
            State::Running => ("active", "running"),
            State::Remaining => ("active", "exited"),
            State::Waiting => ("activating", "auto-restart"),
            State::Ended => ("inactive", "dead"),
            State::Failed => ("failed", "failed"),
        };
        let result = match phase.state {
            State::Waiting | State::Failed if self.status != 0 => "exit-code",
            State::Failed => "start-limit-hit",
            _ => "success",
        };
        let (entered, since) = (timestamp(phase.entered), timestamp(phase.since));
        let restarts = phase.restarts.to_string();
        let properties = [
            ("ActiveState", active),
            ("SubState", sub),
            ("Result", result),
            ("NRestarts", restarts.as_str()),
            ("ActiveEnterTimestamp", entered.as_str()),
            ("StateChangeTimestamp", since.as_str()),
        ];
        set(unit, &properties);
    }

    /// The moment to which a look moves the time on, where time passes by looks.
    pub(super) fn polled(&self, unit: &Unit, now: Moment) -> Option<Moment> {
        let phase = self.phase(unit, now.0 * 1000);
        let until = phase.until?;
        let is_near = until.saturating_sub(now.0 * 1000) <= POLL;
        (is_near || phase.state != State::Running).then(|| after(until))
    }

    /// When its program first ends.
    pub(super) const fn end(&self) -> Moment {
        after(self.started + self.lasts)
    }

    /// The lines of a unit's journal.
    pub(super) fn journal(&self, unit: &Unit) -> String {
        let (name, result) = (is(unit, "Id"), is(unit, "Result"));
        let mut text = format!("Started {name}.\n");
        if !self.said.is_empty() {
            text.push_str(self.said.trim_end());
            text.push('\n');
        }
        if result != "success" {
            // Writing to a string can't fail.
            let _ = write!(
                text,
                "{name}: Main process exited, code=exited, status={}\n{name}: Failed with result '{result}'.\n",
                self.status
            );
        }
        text
    }

    fn phase(&self, unit: &Unit, now: u64) -> Phase {
        let is_oneshot = is(unit, "Type") == "oneshot";
        let end = self.started + self.lasts;
        let begun = Phase {
            state: if is_oneshot {
                State::Starting
            } else {
                State::Running
            },
            entered: self.started,
            since: self.started,
            until: Some(end),
            restarts: 0,
        };
        if now < end {
            return begun;
        }
        let failed = self.status != 0;
        let is_again = match is(unit, RESTART) {
            "always" => failed || !is_oneshot,
            "on-success" => !failed && !is_oneshot,
            "on-failure" => failed,
            _ => false,
        };
        if is_again {
            return self.again(unit, begun, now - self.started);
        }
        let ended = Phase {
            state: if failed { State::Failed } else { State::Ended },
            since: end,
            until: None,
            ..begun
        };
        if !failed && is(unit, "RemainAfterExit") == "yes" {
            return Phase {
                state: State::Remaining,
                entered: end,
                ..ended
            };
        }
        ended
    }

    /// Where a unit stands that is started again each time.
    fn again(&self, unit: &Unit, begun: Phase, elapsed: u64) -> Phase {
        let pause: u64 = is(unit, PAUSE).parse().unwrap_or(USUAL);
        let round = (self.lasts + pause).max(1);
        let (count, time) = LIMIT;
        if count * round < time && elapsed >= count * round {
            return Phase {
                state: State::Failed,
                entered: self.started + (count - 1) * round,
                since: self.started + count * round,
                until: None,
                restarts: count - 1,
            };
        }
        let restarts = elapsed / round;
        let entered = self.started + restarts * round;
        let ended = entered + self.lasts;
        if elapsed % round < self.lasts {
            return Phase {
                entered,
                since: entered,
                until: Some(ended),
                restarts,
                ..begun
            };
        }
        Phase {
            state: State::Waiting,
            entered,
            since: ended,
            until: Some(entered + round),
            restarts,
        }
    }
}

/// The first millisecond at which a moment in microseconds has come.
const fn after(micros: u64) -> Moment {
    Moment(micros.div_ceil(1000))
}

/// Seconds in whole microseconds.
fn micros(seconds: f64) -> u64 {
    let span = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::unit::loaded;

    const SECOND: u64 = 1_000_000;

    fn at(course: &Course, settings: &[(&str, &str)], now: u64) -> Unit {
        let mut unit = loaded("a.service", "disabled");
        set(&mut unit, settings);
        course.show(&mut unit, now);
        unit
    }

    fn states(course: &Course, settings: &[(&str, &str)], moments: &[u64]) -> Vec<String> {
        let state = |now: &u64| {
            let unit = at(course, settings, *now);
            format!(
                "{} {} {}",
                unit["SubState"], unit["Result"], unit["NRestarts"]
            )
        };
        moments.iter().map(state).collect()
    }

    #[test]
    fn a_program_that_dies_is_started_again_until_it_was_too_often() {
        let course = Course {
            started: 0,
            lasts: 300_000,
            status: 3,
            said: "I die\n".to_owned(),
        };
        let slowly = [(RESTART, "always"), (PAUSE, "5000000")];
        assert_eq!(
            states(&course, &slowly, &[0, 400_000, 5_400_000, 60 * SECOND]),
            [
                "running success 0",
                "auto-restart exit-code 0",
                "running success 1",
                "auto-restart exit-code 11"
            ]
        );
        let quickly = [(RESTART, "on-failure"), (PAUSE, "100000")];
        assert_eq!(
            states(&course, &quickly, &[350_000, 3 * SECOND]),
            ["auto-restart exit-code 0", "failed exit-code 4"]
        );
        let never = [(RESTART, "no")];
        assert_eq!(states(&course, &never, &[SECOND]), ["failed exit-code 0"]);
        let lines = course.journal(&at(&course, &never, SECOND));
        assert!(
            lines.contains("\nI die\na.service: Main process exited"),
            "{lines}"
        );
    }

    #[test]
    fn a_oneshot_starts_until_it_ends() {
        let course = Course {
            started: 0,
            lasts: SECOND,
            status: 0,
            said: String::new(),
        };
        let passes = [("Type", "oneshot"), (RESTART, "no")];
        assert_eq!(
            states(&course, &passes, &[0, SECOND]),
            ["start success 0", "dead success 0"]
        );
        let remains = [("Type", "oneshot"), ("RemainAfterExit", "yes")];
        assert_eq!(states(&course, &remains, &[SECOND]), ["exited success 0"]);
        assert_eq!(course.end(), Moment(1000));
    }
}
