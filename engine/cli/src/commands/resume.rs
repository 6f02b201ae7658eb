//! `homelab resume`.

use std::path::PathBuf;

use clap::Args;
use runbook::{
    failure::Failure,
    journal::{Head, RunId, Summary},
    options::Options,
};
use world::code;

use crate::{
    exit::{Exit, Stop, refused},
    flags::TalkFlags,
    invoke::{self, Stage, Turn},
    lab_world::{self, WorldChoice},
    report::{self, Format},
    served,
    session::{Session, journal_failure},
    settings::Settings,
};

/// Go on with the newest unfinished run, or with the given one, in its world
///
/// First every action that was in flight is settled: it's done, it isn't, or its task still runs and is waited for.
/// Then the runbook runs from the top, and recorded values stand in for the steps that are done.
/// It has the choice of steps and the arguments that the run was begun with.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ResumeArgs {
    /// The run's number, as `homelab runs` lists it
    #[arg(value_name = "RUN")]
    run: Option<RunId>,

    #[command(flatten)]
    talk: TalkFlags,

    #[command(flatten)]
    hosts: crate::flags::HostFlags,

    /// Go on although the runbook has a new major version
    #[arg(long)]
    accept_version: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab resume          the newest unfinished run
  homelab resume 12       run 12
  homelab resume --yes    answer the question at which it stopped with yes";

/// Runs the command.
///
/// # Errors
/// What is wrong, or what failed.
pub(crate) fn run(args: &ResumeArgs, settings: &Settings) -> Result<Exit, Stop> {
    let format = Format::of(args.talk.json);
    start(args, settings, format).map_err(|stop| invoke::unstarted(stop, format, settings))
}

fn start(args: &ResumeArgs, settings: &Settings, format: Format) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let (head, summary) = chosen(args, &session)?;
    let runbook = session.runbook(&session.lab.root().join(&summary.file))?;
    let place = place_of(&session, &head, &summary)?;
    let stage = Stage::open(&session, place, std::slice::from_ref(&runbook), &args.hosts)?;
    if stage.world.id != head.world {
        return Err(other_world(&head, &stage).into());
    }
    let printer = report::printer(format, settings);
    let what = format!("resume of run {}", head.run);
    let _tenure = stage.take(&what, &args.talk, &printer)?;
    let options = Options {
        resume: Some(head.run),
        accept_version: args.accept_version,
        ..Options::default()
    };
    let turn = Turn {
        options,
        talk: &args.talk,
        printer: &printer,
        gate: std::sync::Arc::new(runbook::gate::Open),
    };
    let outcome = stage.execute(&runbook, stage.world.clone(), turn)?;
    invoke::mention_docs(&outcome, &stage, format);
    invoke::conclude(&outcome, &session)
}

/// The run that is meant, and what it amounts to.
fn chosen(args: &ResumeArgs, session: &Session<'_>) -> Result<(Head, Summary), Stop> {
    let journal = session.journal_to_read()?;
    let heads = journal
        .runs(None)
        .map_err(|error| journal_failure(&error))?;
    let mut gone = None;
    for head in heads {
        if args.run.is_some_and(|run| run != head.run) {
            continue;
        }
        let entries = journal
            .ends(head.run)
            .map_err(|error| journal_failure(&error))?;
        let summary = Summary::of(&entries);
        // A given run that is complete, or whose world is gone, is refused by name when it's chosen.
        if args.run.is_none() && summary.is_finished() {
            continue;
        }
        if args.run.is_none() && is_gone(session, &head, &summary)? {
            gone = gone.or(Some(head));
            continue;
        }
        return Ok((head, summary));
    }
    let failure = match (args.run, gone) {
        (Some(run), _) => refused(code::journal::no_such_run, format!("there is no run {run}"))
            .help("`homelab runs` lists the runs"),
        (None, Some(head)) => {
            let text = format!(
                "run {} is unfinished, but it belongs to world {}, which is gone",
                head.run, head.world
            );
            refused(code::run::other_world, text)
                .help("the twin was reset since; `homelab run RUNBOOK` begins anew in the world as it is now")
        }
        (None, None) => refused(code::run::nothing_to_resume, "no run is unfinished")
            .help("`homelab run RUNBOOK` starts one"),
    };
    Err(failure.into())
}

/// Whether the world of a run was reset since. One that isn't served at the moment isn't gone.
fn is_gone(session: &Session<'_>, head: &Head, summary: &Summary) -> Result<bool, Failure> {
    let now = match place_of(session, head, summary) {
        Ok(WorldChoice::Live) | Err(_) => return Ok(false),
        Ok(WorldChoice::Twin) => lab_world::twin_id(session)?,
        Ok(WorldChoice::Via(file)) => match served::world_at(session, &file)? {
            None => return Ok(false),
            now => now,
        },
    };
    Ok(now.as_ref() != Some(&head.world))
}

fn place_of(session: &Session<'_>, head: &Head, summary: &Summary) -> Result<WorldChoice, Failure> {
    match summary.world.as_str() {
        "twin" => Ok(WorldChoice::Twin),
        "via" => {
            let folder: PathBuf = session.lab.state().join("via");
            let file = served::remembered(&folder, &head.world);
            if file.is_file() {
                return Ok(WorldChoice::Via(file));
            }
            let text = format!(
                "where the twin {} of run {} is served isn't known any more",
                head.world, head.run
            );
            Err(refused(code::via::file, text)
                .help("`homelab run RUNBOOK --via FILE` goes on with it"))
        }
        _ => Ok(WorldChoice::Live),
    }
}

fn other_world(head: &Head, stage: &Stage<'_>) -> Failure {
    let text = format!(
        "run {} belongs to world {}, which is gone: this is {}",
        head.run, head.world, stage.world.id
    );
    refused(code::run::other_world, text)
        .help("the twin was reset since; `homelab run RUNBOOK --twin` starts anew")
}
