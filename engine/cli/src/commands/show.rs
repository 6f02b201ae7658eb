//! `homelab show`.

use clap::Args;
use runbook::{
    event::{Event, is_event},
    journal::{RunId, Stored},
};

use crate::{
    exit::{Exit, Stop},
    invoke,
    report::{self, Format, Printer},
    session::{Session, journal_failure},
    settings::{Settings, Style},
};

/// Show a recorded run again, as it was printed
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowArgs {
    /// The run's number, as `homelab runs` lists it
    #[arg(value_name = "RUN")]
    run: RunId,

    /// Print its events, one JSON object a line
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  homelab show 12
  homelab show 12 --json | jq 'select(.event == \"intent\")'";

/// Runs the command.
///
/// # Errors
/// There is no such run, or the journal can't be used.
pub(crate) fn run(args: &ShowArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let journal = session.journal_to_read()?;
    let entries = journal
        .load(args.run)
        .map_err(|error| journal_failure(&error))?;
    let printer = report::printer(Format::of(args.json), settings);
    let begins: Vec<usize> = starts(&entries);
    for (at, begin) in begins.iter().enumerate() {
        let end = begins.get(at + 1).copied().unwrap_or(entries.len());
        replay(args.run, &entries[*begin..end], &printer);
    }
    if !args.json {
        failure(&entries, settings);
    }
    Ok(Exit::Success)
}

/// Where each invocation of the run begins.
fn starts(entries: &[Stored]) -> Vec<usize> {
    let is_start = |stored: &Stored| matches!(stored.entry, runbook::journal::Entry::RunStarted(_));
    entries
        .iter()
        .enumerate()
        .filter(|(_, stored)| is_start(stored))
        .map(|(at, _)| at)
        .collect()
}

/// Gives one invocation to the printer, as it was given when it ran.
fn replay(run: RunId, entries: &[Stored], printer: &Printer) {
    for stored in entries.iter().filter(|stored| is_event(&stored.entry)) {
        printer.sink.take(&Event::Recorded {
            run,
            stored: stored.clone(),
        });
    }
    if let Some(finished) = report::finished(run, entries) {
        printer.sink.take(&Event::Finished(finished));
    }
}

/// The report of the failure that the last invocation ended with.
fn failure(entries: &[Stored], settings: &Settings) {
    let last = starts(entries).last().copied().unwrap_or(0);
    let failure =
        report::finished(RunId::default(), &entries[last..]).and_then(|finished| finished.failure);
    if let Some(failure) = failure {
        let style: Style = settings.output;
        report::print(&report::failure::reports(
            &[failure],
            &invoke::sources(entries),
            style,
        ));
    }
}
