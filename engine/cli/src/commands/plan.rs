//! `homelab plan`.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use runbook::{gate::Open, options::Options};

use crate::{
    chosen::{self, Saved},
    exit::{Exit, Stop},
    flags::RunFlags,
    invoke::{self, Stage, Turn},
    lab_world::{self, WorldChoice},
    report::{self, Format},
    session::Session,
    settings::Settings,
};

/// Show what a run would change, step by step; only reads
///
/// The runbook runs against a preview: the model of the lab, laid over the lab (or its twin) and filled through reads
/// only. So a step sees what the steps before it would have made. Several runbooks are one chain in one preview.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlanArgs {
    /// The runbooks in the order in which they would run: files, or their names without .rhai; without one they are listed
    #[arg(value_name = "RUNBOOK")]
    runbooks: Vec<PathBuf>,

    #[command(flatten)]
    flags: RunFlags,

    /// Save the plan for `homelab run --plan FILE`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Leave out the fields of changes, and steps without changes
    #[arg(long)]
    brief: bool,

    /// End with exit code 2 if there are changes
    #[arg(long)]
    exit_code: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab plan runbooks/phase1.rhai --twin             on the twin
  homelab plan runbooks/phase1.rhai --out p.json       on the lab; keep the plan for `run --plan p.json`
  homelab plan runbooks/*.rhai --twin                  a chain: each sees what those before it would have made
  homelab plan phase1 --twin --brief                   only what changes
  homelab plan runbooks/phase1.rhai --exit-code        for a drift check: 2 if anything differs";

impl PlanArgs {
    /// The plan that `run --dry-run` means.
    pub(crate) fn of(runbooks: &[PathBuf], flags: &RunFlags) -> Self {
        Self {
            runbooks: runbooks.to_vec(),
            flags: flags.clone(),
            out: None,
            brief: false,
            exit_code: false,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// What is wrong, or what failed.
pub(crate) fn run(args: &PlanArgs, settings: &Settings) -> Result<Exit, Stop> {
    let format = Format::of(args.flags.talk.json);
    start(args, settings, format).map_err(|stop| invoke::unstarted(stop, format, settings))
}

fn start(args: &PlanArgs, settings: &Settings, format: Format) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let runbooks = session.runbooks(&args.runbooks)?;
    let options = chosen::of_chain(&args.flags, &session, &runbooks)?;
    let stage = Stage::open(
        &session,
        WorldChoice::of(&args.flags.world),
        &runbooks,
        &args.flags.hosts,
    )?;
    stage.mention_owner();
    if args.out.is_some() {
        // What a saved plan masks is sealed with the journal's key, by which its run will compare it.
        session.journal()?;
    }
    let world = lab_world::preview(stage.world.clone(), &stage.docs)?;
    let mut saved = Saved { plans: Vec::new() };
    let mut changes = 0;
    for (runbook, options) in runbooks.iter().zip(options) {
        let options = Options {
            plan: true,
            ..options
        };
        let (printer, pager) = report::plans(format, settings, args.brief);
        let turn = Turn {
            options,
            talk: &args.flags.talk,
            printer: &printer,
            gate: Arc::new(Open),
        };
        let outcome = stage.execute(runbook, world.clone(), turn);
        if let Some(pager) = pager {
            pager.show();
        }
        let outcome = outcome?;
        invoke::conclude(&outcome, &session)?;
        changes += outcome.finished.changes;
        saved.plans.extend(outcome.plan);
    }
    if let Some(file) = &args.out {
        chosen::save(&settings.folder.join(file), &saved)?;
    }
    Ok(if args.exit_code && changes > 0 {
        Exit::Changes
    } else {
        Exit::Success
    })
}
