//! `homelab docs`: the tables of docs/ and what runs see.

mod diff;
mod shown;
mod sync;

use clap::{Args, Subcommand};

use crate::{
    exit::{Exit, Stop},
    settings::Settings,
};

/// Bring the tables in docs/ up to date with what runs learned
#[derive(Args, Debug)]
pub(crate) struct DocsArgs {
    #[command(subcommand)]
    command: DocsCommand,
}

#[derive(Debug, Subcommand)]
enum DocsCommand {
    Sync(sync::SyncArgs),
}

/// Runs the command.
///
/// # Errors
/// See [`sync::run`].
pub(crate) fn run(args: &DocsArgs, settings: &Settings) -> Result<Exit, Stop> {
    match &args.command {
        DocsCommand::Sync(args) => sync::run(args, settings),
    }
}
