//! What systemd says of a unit.

use runbook::{halt::Halt, operation::Operation};
use world::{
    clock::days,
    host::{Call, Verb},
};

use crate::host::probe::ask;

/// How many lines of a unit's journal show why it failed.
const LINES: &str = "20";

/// A unit as systemd shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    /// `loaded`, `not-found`, `masked`.
    pub(crate) load: String,
    /// `active`, `inactive`, `failed`.
    pub(crate) active: String,
    /// `enabled`, `disabled`, `static`; empty if it has no file.
    pub(crate) file_state: String,
    /// Whether its files changed since systemd read them.
    pub(crate) needs_reload: bool,
    /// When it was started, in microseconds since 1970; 0 if it never was.
    pub(crate) started: u64,
    /// When its state last changed, which a reload does too; 0 if it never did.
    pub(crate) changed: u64,
    /// All that was shown.
    pub(crate) shown: String,
}

impl Unit {
    /// Reads what `systemctl show` printed.
    pub(crate) fn parse(text: &str) -> Self {
        let value = |name: &str| {
            let lines = text.lines().filter_map(|line| line.split_once('='));
            let found = lines.into_iter().find(|(own, _)| *own == name);
            found.map_or("", |(_, value)| value).to_owned()
        };
        Self {
            load: value("LoadState"),
            active: value("ActiveState"),
            file_state: value("UnitFileState"),
            needs_reload: value("NeedDaemonReload") == "yes",
            started: micros(&value("ActiveEnterTimestamp")).unwrap_or_default(),
            changed: micros(&value("StateChangeTimestamp")).unwrap_or_default(),
            shown: text.trim_end().to_owned(),
        }
    }

    /// Whether there is such a unit.
    pub(crate) fn is_there(&self) -> bool {
        self.load != "not-found"
    }

    /// Whether it runs, or is about to.
    pub(crate) fn is_active(&self) -> bool {
        matches!(self.active.as_str(), "active" | "activating" | "reloading")
    }
}

/// `Wed 2026-11-25 15:44:07.123456 UTC` in microseconds since 1970.
fn micros(text: &str) -> Option<u64> {
    let mut words = text.split(' ').skip(1);
    let (date, time) = (words.next()?, words.next()?);
    let mut date = date.split('-').map(str::parse::<i64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.split(':').map(str::parse::<i64>);
    let (hour, minute, second) = (time.next()?.ok()?, time.next()?.ok()?, time.next()?.ok()?);
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let fraction: u64 = format!("{fraction:0<6}")[..6].parse().ok()?;
    Some(u64::try_from(seconds).ok()? * 1_000_000 + fraction)
}

/// Asks for a unit.
///
/// # Errors
/// No reply came, or systemd doesn't answer.
pub(crate) async fn show(operation: &Operation, host: &str, unit: &str) -> Result<Unit, Halt> {
    let reply = ask(operation, host, Call::new(Verb::UNIT_SHOW, [unit])).await?;
    Ok(Unit::parse(&reply.text()))
}

/// The files that changed since a moment in microseconds; one that isn't there counts as old.
///
/// # Errors
/// No reply came.
pub(crate) async fn changed_since(
    operation: &Operation,
    host: &str,
    files: &[String],
    then: u64,
) -> Result<Vec<String>, Halt> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let reply = ask(operation, host, Call::new(Verb::CHANGED, files)).await?;
    let text = reply.text();
    let newer = |line: &str| line.replace('.', "").parse().is_ok_and(|at: u64| at > then);
    let pairs = files.iter().zip(text.lines());
    Ok(pairs
        .filter(|(_, line)| newer(line))
        .map(|(file, _)| file.clone())
        .collect())
}

/// The last lines of a unit's journal.
///
/// # Errors
/// No reply came.
pub(crate) async fn last_lines(
    operation: &Operation,
    host: &str,
    unit: &str,
) -> Result<String, Halt> {
    let reply = ask(
        operation,
        host,
        Call::new(Verb::UNIT_JOURNAL, [unit, LINES]),
    )
    .await?;
    Ok(format!("journal of {unit}: {}", reply.text().trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_systemctl_shows() {
        let unit = Unit::parse(
            "Id=a.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\
             ActiveEnterTimestamp=Tue 2025-11-25 15:44:07.123456 UTC\nNeedDaemonReload=yes\n",
        );
        assert_eq!(unit.started, 1_764_085_447_123_456);
        assert!(unit.is_there() && unit.is_active() && unit.needs_reload);
        assert_eq!(Unit::parse("ActiveEnterTimestamp=\n").started, 0);
    }
}
