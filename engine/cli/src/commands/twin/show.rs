//! `homelab twin show`.

use clap::Args;

use crate::{
    exit::{Exit, Stop},
    lab_world::twin_failure,
    report,
    settings::Settings,
};

/// Show the twin's state as a tree
#[derive(Args, Debug)]
pub(crate) struct ShowArgs {}

/// Runs the command.
///
/// # Errors
/// The twin can't be read.
pub(crate) fn run(_args: &ShowArgs, settings: &Settings) -> Result<Exit, Stop> {
    let text = super::open(settings)?
        .show()
        .map_err(|error| twin_failure(&error))?;
    report::print(&text);
    Ok(Exit::Success)
}
