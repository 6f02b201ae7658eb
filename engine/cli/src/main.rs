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
mod runbooks;
mod sample;
mod served;
mod session;
mod settings;
mod ssh;
mod tenure;
mod via_hosts;
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
    let settings = Settings::read();
    let exit = match (Cli::try_parse(), &settings) {
        (Err(usage), _) => help(&usage),
        (Ok(_), Err(failure)) => end(&failure.clone().into(), &Settings::default()),
        (Ok(cli), Ok(settings)) => {
            let settings = &settings.clone().coloured(cli.color);
            match commands::perform(&cli.command, settings) {
                Ok(exit) => exit,
                Err(stop) => end(&stop, settings),
            }
        }
    };
    match report::lost() {
        Some(lost) if exit == Exit::Success => {
            end(&lost.into(), &settings.unwrap_or_default()).into()
        }
        _ => exit.into(),
    }
}

fn end(stop: &Stop, settings: &Settings) -> Exit {
    report::complain(&report::failure::reports(
        &stop.failures,
        &stop.sources,
        settings.errors,
    ));
    stop.exit
}

/// Help and version go to standard output and are a success; a wrong command line is exit code 3.
fn help(usage: &clap::Error) -> Exit {
    let printed = usage.print();
    if usage.use_stderr() {
        Exit::Refused
    } else {
        report::note(printed);
        Exit::Success
    }
}
