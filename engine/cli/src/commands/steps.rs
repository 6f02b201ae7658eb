//! `homelab steps`.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use runbook::{
    event::NoSink,
    execute::inspect,
    gate::Open,
    journal::{StepPath, Summary},
    options::Options,
    run::listed::{Declared, Listed},
};
use serde_json::json;

use crate::{
    exit::{Exit, Stop},
    flags::{HostFlags, TalkFlags, WorldFlags},
    invoke::{Stage, Turn},
    lab_world::WorldChoice,
    report::{self, Format, Printer},
    session::{Session, journal_failure},
    settings::Settings,
};

/// List the steps of a runbook, and which of them are done
///
/// Reads the runbook and the journal, and nothing of the lab. A step is done if its record still fits; it's changed if it
/// was done and its text, or a fact that it read, is another one now.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StepsArgs {
    /// The runbook: its file, or the file's name without .rhai
    #[arg(value_name = "RUNBOOK")]
    runbook: Option<PathBuf>,

    #[command(flatten)]
    world: WorldFlags,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab steps phase1             what is done on the lab
  homelab steps phase1 --twin      what is done on the twin";

/// Runs the command.
///
/// # Errors
/// The runbook is wrong, or the journal can't be used.
pub(crate) fn run(args: &StepsArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let runbooks = session.runbooks(args.runbook.as_slice())?;
    let place = WorldChoice::of(&args.world);
    let stage = Stage::open(&session, place, &runbooks, &HostFlags::few())?;
    let sink = Arc::new(NoSink);
    let printer = Printer {
        screen: report::printer(Format::Json, settings).screen,
        sink,
    };
    for runbook in &runbooks {
        let turn = Turn {
            options: Options {
                plan: true,
                ..Options::default()
            },
            talk: &TalkFlags::default(),
            printer: &printer,
            gate: Arc::new(Open),
        };
        let launch = stage.launch(runbook, stage.world.clone(), turn)?;
        let (declared, steps) = inspect(Session::engine(), launch)?;
        let before = before(&stage, &declared)?;
        show(args.json, &steps, &before);
    }
    Ok(Exit::Success)
}

/// What the newest run of a runbook in this world amounts to.
fn before(stage: &Stage<'_>, declared: &Declared) -> Result<Summary, Stop> {
    let journal = stage.session.journal_to_read()?;
    let heads = journal
        .runs(Some(&stage.world.id))
        .map_err(|error| journal_failure(&error))?;
    let head = heads.iter().find(|head| head.runbook == declared.name);
    let entries = head.map(|head| journal.load(head.run)).transpose();
    let entries = entries.map_err(|error| journal_failure(&error))?;
    Ok(Summary::of(&entries.unwrap_or_default()))
}

fn show(as_json: bool, steps: &[Listed], before: &Summary) {
    let mut group = None;
    for step in steps {
        let state = state(step, before);
        if as_json {
            let line =
                json!({ "id": step.id, "title": step.title, "group": step.group, "state": state });
            report::print(&format!("{line}\n"));
            continue;
        }
        if group != step.group.as_ref() {
            group = step.group.as_ref();
            group
                .iter()
                .for_each(|title| report::print(&format!("{title}\n")));
        }
        report::print(&format!("  {state:<8} {:<24} {}\n", step.id, step.title));
    }
}

fn state(step: &Listed, before: &Summary) -> &'static str {
    let was_done = before.steps.contains_key(&StepPath(step.id.clone()));
    match step.fits {
        true => "done",
        false if was_done => "changed",
        false => "to run",
    }
}
