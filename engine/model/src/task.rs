//! Tasks: long calls as rows. What a task does is data, applied when the world's time passes its end.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use world::clock::Moment;

use super::{
    effect::Effect,
    fault, kind,
    rows::{Key, node_domain},
    stop::Stop,
    transaction::Tx,
};

/// How long a task of a type takes, in milliseconds; any other takes [`OTHERWISE`].
const DURATIONS: &[(&str, u64)] = &[
    ("clustercreate", 5_000),
    ("clusterjoin", 12_000),
    ("srvreload", 3_000),
    ("download", 30_000),
    ("imgcopy", 2_000),
    ("imgdel", 1_000),
    ("vzdump", 60_000),
    ("aptupdate", 10_000),
    ("lvmthincreate", 4_000),
    ("zfscreate", 4_000),
    ("dircreate", 4_000),
    ("lvmcreate", 4_000),
    ("startall", 1_000),
    ("stopall", 1_000),
    ("qmclone", 8_000),
    ("qmigrate", 20_000),
];
const OTHERWISE: u64 = 1_000;

/// A line of a task's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it's written.
    pub at: Moment,
    /// The line.
    pub text: String,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its UPID.
    pub upid: String,
    /// The node that it runs on.
    pub node: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it works on; often a guest's number.
    pub id: String,
    /// Who started it; with `!TOKEN` for a token.
    pub user: String,
    /// When it started.
    pub start: Moment,
    /// When it ends, or ended.
    pub end: Moment,
    /// How it ends: `OK`, `WARNINGS: n`, or the text of an error. None until it has ended.
    pub exitstatus: Option<String>,
    /// What it will end with.
    pub outcome: String,
    /// Its log, without the last line.
    pub log: Vec<Line>,
    /// What it does when it ends well.
    pub effect: Option<Effect>,
}

/// A task that is to be started.
#[derive(Clone, Debug)]
pub struct Work {
    kind: String,
    id: String,
    outcome: String,
    log: Vec<String>,
    effect: Option<Effect>,
    takes: Option<Duration>,
    halfway: Option<usize>,
}

impl Work {
    /// Work of a type on something, that ends with `OK` and does nothing yet.
    #[must_use]
    pub fn new(kind: &str, id: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.to_owned(),
            outcome: "OK".to_owned(),
            log: Vec::new(),
            effect: None,
            takes: None,
            halfway: None,
        }
    }

    /// The same work on something else.
    #[must_use]
    pub fn named(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// The same work with an effect.
    #[must_use]
    pub fn doing(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }

    /// The same work that fails with a text; its effect is not applied.
    #[must_use]
    pub fn failing(mut self, error: impl Into<String>) -> Self {
        self.outcome = error.into();
        self
    }

    /// The same work with lines in its log: the first half is written halfway, the rest at its end. There are no
    /// more moments than that, as each costs those who follow the task a poll.
    #[must_use]
    pub fn logging<L: Into<String>>(mut self, lines: impl IntoIterator<Item = L>) -> Self {
        self.log.extend(lines.into_iter().map(Into::into));
        self
    }

    /// The same work of whose log so many lines are written halfway.
    #[must_use]
    pub const fn halfway(mut self, lines: usize) -> Self {
        self.halfway = Some(lines);
        self
    }

    /// The same work with another duration than its type's.
    #[must_use]
    pub const fn taking(mut self, duration: Duration) -> Self {
        self.takes = Some(duration);
        self
    }
}

impl Task {
    /// The key of a task's row.
    #[must_use]
    pub fn key(upid: &str) -> Key {
        let node = upid.split(':').nth(1).unwrap_or_default();
        Key::new(node_domain(node), kind::TASK, upid)
    }

    /// Whether it has ended well.
    #[must_use]
    pub fn is_ok(outcome: &str) -> bool {
        outcome == "OK" || outcome.starts_with("WARNINGS: ")
    }

    /// The lines of the log that are written at a moment, the last line too when it has ended.
    #[must_use]
    pub fn lines(&self, now: Moment) -> Vec<String> {
        let written = self
            .log
            .iter()
            .filter(|line| line.at <= now || self.exitstatus.is_some());
        let mut lines: Vec<String> = written.map(|line| line.text.clone()).collect();
        match self.exitstatus.as_deref() {
            Some("OK") => lines.push("TASK OK".to_owned()),
            Some(text) if Self::is_ok(text) => lines.push(format!("TASK {text}")),
            Some(text) => lines.push(format!("TASK ERROR: {text}")),
            None => {}
        }
        lines
    }

