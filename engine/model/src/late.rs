//! What shows later than the task that did it has ended. How much later is drawn from the world's seed, for each task anew.

use std::time::Duration;

use world::clock::Moment;

use super::{
    kind,
    rows::node_domain,
    stop::Stop,
    task::Task,
    transaction::{Passing, Tx},
};

/// How many milliseconds after its end it shows what a task of a type did: at least, at most.
const LATE: &[(&str, u64, u64)] = &[
    // The cluster file system starts before corosync, fails once, and tries again.
    ("clustercreate", 4_000, 6_000),
    // The other members take the new one's certificate for a wrong one, until it has come to them.
    ("clusterjoin", 1_000, 4_000),
    // The API is the last that a node starts.
    (RESTART, 1_000, 4_000),
];

/// A restart is no task, and late all the same.
const RESTART: &str = "restart";

impl Tx<'_> {
    /// Whether what the last task of a type did on a node doesn't show yet. Where time passes by asking, it does from then on.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn is_late(&mut self, node: &str, kind: &str) -> Result<bool, Stop> {
        let tasks = self.scan_in::<Task>(&node_domain(node), kind::TASK)?;
        let done = tasks.into_iter().map(|(_, task)| task).filter(|task| {
            task.kind == kind && task.exitstatus.as_deref().is_some_and(Task::is_ok)
        });
        let Some(last) = done.max_by_key(|task| task.end) else {
            return Ok(false);
        };
        let late = self.late(kind, &last.upid);
        Ok(self.is_before(last.end.after(late)))
    }

    /// Whether a node that was started again doesn't take connections to its API yet.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn is_starting(&mut self, node: &str) -> Result<bool, Stop> {
        let booted = self.booted(node)?;
        if booted == 0 {
            return Ok(false);
        }
        let late = self.late(RESTART, &format!("{node}/{booted}"));
        Ok(self.is_before(Moment(booted / 1000).after(late)))
    }

    fn is_before(&mut self, shows: Moment) -> bool {
        let is_late = self.now < shows;
        if is_late && self.config.passing == Passing::Polled {
            self.now = shows;
        }
        is_late
    }

    /// How late something shows, by its kind and by what it is.
    fn late(&self, kind: &str, what: &str) -> Duration {
        let known = LATE.iter().find(|(own, _, _)| *own == kind);
        let (least, most) = known.map_or((0, 0), |(_, least, most)| (*least, *most));
        let drawn = u64::from(self.derive(&format!("late/{what}"))[0]);
        Duration::from_millis(least + (most - least) * drawn / 255)
    }
}
