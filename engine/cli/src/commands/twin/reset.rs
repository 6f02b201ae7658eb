//! `homelab twin reset`.

use clap::Args;

use crate::{
    exit::{Exit, Stop},
    lab_world::{self, twin_failure},
    report,
    session::Session,
    settings::Settings,
};

/// Start the twin over: bare nodes, a new world
///
/// Works beside `twin serve`, whose ports and password stay. Runs of the old world are never used in the new one.
#[derive(Args, Debug)]
pub(crate) struct ResetArgs {}

/// Runs the command.
///
/// # Errors
/// The twin can't be written.
pub(crate) fn run(_args: &ResetArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let twin = lab_world::restart_twin(&session, &session.docs()?)?;
    let id = twin.id().map_err(|error| twin_failure(&error))?;
    report::print(&format!("The twin starts over as {id}.\n"));
    Ok(Exit::Success)
}