    /// The next moment at which something happens to it.
    #[must_use]
    pub fn next_event(&self, now: Moment) -> Moment {
        let lines = self.log.iter().map(|line| line.at).filter(|at| *at > now);
        lines.min().unwrap_or(self.end).min(self.end)
    }
}

impl Tx<'_> {
    /// Starts a task on the asked node; its UPID.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn start_task(&mut self, mut work: Work) -> Result<String, Stop> {
        fault::fail_task(self, &mut work.outcome, &work.kind)?;
        let number = self.count("tasks")?;
        let caller = self.caller.id.clone();
        let upid = format!(
            "UPID:{}:{:08X}:{:08X}:{:08X}:{}:{}:{caller}:",
            self.node,
            1000 + number,
            (self.now.0 / 10) & 0xFFFF_FFFF,
            self.now.seconds(),
            work.kind,
            work.id,
        );
        let takes = work.takes.unwrap_or_else(|| duration(&work.kind));
        let halfway = work.halfway.unwrap_or(work.log.len().div_ceil(2));
        let start = self.now;
        let task = Task {
            upid: upid.clone(),
            node: self.node.clone(),
            kind: work.kind,
            id: work.id,
            user: caller,
            start,
            end: start.after(takes),
            exitstatus: None,
            outcome: work.outcome,
            log: work
                .log
                .into_iter()
                .enumerate()
                .map(|(place, text)| Line {
                    at: start.after(if place < halfway { takes / 2 } else { takes }),
                    text,
                })
                .collect(),
            effect: work.effect,
        };
        self.write(&Task::key(&upid), &task)?;
        self.write(&Key::new("", kind::RUNNING, &upid), &task.end)?;
        Ok(upid)
    }

    /// Ends every task whose time has come, in the order of their ends.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn advance(&mut self) -> Result<(), Stop> {
        let mut due: Vec<(Moment, String)> = self
            .scan_in::<Moment>("", kind::RUNNING)?
            .into_iter()
            .filter(|(_, end)| *end <= self.now)
            .map(|(upid, end)| (end, upid))
            .collect();
        due.sort();
        let report = super::beat::due(self)?;
        let later = report.map_or(due.len(), |at| due.partition_point(|(end, _)| *end <= at));
        for (_, upid) in &due[..later] {
            self.end_task(upid, None)?;
        }
        if let Some(at) = report {
            super::beat::report(self, at)?;
        }
        for (_, upid) in &due[later..] {
            self.end_task(upid, None)?;
        }
        Ok(())
    }

    /// Ends a running task: with its own outcome, or at once with another.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn end_task(&mut self, upid: &str, instead: Option<&str>) -> Result<(), Stop> {
        self.rows.delete(&Key::new("", kind::RUNNING, upid))?;
        let Some(mut task) = self.read::<Task>(&Task::key(upid))? else {
            return Ok(());
        };
        let outcome = instead.unwrap_or(&task.outcome).to_owned();
        let outcome = match task.effect.take() {
            Some(effect) if Task::is_ok(&outcome) => self.apply(&task, effect, outcome)?,
            _ => outcome,
        };
        if instead.is_some() {
            task.end = self.now;
        }
        task.exitstatus = Some(outcome);
        self.write(&Task::key(upid), &task)
    }

    /// Applies an effect as if at the task's end, by its user, on its node.
    fn apply(&mut self, task: &Task, effect: Effect, outcome: String) -> Result<String, Stop> {
        let caller = std::mem::replace(&mut self.caller.id, task.user.clone());
        let node = std::mem::replace(&mut self.node, task.node.clone());
        let now = std::mem::replace(&mut self.now, task.end);
        let result = (self.config.effects)(self, effect);
        self.caller.id = caller;
        self.node = node;
        self.now = now;
        match result {
            Ok(()) => Ok(outcome),
            Err(stop @ Stop::Api(_)) => Ok(stop.message().to_owned()),
            Err(fault) => Err(fault),
        }
    }
}

fn duration(kind: &str) -> Duration {
    let known = DURATIONS.iter().find(|(name, _)| *name == kind);
    Duration::from_millis(known.map_or(OTHERWISE, |(_, takes)| *takes))
}
