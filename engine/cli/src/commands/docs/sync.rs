//! `homelab docs sync`.

use clap::Args;
use ops::sync::{self, Columns, KnownFact, Offer};
use runbook::{
    failure::Failure,
    journal::{RunId, SharedJournal},
};
use world::{
    WorldId, code,
    docs::{Docs, NotWritten},
};

use super::shown;
use crate::{
    exit::{Exit, Stop, refused},
    flags::{HostFlags, WorldFlags},
    lab_world::{self, WorldChoice},
    report,
    session::{Session, docs_failure, journal_failure},
    settings::Settings,
    ssh,
};

/// Show as a diff where docs/ differ from what runs learned; write it on request
///
/// Operations note what they see of the lab: fingerprints, host keys, versions, addresses, MAC addresses, serial numbers,
/// PCI ids. The newest of it is compared with the tables. Without --write nothing is written; with it, just the cells in
/// the diff change. A twin's facts are shown with --twin or --via, and never written.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SyncArgs {
    /// What this run learned, instead of what the newest runs did: of each runbook those since its last complete one
    #[arg(long, value_name = "ID")]
    run: Option<RunId>,

    #[command(flatten)]
    world: WorldFlags,

    /// Write the diff into docs/
    #[arg(long)]
    write: bool,

    /// Leave out columns that docs don't have yet
    #[arg(long)]
    no_add: bool,

    /// Print one JSON object a line: an edit each, then the diff
    #[arg(long)]
    json: bool,

    /// End with exit code 2 if docs differ and aren't written
    #[arg(long)]
    exit_code: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab docs sync                 what differs in the lab, as a diff
  homelab docs sync --write         write it into docs/
  homelab docs sync --run 12        what run 12 learned
  homelab docs sync --no-add        only cells that docs have
  homelab docs sync --twin          what the twin showed; it's never written
  homelab docs sync --exit-code     exit code 2 if docs differ";

/// Runs the command.
///
/// # Errors
/// Docs don't hold together or would break a rule, the journal can't be used, the run isn't of this world, or a file can't
/// be written.
pub(crate) fn run(args: &SyncArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let place = WorldChoice::of(&args.world);
    if args.write && place != WorldChoice::Live {
        return Err(twins_facts().into());
    }
    let docs = session.docs_as_written()?;
    let journal = session.journal_to_read()?;
    let world = world_of(&session, &place)?;
    let facts = facts(args.run, &journal, &world)?;
    let columns = if args.no_add {
        Columns::Present
    } else {
        Columns::New
    };
    let offer = Offer::of(&facts, &session.lab.docs(), &docs, columns);
    let outcome = shown::Outcome {
        offer: &offer,
        facts: &facts,
        place: &place,
        columns,
        is_written: args.write,
    };
    if args.write {
        write(&session, &offer)?;
    }
    report::print(&if args.json {
        outcome.json()
    } else {
        outcome.text(settings.output)
    });
    let differs = args.exit_code && !args.write && !offer.edits.is_empty();
    Ok(if differs {
        Exit::Changes
    } else {
        Exit::Success
    })
}

fn twins_facts() -> Failure {
    refused(
        code::docs::twin,
        "what a twin showed isn't written into docs: its fingerprints and keys are made up",
    )
    .help("leave out --write to look at it; `homelab docs sync --write` writes what the lab itself showed")
}

/// Which world is meant. A twin has to be opened: it's another one after each reset.
fn world_of(session: &Session<'_>, place: &WorldChoice) -> Result<WorldId, Stop> {
    if *place == WorldChoice::Live {
        return Ok(WorldId::live());
    }
    let docs: Docs = session.docs()?;
    let environment = session.environment(session.all_names())?;
    let (ssh, _) = ssh::settings(session.settings, &HostFlags::default());
    Ok(lab_world::open(session, place, (&docs, &environment), ssh)?.id)
}

/// What one run of the world learned, or its newest ones.
fn facts(
    run: Option<RunId>,
    journal: &SharedJournal,
    world: &WorldId,
) -> Result<Vec<KnownFact>, Failure> {
    let Some(run) = run else {
        return sync::of_world(journal, world).map_err(|error| journal_failure(&error));
    };
    let facts = sync::of_run(journal, run).map_err(|error| journal_failure(&error))?;
    let heads = journal
        .runs(Some(world))
        .map_err(|error| journal_failure(&error))?;
    if heads.iter().any(|head| head.run == run) {
        return Ok(facts);
    }
    Err(refused(
        code::run::other_world,
        format!("run {run} isn't one of this world, {world}: what it learned isn't compared with docs here"),
    )
    .help("--twin and --via FILE choose another world; `homelab runs` says where each run was"))
}

/// Writes the edited files, unless docs would break a rule then.
fn write(session: &Session<'_>, offer: &Offer) -> Result<(), Stop> {
    if !offer.mistakes.is_empty() {
        let mut failures = vec![
            refused(
                code::docs::mistaken,
                "docs would break a rule with these edits; nothing was written",
            )
            .help("look at the diff without --write, and correct docs by hand"),
        ];
        failures.extend(offer.mistakes.iter().map(docs_failure));
        return Err(Stop::refused(failures));
    }
    for file in &offer.files {
        file.write(&session.lab.docs())
            .map_err(|error| not_written(&file.file(), error))?;
    }
    Ok(())
}

fn not_written(file: &str, error: NotWritten) -> Failure {
    match error {
        NotWritten::Changed => {
            let text = format!("{file} was changed while its edits were made; it wasn't written");
            refused(code::docs::changed, text).help("look at the diff again: `homelab docs sync`")
        }
        NotWritten::System(error) => {
            refused(code::lab::unwritable, format!("{file} can't be written"))
                .cause(error.to_string())
                .help("make room, or give write permission")
        }
    }
}
