//! What `systemctl show` and `journalctl` tell of a unit.

use model::Passing;
use world::host::verb::{Pairs, UnitJournal, UnitShow};

use super::{
    course::Course,
    unit::{FILE, is},
};
use crate::{Host, typed::Said};

/// The properties that are shown, in systemd's order.
const PROPERTIES: &[&str] = &[
    "Type",
    "RemainAfterExit",
    "Result",
    "NRestarts",
    "Id",
    "WantedBy",
    "LoadState",
    "ActiveState",
    "SubState",
    FILE,
    "UnitFileState",
    "StateChangeTimestamp",
    "ActiveEnterTimestamp",
    "NeedDaemonReload",
];

/// Those that only services have.
const OF_SERVICES: &[&str] = &["Type", "RemainAfterExit", "NRestarts"];

pub(super) fn show(host: &mut Host<'_, '_>, UnitShow { unit: name }: UnitShow) -> Said<Pairs<'='>> {
    let mut unit = host.unit(&name)?;
    // Where time passes by polls alone, a look is one.
    if host.tx.config.passing == Passing::Polled
        && let Some(course) = Course::of(&unit)
        && let Some(next) = course.polled(&unit, host.tx.now)
    {
        host.tx.now = next;
        unit = host.unit(&name)?;
    }
    let shown = PROPERTIES
        .iter()
        .filter(|property| name.ends_with(".service") || !OF_SERVICES.contains(property));
    let pairs = shown.map(|property| ((*property).to_owned(), is(&unit, property).to_owned()));
    Ok(Pairs(pairs.collect()))
}

pub(super) fn journal(host: &mut Host<'_, '_>, ask: UnitJournal) -> Said<Vec<String>> {
    let unit = host.unit(&ask.unit)?;
    let text = match Course::of(&unit) {
        Some(course) => course.journal(&unit),
        None if is(&unit, "ActiveState") == "active" => format!("Started {}.\n", ask.unit),
        None => "-- No entries --\n".to_owned(),
    };
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let count = usize::try_from(ask.lines).unwrap_or(lines.len());
    Ok(lines[lines.len().saturating_sub(count)..].to_vec())
}
