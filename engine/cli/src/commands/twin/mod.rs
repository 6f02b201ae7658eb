//! `homelab twin`: the simulated lab.

mod export;
mod fault;
mod reset;
mod serve;
mod show;

use clap::{Args, Subcommand};
use world::docs::Docs;
use world::secret::Redactor;

use crate::{
    exit::{Exit, Stop},
    lab_world,
    session::Session,
    settings::Settings,
};

/// Look at the twin of the lab, serve it, disturb it, start it over
///
/// The twin is a model of your lab, built from the tables in docs/. Its state is one file, .homelab/twin.db; these
/// commands work beside a run and beside `twin serve`.
#[derive(Args, Debug)]
pub(crate) struct TwinArgs {
    #[command(subcommand)]
    command: TwinCommand,
}

#[derive(Debug, Subcommand)]
enum TwinCommand {
    Serve(serve::ServeArgs),
    Show(show::ShowArgs),
    Export(export::ExportArgs),
    Reset(reset::ResetArgs),
    Fault(fault::FaultArgs),
}

/// Runs the command.
///
/// # Errors
/// The docs don't make a twin, or its store can't be used.
pub(crate) fn run(args: &TwinArgs, settings: &Settings) -> Result<Exit, Stop> {
    match &args.command {
        TwinCommand::Serve(args) => serve::run(args, settings),
        TwinCommand::Show(args) => show::run(args, settings),
        TwinCommand::Export(args) => export::run(args, settings),
        TwinCommand::Reset(args) => reset::run(args, settings),
        TwinCommand::Fault(args) => fault::run(args, settings),
    }
}

/// What knows the secrets of the lab, which are masked where the twin is shown.
fn redactor(settings: &Settings) -> Result<Redactor, Stop> {
    let session = Session::open(settings)?;
    Ok(session.environment(session.all_names())?.redactor())
}

/// The twin, for looking at it or disturbing it: nobody logs in.
fn open(settings: &Settings) -> Result<twin::Twin, Stop> {
    with_docs(settings).map(|(twin, _)| twin)
}

/// The same with the docs that it's built from.
fn with_docs(settings: &Settings) -> Result<(twin::Twin, Docs), Stop> {
    let session = Session::open(settings)?;
    let docs = session.docs()?;
    let twin = lab_world::open_twin_with(&session, &docs, twin::Options::default())?;
    Ok((twin, docs))
}
