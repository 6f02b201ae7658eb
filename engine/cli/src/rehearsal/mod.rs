//! `homelab test`: a runbook is killed at every point where that could matter, resumed, and must end as if nothing
//! had happened.
//!
//! The twin lives in this process and is served; the run is a child process that gets SIGKILL. A kill point is
//! before and after every append to the journal and every write that reaches a port, and once in every wait.

mod child;
mod end;
mod ring;
mod sample;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use runbook::failure::Failure;
use world::code;

pub(crate) use end::End;
pub(crate) use ring::Ring;

use crate::settings::Settings;

/// What is rehearsed, and how thoroughly.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The lab.
    pub(crate) lab: PathBuf,
    /// The runbooks: the last one is killed, after those before it; never empty.
    pub(crate) chain: Vec<Link>,
    /// How many kills; nothing for all.
    pub(crate) kills: Option<usize>,
    /// From what the choice of kills is derived.
    pub(crate) seed: u64,
}

/// A runbook of a chain.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    /// Its file, relative to the lab.
    pub(crate) file: String,
    /// The name that it declares.
    pub(crate) name: Option<String>,
    /// Its arguments by name.
    pub(crate) arguments: BTreeMap<String, String>,
}

impl Order {
    /// The runbook that is killed.
    pub(crate) fn last(&self) -> &Link {
        &self.chain[self.chain.len() - 1]
    }

    /// The files of the runbooks before it.
    pub(crate) fn before(&self) -> String {
        let before = self.chain[..self.chain.len() - 1].iter();
        before
            .map(|link| link.file.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The chain and its arguments as the command line has them.
    pub(crate) fn words(&self) -> String {
        let files = self.chain.iter().map(|link| link.file.clone());
        let arguments: BTreeMap<_, _> =
            self.chain.iter().flat_map(|link| &link.arguments).collect();
        let arguments = arguments
            .iter()
            .map(|(name, value)| format!("--arg {name}={value}"));
        files.chain(arguments).collect::<Vec<_>>().join(" ")
    }
}

/// A kill: after how many points, and what becomes of running tasks while the child is dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kill {
    /// The point's number, from 1.
    pub(crate) at: usize,
    /// What the point is.
    pub(crate) point: String,
    /// What becomes of running tasks.
    pub(crate) tasks: Tasks,
}

/// What becomes of running tasks while the child is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tasks {
    /// They are still running when the run is resumed.
    GoOn,
    /// They end well.
    Finish,
    /// They fail.
    Fail,
}

impl Tasks {
    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::GoOn => "go on",
            Self::Finish => "finish",
            Self::Fail => "fail",
        }
    }
}

/// How a kill ended.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// The kill.
    pub(crate) kill: Kill,
    /// Nothing if the resumed run ended as the undisturbed one; else the first divergence.
    pub(crate) divergence: Option<String>,
}

/// A rehearsal.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// How many kill points the undisturbed run has.
    pub(crate) points: usize,
    /// How many kinds of kill points: by operation, entry, and before or after.
    pub(crate) kinds: usize,
    /// How many changes it made.
    pub(crate) changes: u64,
    /// What came of every kill, in order.
    pub(crate) verdicts: Vec<Verdict>,
}

impl Report {
    /// How many killed runs ended as the undisturbed one.
    pub(crate) fn passed(&self) -> usize {
        let verdicts = self.verdicts.iter();
        verdicts
            .filter(|verdict| verdict.divergence.is_none())
            .count()
    }
}

/// Rehearses; `told` hears of every verdict as it comes.
///
/// # Errors
/// The undisturbed run fails, or the twin can't be served.
pub(crate) fn rehearse(
    order: &Order,
    settings: &Settings,
    told: &(dyn Fn(usize, usize, &Verdict) + Sync),
) -> Result<Report, Failure> {
    let mut ring = Ring::new(order, settings)?;
    let (points, first) = twice(&mut ring)?;
    let sample = sample::choose(&points, order.kills, order.seed);
    let kills = sample.kills;
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(Vec::new());
    let broken = Mutex::new(None);
    std::thread::scope(|scope| {
        let work = |mut ring: Ring| {
            loop {
                let at = next.fetch_add(1, Ordering::SeqCst);
                let Some(kill) = kills.get(at) else {
                    return;
                };
                match ring.kill(kill, &first) {
                    Ok(verdict) => {
                        let mut all = verdicts.lock().unwrap_or_else(PoisonError::into_inner);
                        all.push((at, verdict));
                        if let Some((_, verdict)) = all.last() {
                            told(all.len(), kills.len(), verdict);
                        }
                    }
                    Err(failure) => {
                        *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                        next.store(kills.len(), Ordering::SeqCst);
                        return;
                    }
                }
            }
        };
        for _ in 1..workers() {
            match Ring::new(order, settings) {
                Ok(ring) => drop(scope.spawn(move || work(ring))),
                Err(failure) => {
                    *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure)
                }
            }
        }
        work(ring);
    });
    if let Some(failure) = broken.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(failure);
    }
    let mut verdicts = verdicts
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    verdicts.sort_by_key(|(at, _)| *at);
    Ok(Report {
        points: points.len(),
        kinds: sample.kinds,
        changes: first.changes,
        verdicts: verdicts.into_iter().map(|(_, verdict)| verdict).collect(),
    })
}

/// The kill points and the end of a run that nobody disturbs, if a second one ends alike.
fn twice(ring: &mut Ring) -> Result<(Vec<String>, End), Failure> {
    let (points, first) = ring.undisturbed()?;
    let again = ring.undisturbed()?.1;
    let Some(divergence) = first.divergence(&again, Tasks::GoOn) else {
        return Ok((points, first));
    };
    let text = "two undisturbed runs don't end alike";
    Err(Failure::new(code::test::unsteady, text).cause(divergence))
}

/// How many kills are rehearsed at the same time: more than there are processors, as a run also waits.
fn workers() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    (2 * processors).min(8)
}
