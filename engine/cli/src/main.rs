//! homelab: builds, previews, rehearses and keeps a Proxmox and K3s homelab.

mod bug;
mod chosen;
mod cli;
mod commands;
mod environment;
mod events;
mod exit;
mod flags;
mod gate;
mod interrupt;
mod invoke;
mod lab_docs;
mod lab_world;
mod manual;
mod names;
mod questions;
mod rehearsal;
mod report;
mod sample;
mod served;
mod session;
mod settings;
mod ssh;
mod via_key;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    cli::Cli,
    exit::{Exit, Stop},
    settings::Settings,
};

fn main() -> ExitCode {
    bug::guarded(perform)
}

fn perform() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return help(&usage),
    };
    let settings = match Settings::read() {
        Ok(settings) => settings,
        Err(failure) => return end(&failure.into(), &Settings::default()),
    };
    match commands::perform(&cli.command, &settings) {
        Ok(exit) => exit.into(),
        Err(stop) => end(&stop, &settings),
    }
}

fn end(stop: &Stop, settings: &Settings) -> ExitCode {
    report::complain(&report::failure::reports(
        &stop.failures,
        &stop.sources,
        settings.errors,
    ));
    stop.exit.into()
}

/// Help and version go to standard output and are a success; a wrong command line is exit code 3.
fn help(usage: &clap::Error) -> ExitCode {
    // A reader that went away is no failure of homelab's.
    drop(usage.print());
    if usage.use_stderr() {
        Exit::Refused.into()
    } else {
        Exit::Success.into()
    }
}
