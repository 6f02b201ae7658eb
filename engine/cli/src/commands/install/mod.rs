//! `homelab install`: what the automated installer of Proxmox VE needs.

mod prepare;
mod serve;

use clap::{Args, Subcommand};

use crate::{
    exit::{Exit, Stop},
    settings::Settings,
};

/// Give the answer files of the lab's nodes to Proxmox's automated installer
///
/// The files are made from the tables in docs/. docs/guide/phase1.md says how to make the medium that asks for them.
#[derive(Args, Debug)]
pub(crate) struct InstallArgs {
    #[command(subcommand)]
    command: InstallCommand,
}

#[derive(Debug, Subcommand)]
enum InstallCommand {
    Serve(serve::ServeArgs),
}

/// Runs the command.
///
/// # Errors
/// The docs don't make an answer file, or the address can't be listened on.
pub(crate) fn run(args: &InstallArgs, settings: &Settings) -> Result<Exit, Stop> {
    match &args.command {
        InstallCommand::Serve(args) => serve::run(args, settings),
    }
}
