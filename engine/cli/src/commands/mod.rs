//! The commands, one file each: `XArgs` is the manual, `run` does it.

pub(crate) mod check;
pub(crate) mod doc;
pub(crate) mod docs;
pub(crate) mod env;
pub(crate) mod help;
pub(crate) mod init;
pub(crate) mod install;
pub(crate) mod plan;
pub(crate) mod reference;
pub(crate) mod resume;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod show;
pub(crate) mod steps;
pub(crate) mod test;
pub(crate) mod twin;

use clap::CommandFactory as _;

use crate::{
    cli::{Cli, Command},
    exit::{Exit, Stop},
    settings::Settings,
};

/// Does what the command line says.
///
/// # Errors
/// The reports of what is wrong, and the exit code.
pub(crate) fn perform(command: &Command, settings: &Settings) -> Result<Exit, Stop> {
    match command {
        Command::Run(args) => run::run(args, settings),
        Command::Plan(args) => plan::run(args, settings),
        Command::Resume(args) => resume::run(args, settings),
        Command::Runs(args) => runs::run(args, settings),
        Command::Steps(args) => steps::run(args, settings),
        Command::Show(args) => show::run(args, settings),
        Command::Check(args) => check::run(args, settings),
        Command::Test(args) => test::run(args, settings),
        Command::Doc(args) => doc::run(args, settings),
        Command::Docs(args) => docs::run(args, settings),
        Command::Env(args) => env::run(args, settings),
        Command::Twin(args) => twin::run(args, settings),
        Command::Install(args) => install::run(args, settings),
        Command::Init(args) => init::run(args, settings),
        Command::Help(args) => help::run(args, settings),
        Command::Reference(args) => reference::run(args, Cli::command(), settings),
    }
}
