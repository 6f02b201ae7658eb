//! `homelab test`.

use std::{path::PathBuf, time::Instant};

use clap::Args;
use serde_json::json;
use world::code;

use crate::{
    chosen,
    exit::{Exit, Stop, refused},
    flags::{Argument, RunFlags, argument},
    rehearsal::{self, Link, Order, Report, Verdict},
    report::{self, Format},
    session::Session,
    settings::Settings,
};

/// Kill a runbook at every point on a twin of its own, resume it, and compare; of several the last one
///
/// The run is a child process that gets SIGKILL: before and after every append to the journal and every write that
/// reaches the lab, and in every wait. While it's dead, tasks go on, finish or fail. Each run is resumed, and must
/// end as an undisturbed one: the same lab, the same values of steps, nothing created twice.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TestArgs {
    /// The runbooks: files, or their names without .rhai. The last one is killed, those before it prepare the lab;
    /// without one they are listed
    #[arg(value_name = "RUNBOOK")]
    runbooks: Vec<PathBuf>,

    /// Kill each runbook in turn, after those before it
    #[arg(long)]
    each: bool,

    /// Give the runbooks an argument, each those that it asks for; may be given several times
    #[arg(long = "arg", value_name = "NAME=VALUE", value_parser = argument)]
    arguments: Vec<Argument>,

    /// How many kills: `all`, or a number; at least one at each kind of kill point, by operation, entry, before or after
    #[arg(long, value_name = "all|N", default_value = "all", value_parser = kills, allow_hyphen_values = true)]
    kills: Kills,

    /// From what the choice of kills is drawn; the same number draws the same
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,

    /// Print one JSON object a line; the last one has the counts
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab test runbooks/phase1.rhai                       every kill point
  homelab test --each runbooks/*.rhai --kills 20          a chain: each is killed after those before it
  homelab test runbooks/phase1.rhai --kills 20 --seed 7   twenty of them, or one of each kind where there are more";

/// How many kills.
#[derive(Clone, Copy, Debug)]
struct Kills(Option<usize>);

fn kills(text: &str) -> Result<Kills, String> {
    if text == "all" {
        return Ok(Kills(None));
    }
    text.parse::<std::num::NonZeroUsize>()
        .map(|count| Kills(Some(count.get())))
        .map_err(|_| "write `all`, or a number from 1".to_owned())
}

/// Runs the command.
///
/// # Errors
/// The runbook fails without a kill, or the twin can't be served.
pub(crate) fn run(args: &TestArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let runbooks = session.runbooks(&args.runbooks)?;
    let flags = RunFlags {
        arguments: args.arguments.clone(),
        ..RunFlags::default()
    };
    let chosen = chosen::of_chain(&flags, &session, &runbooks)?;
    let chain: Vec<Link> = runbooks
        .iter()
        .zip(chosen)
        .map(|(runbook, options)| Link {
            file: runbook.file.clone(),
            name: chosen::declared_name(&runbook.source),
            arguments: options.selection.arguments,
        })
        .collect();
    let first = if args.each { 1 } else { chain.len() };
    for count in first..=chain.len() {
        let order = Order {
            lab: session.lab.root().to_owned(),
            chain: chain[..count].to_vec(),
            kills: args.kills.0,
            seed: args.seed,
        };
        kill(&order, args, settings)?;
    }
    Ok(Exit::Success)
}

/// Kills the last runbook of a chain.
fn kill(order: &Order, args: &TestArgs, settings: &Settings) -> Result<(), Stop> {
    let format = Format::of(args.json);
    let begin = Instant::now();
    let told = |done: usize, all: usize, verdict: &Verdict| {
        if format == Format::Json {
            say(&line(verdict).to_string());
        } else if let Some(divergence) = &verdict.divergence {
            let kill = &verdict.kill;
            say(&format!(
                "kill {} ({}; tasks {}): {divergence}",
                kill.at,
                kill.point,
                kill.tasks.word()
            ));
        } else if done.is_multiple_of(50) || done == all {
            say(&format!("{done} of {all} kills"));
        }
    };
    let report = rehearsal::rehearse(order, settings, &told)?;
    let seconds = begin.elapsed().as_secs_f64();
    for row in closing(order, &report, format, seconds) {
        say(&row);
    }
    let (passed, kills) = (report.passed(), report.verdicts.len());
    if passed == kills && kills > 0 {
        return Ok(());
    }
    let count = order
        .kills
        .map_or("all".to_owned(), |count| count.to_string());
    let text = format!(
        "{} of {kills} killed runs didn't end as the undisturbed one",
        kills - passed
    );
    let again = format!(
        "`homelab test {} --kills {count} --seed {}` kills at the same points again",
        order.words(),
        order.seed
    );
    let mut stop = Stop::from(refused(code::test::diverged, text).help(again));
    stop.exit = Exit::Failed;
    Err(stop)
}

/// The last lines: a table and a sentence, or one JSON object.
fn closing(order: &Order, report: &Report, format: Format, seconds: f64) -> Vec<String> {
    let (passed, kills) = (report.passed(), report.verdicts.len());
    if format == Format::Json {
        let last = json!({
            "event": "test_finished", "runbook": order.last().file, "points": report.points, "changes": report.changes,
            "kinds": report.kinds, "seed": order.seed, "kills": kills, "passed": passed, "failed": kills - passed,
            "seconds": (seconds * 10.0).round() / 10.0,
        });
        return vec![last.to_string()];
    }
    let mut rows = table(report);
    if order.chain.len() > 1 {
        rows.insert(0, format!("{} after {}", order.last().file, order.before()));
    }
    rows.push(format!(
        "{passed} of {kills} kills passed, at {} kill points of {} kinds of a run with {} changes, in {seconds:.0} s",
        report.points, report.kinds, report.changes
    ));
    if let Some(asked) = order.kills.filter(|asked| *asked < kills) {
        rows.push(format!(
            "{kills} kills instead of {asked}: one of each kind at least"
        ));
    }
    rows
}

fn say(line: &str) {
    report::print(&format!("{line}\n"));
}

/// Kills and passes by kind of kill point.
fn table(report: &Report) -> Vec<String> {
    let mut rows: Vec<(String, usize, usize)> = Vec::new();
    for verdict in &report.verdicts {
        let words: Vec<&str> = verdict.kill.point.split(' ').take(2).collect();
        let place = if words[0] == "wait" {
            words[0].to_owned()
        } else {
            words.join(" ")
        };
        let kind = format!("{place}, tasks {}", verdict.kill.tasks.word());
        let passed = usize::from(verdict.divergence.is_none());
        match rows.iter_mut().find(|(known, ..)| *known == kind) {
            Some(row) => {
                row.1 += 1;
                row.2 += passed;
            }
            None => rows.push((kind, 1, passed)),
        }
    }
    let head = format!("{:<28}{:>7}{:>8}", "killed", "kills", "passed");
    let rows = rows
        .iter()
        .map(|(kind, kills, passed)| format!("{kind:<28}{kills:>7}{passed:>8}"));
    std::iter::once(head).chain(rows).collect()
}

fn line(verdict: &Verdict) -> serde_json::Value {
    json!({
        "event": "kill", "at": verdict.kill.at, "point": verdict.kill.point, "tasks": verdict.kill.tasks.word(),
        "passed": verdict.divergence.is_none(), "divergence": verdict.divergence,
    })
}
