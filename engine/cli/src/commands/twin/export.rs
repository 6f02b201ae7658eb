//! `homelab twin export`.

use clap::Args;
use runbook::failure::Failure;
use world::code;

use crate::{
    exit::{Exit, Stop},
    lab_world::twin_failure,
    report,
    settings::Settings,
};

/// Print all that an API or a host can read back from the twin, as JSON with sorted keys
///
/// Tasks, logs, clocks and the operator's files are left out, so two runs that did the same export the same. The lab's
/// secrets are masked.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExportArgs {}

const EXAMPLES: &str = "\
Examples:
  homelab twin export > before.json
  homelab twin export | jq .lab";

/// Runs the command.
///
/// # Errors
/// The twin can't be read.
pub(crate) fn run(_args: &ExportArgs, settings: &Settings) -> Result<Exit, Stop> {
    let value = super::open(settings)?
        .export_masked(&super::redactor(settings)?)
        .map_err(|error| twin_failure(&error))?;
    let text = serde_json::to_string_pretty(&value)
        .map_err(|error| Failure::of(code::twin::store, &error))?;
    report::print(&format!("{text}\n"));
    Ok(Exit::Success)
}
