//! `homelab runs`.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use runbook::journal::{Entry, Head, RunId, SharedJournal, Status, Stored, Summary};
use serde_json::json;
use world::clock::Moment;

use crate::{
    exit::{Exit, Stop},
    report,
    session::{Session, journal_failure},
    settings::Settings,
};

/// List the recorded runs, newest first
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RunsArgs {
    /// Forget old runs: of each runbook in each world the newest ones stay, and the last complete one
    #[arg(long)]
    prune: bool,

    /// How many runs of each runbook in each world --prune keeps
    #[arg(long, value_name = "N", default_value_t = 10, requires = "prune")]
    keep: usize,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab runs                     all runs
  homelab runs --json | head -1    the newest one
  homelab runs --prune --keep 3    forget all but three of each runbook in each world";

/// A run as it's listed.
struct Listed {
    head: Head,
    summary: Summary,
    began: Moment,
}

/// Runs the command.
///
/// # Errors
/// The journal can't be used.
pub(crate) fn run(args: &RunsArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let journal = session.journal_to_read()?;
    let runs = list(&journal)?;
    if args.prune {
        prune(&journal, &runs, args.keep)?;
        return Ok(Exit::Success);
    }
    for run in &runs {
        report::print(&if args.json { run.json() } else { run.line() });
    }
    if runs.is_empty() && !args.json {
        report::print("No runs yet.\n");
    }
    Ok(Exit::Success)
}

fn list(journal: &SharedJournal) -> Result<Vec<Listed>, Stop> {
    let heads = journal
        .runs(None)
        .map_err(|error| journal_failure(&error))?;
    let mut runs = Vec::new();
    for head in heads {
        let entries = journal
            .load(head.run)
            .map_err(|error| journal_failure(&error))?;
        runs.push(Listed {
            head,
            summary: Summary::of(&entries),
            began: entries.first().map_or(Moment::default(), began),
        });
    }
    Ok(runs)
}

/// When a run began, by the machine's clock; of an older homelab's run, by its world's.
fn began(first: &Stored) -> Moment {
    match &first.entry {
        Entry::RunStarted(started) => started.began.unwrap_or(first.at),
        _ => first.at,
    }
}

fn prune(journal: &SharedJournal, runs: &[Listed], keep: usize) -> Result<(), Stop> {
    let old = old(runs, keep);
    for run in &old {
        journal
            .forget(*run)
            .map_err(|error| journal_failure(&error))?;
    }
    report::print(&format!(
        "{} forgotten, {} kept\n",
        report::counted(old.len() as u64, "run"),
        runs.len() - old.len()
    ));
    Ok(())
}

/// The runs that nothing needs any more: neither among the newest of their runbook and world, nor the last complete one.
fn old(runs: &[Listed], keep: usize) -> Vec<RunId> {
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut complete: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut old = Vec::new();
    for run in runs {
        let key = (run.head.world.0.as_str(), run.head.runbook.as_str());
        let count = seen.entry(key).or_default();
        *count += 1;
        let last_complete = run.summary.is_complete() && complete.insert(key);
        if *count > keep.max(1) && !last_complete {
            old.push(run.head.run);
        }
    }
    old
}

impl Listed {
    fn status(&self) -> &'static str {
        match self.summary.invocation.status {
            Some(Status::Succeeded) if self.summary.invocation.partial => "partial",
            Some(Status::Succeeded) => "succeeded",
            Some(Status::Failed) => "failed",
            Some(Status::Interrupted) => "interrupted",
            Some(Status::Planned) => "planned",
            None => "unfinished",
        }
    }

    /// How many steps are done. A body of `parallel` is part of its step, as in a run's last line.
    fn steps(&self) -> u64 {
        let steps = self.summary.steps.keys();
        steps.filter(|step| !step.is_body()).count() as u64
    }

    fn line(&self) -> String {
        format!(
            "{:>4}  {:<11}  {:<16}  {:<5}  {}  {}, {}\n",
            self.head.run.0,
            self.status(),
            format!("{} {}", self.head.runbook, self.summary.version),
            self.summary.world,
            report::date(self.began),
            report::counted(self.steps(), "step"),
            report::counted(self.summary.changes, "change")
        )
    }

    fn json(&self) -> String {
        let run = json!({
            "run": self.head.run, "runbook": self.head.runbook, "version": self.summary.version,
            "file": self.summary.file, "world": self.head.world, "place": self.summary.world,
            "status": self.status(), "began": self.began, "steps": self.steps(),
            "changes": self.summary.changes, "open": self.summary.open.len(),
        });
        format!("{run}\n")
    }
}

#[cfg(test)]
mod tests {
    use runbook::journal::Invocation;
    use world::WorldId;

    use super::*;

    fn run(id: i64, world: &str, status: Option<Status>) -> Listed {
        Listed {
            head: Head {
                run: RunId(id),
                world: WorldId(world.to_owned()),
                runbook: "r".to_owned(),
            },
            summary: Summary {
                invocation: Invocation {
                    status,
                    ..Invocation::default()
                },
                ..Summary::default()
            },
            began: Moment::default(),
        }
    }

    #[test]
    fn keeps_the_newest_and_the_last_complete_run_of_each_world() {
        let failed = Some(Status::Failed);
        let good = Some(Status::Succeeded);
        let runs = [
            run(6, "a", failed),
            run(5, "b", good),
            run(4, "a", None),
            run(3, "a", good),
            run(2, "a", good),
            run(1, "a", failed),
        ];
        assert_eq!(old(&runs, 1), [RunId(4), RunId(2), RunId(1)]);
        assert_eq!(old(&runs, 3), [RunId(2), RunId(1)]);
    }
}
