//! `homelab run`.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use runbook::gate::{Gate, Open};

use crate::{
    chosen,
    commands::plan::{self, PlanArgs},
    exit::{Exit, Stop},
    flags::RunFlags,
    gate::{Hasty, Watched},
    invoke::{self, Stage, Turn},
    lab_world::WorldChoice,
    report::{self, Format},
    session::Session,
    settings::Settings,
};

/// Run runbooks one after the other, each from its unfinished run on
///
/// Every action is journaled before it's sent, so a run can be stopped at any time; the next one goes on with it.
/// Steps that are done aren't run again unless they, or the facts that they read, have changed.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RunArgs {
    /// The runbooks: files, or their names without .rhai; without one they are listed
    #[arg(value_name = "RUNBOOK")]
    runbooks: Vec<PathBuf>,

    /// Show what the run would do, and do nothing: the same as `homelab plan`
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    flags: RunFlags,
}

const EXAMPLES: &str = "\
Examples:
  homelab run runbooks/phase1.rhai --twin             rehearse on the twin
  homelab run phase1                                  the lab itself
  homelab run runbooks/phase1.rhai --plan p.json      exactly what the plan says
  homelab run runbooks/phase1.rhai --only 1.3-dns     one step; recorded values stand in for the others
  homelab run runbooks/phase1.rhai --twin --json      events as JSON lines";

/// Runs the command.
///
/// # Errors
/// What is wrong, or what failed.
pub(crate) fn run(args: &RunArgs, settings: &Settings) -> Result<Exit, Stop> {
    if args.dry_run {
        return plan::run(&PlanArgs::of(&args.runbooks, &args.flags), settings);
    }
    let format = Format::of(args.flags.talk.json);
    start(args, settings, format).map_err(|stop| invoke::unstarted(stop, format, settings))
}

fn start(args: &RunArgs, settings: &Settings, format: Format) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let runbooks = session.runbooks(&args.runbooks)?;
    let options = chosen::of_chain(&args.flags, &session, &runbooks)?;
    let mut stage = Stage::open(
        &session,
        WorldChoice::of(&args.flags.world),
        &runbooks,
        &args.flags.hosts,
    )?;
    let printer = report::printer(format, settings);
    let files: Vec<&str> = runbooks
        .iter()
        .map(|runbook| runbook.file.as_str())
        .collect();
    let what = format!("run of {}", files.join(", "));
    let _tenure = stage.take(&what, &args.flags.talk, &printer)?;
    let gate: Arc<dyn Gate> = match &args.flags.gate {
        Some(socket) => {
            // A twin in this process has a clock of its own, which jumps.
            if stage.place != WorldChoice::Twin {
                stage.world.clock = Arc::new(Hasty::default());
            }
            Arc::new(Watched::connect(socket)?)
        }
        None => Arc::new(Open),
    };
    let mut exit = Exit::Success;
    for (runbook, options) in runbooks.iter().zip(options) {
        let turn = Turn {
            options,
            talk: &args.flags.talk,
            printer: &printer,
            gate: Arc::clone(&gate),
        };
        let outcome = stage.execute(runbook, stage.world.clone(), turn)?;
        invoke::mention_docs(&outcome, &stage, format);
        exit = invoke::conclude(&outcome, &session)?;
    }
    Ok(exit)
}
