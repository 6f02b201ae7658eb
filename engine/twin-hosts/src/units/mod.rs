//! systemd's units, as `systemctl show` tells of them.

mod course;
mod file;
mod mask;

use formats::civil::Civil;
use model::{HostEffect, Passing, Stop, kind};
use std::collections::BTreeMap;
use world::host::{
    Reply, Verb,
    verb::{Pairs, UnitAction, UnitDo, UnitJournal, UnitShow},
};

use self::course::Course;
use super::{
    Filling, Handler, Host,
    typed::{Said, answers, fails, filling},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    UnitShow => show,
    UnitJournal => journal,
    UnitDo => act,
    UnitsReload => |host, _| Ok(read_again(host)?),
};

pub(super) const FILLINGS: &[Filling] =
    &[filling!(kind::UNIT, |unit| UnitShow::new(unit), |told| {
        Some(Unit::from_iter(told.0))
    })];

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

/// Where a unit's own file lies. Empty on the twin where a package brought it.
const FILE: &str = "FragmentPath";

/// Where unit files lie, the one that wins first.
const FOLDERS: &[&str] = &[OWN, "/run/systemd/system", "/usr/lib/systemd/system"];

/// Where those lie that are the host's own.
const OWN: &str = "/etc/systemd/system";

/// The names of sshd's unit.
const SSHD: &[&str] = &["ssh.service", "sshd.service", "ssh", "sshd"];

/// A unit's properties.
pub(crate) type Unit = BTreeMap<String, String>;

/// A unit that is loaded and doesn't run.
pub(super) fn loaded(name: &str, file_state: &str) -> Unit {
    let mut unit = Unit::new();
    let pairs = [
        ("Result", "success"),
        ("Id", name),
        ("LoadState", "loaded"),
        ("ActiveState", "inactive"),
        ("SubState", "dead"),
        ("UnitFileState", file_state),
        ("NeedDaemonReload", "no"),
    ];
    set(&mut unit, &pairs);
    if name.ends_with(".service") {
        let service = [
            ("Type", "simple"),
            ("RemainAfterExit", "no"),
            ("NRestarts", "0"),
        ];
        set(&mut unit, &service);
    }
    if file_state == "enabled" {
        want(&mut unit);
    }
    unit
}

/// Lets the target that a unit's file names start it.
fn want(unit: &mut Unit) {
    let usual = match is(unit, "Id").rsplit_once('.') {
        Some((_, "timer")) => "timers.target",
        Some((_, "socket")) => "sockets.target",
        _ => "multi-user.target",
    };
    let wanted = unit.get(file::INSTALL).map_or(usual, String::as_str);
    let wanted = wanted.to_owned();
    set(unit, &[("WantedBy", wanted.as_str())]);
}

/// A property; empty where it isn't there.
fn is<'a>(unit: &'a Unit, property: &str) -> &'a str {
    unit.get(property).map_or("", String::as_str)
}

/// The unit that a path belongs to: its file, or a file that adds to it.
fn unit_of(path: &str) -> Option<&str> {
    let folder = FOLDERS.iter().find(|folder| path.starts_with(**folder))?;
    let rest = path[folder.len()..].strip_prefix('/')?;
    let mut parts = rest.split('/');
    let first = parts.next()?;
    match parts.next() {
        None => Some(first),
        Some(_) => first.strip_suffix(".d"),
    }
    .filter(|unit| unit.contains('.'))
}

/// Notes that a file changed: systemd has to read its unit again, if it has it in mind.
///
/// # Errors
/// The rows' fault.
pub(super) fn touched(host: &mut Host<'_, '_>, path: &str) -> Result<(), Stop> {
    let Some(name) = unit_of(path).filter(|_| !host.is_operator()) else {
        return Ok(());
    };
    let known = host.get::<Unit>(kind::UNIT, name)?;
    let known = known.filter(|unit| is(unit, "LoadState") == "loaded");
    if host.is_held(name, known.is_some())? {
        return host.put(kind::STALE_UNIT, name, &true);
    }
    match known {
        // Nothing holds it: it's read anew when somebody asks.
        Some(unit) if is(&unit, FILE) == path => host.delete(kind::UNIT, name),
        Some(unit) if is(&unit, FILE).is_empty() => host.put(kind::STALE_UNIT, name, &true),
        _ => Ok(()),
    }
}

impl Host<'_, '_> {
    /// A unit as systemd shows it.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn unit(&mut self, name: &str) -> Result<Unit, Stop> {
        let known = self.get::<Unit>(kind::UNIT, name)?;
        let is_there = |unit: &Unit| is(unit, "LoadState") != "not-found";
        let mut unit = match known.filter(is_there) {
            Some(unit) => self.started_again(unit)?,
            None => self.unread_unit(name)?,
        };
        if let Some(course) = Course::of(&unit) {
            course.show(&mut unit, self.tx.now.0 * 1000);
        }
        if is(&unit, "ActiveState") == "inactive" && is(&unit, "WantedBy").is_empty() {
            forget(&mut unit);
        }
        if self.get::<bool>(kind::STALE_UNIT, name)?.is_some() {
            set(&mut unit, &[("NeedDaemonReload", "yes")]);
        } else if is(&unit, "NeedDaemonReload") == "yes"
            && self.get::<bool>(kind::RELOAD, "units")?.is_some()
        {
            set(&mut unit, &[("NeedDaemonReload", "no")]);
        }
        Ok(unit)
    }

    /// A unit that systemd has not read yet: what its file says.
    fn unread_unit(&mut self, name: &str) -> Result<Unit, Stop> {
        for folder in FOLDERS {
            let path = format!("{folder}/{name}");
            if let Some(text) = self.text(&path)? {
                let mut unit = loaded(name, file::state(&text));
                file::describe(&mut unit, &text);
                set(&mut unit, &[(FILE, path.as_str())]);
                return Ok(unit);
            }
        }
        let mut unit = loaded(name, "");
        set(&mut unit, &[("LoadState", "not-found")]);
        Ok(unit)
    }

    /// Whether systemd keeps a unit in mind: it isn't down, a target wants it, or another unit starts it.
    fn is_held(&mut self, name: &str, is_known: bool) -> Result<bool, Stop> {
        if is_known {
            let unit = self.unit(name)?;
            if is(&unit, "ActiveState") != "inactive" || !is(&unit, "WantedBy").is_empty() {
                return Ok(true);
            }
        }
        let Some(stem) = name.strip_suffix(".service") else {
            return Ok(false);
        };
        for other in ["timer", "socket", "path"].map(|kind| format!("{stem}.{kind}")) {
            let starter = self.get::<Unit>(kind::UNIT, &other)?;
            let is_loaded = |unit: &Unit| {
                is(unit, "LoadState") == "loaded"
                    && (is(unit, "ActiveState") == "active" || !is(unit, "WantedBy").is_empty())
            };
            if starter.is_some_and(|unit| is_loaded(&unit)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A unit after a later start of its host: what is enabled runs, what is neither enabled nor started by others
    /// doesn't.
    fn started_again(&mut self, mut unit: Unit) -> Result<Unit, Stop> {
        let booted = self.booted()?;
        // Behind the weekday, timestamps sort as text.
        let at = timestamp(booted);
        let since = unit
            .get("ActiveEnterTimestamp")
            .and_then(|text| text.get(4..));
        if booted == 0 || since >= at.get(4..) {
            return Ok(unit);
        }
        let was_active = is(&unit, "ActiveState") == "active";
        match is(&unit, "UnitFileState") {
            "enabled" => self.begin(&mut unit, booted + SETTLING)?,
            "disabled" | "masked" => stop(&mut unit),
            _ if was_active => self.begin(&mut unit, booted + SETTLING)?,
            _ => {}
        }
        Ok(unit)
    }

    /// A unit is started at a moment.
    fn begin(&mut self, unit: &mut Unit, stamp: u64) -> Result<(), Stop> {
        unit.remove(course::COURSE);
        set(unit, &[("Result", "success")]);
        if unit.contains_key("NRestarts") {
            set(unit, &[("NRestarts", "0")]);
        }
        match Course::begin(self, unit, stamp)? {
            Some(course) => course.keep(unit),
            None if is(unit, "Type") == "oneshot" && is(unit, "RemainAfterExit") != "yes" => {
                stop(unit);
            }
            None => start(unit, stamp),
        }
        Ok(())
    }

    /// The names of the units that failed.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn failed_units(&mut self) -> Result<Vec<String>, Stop> {
        let mut failed = Vec::new();
        for (name, _) in self.scan::<Unit>(kind::UNIT)? {
            if is(&self.unit(&name)?, "ActiveState") == "failed" {
                failed.push(name);
            }
        }
        Ok(failed)
    }

    /// Writes a unit's properties.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn set_unit(&mut self, name: &str, unit: &Unit) -> Result<(), Stop> {
        self.put(kind::UNIT, name, unit)
    }
}

fn show(host: &mut Host<'_, '_>, UnitShow { unit: name }: UnitShow) -> Said<Pairs<'='>> {
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

fn journal(host: &mut Host<'_, '_>, ask: UnitJournal) -> Said<Vec<String>> {
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

/// systemd reads its units again.
fn read_again(host: &mut Host<'_, '_>) -> Result<(), Stop> {
    host.put(kind::RELOAD, "units", &true)?;
    for (name, _) in host.scan::<bool>(kind::STALE_UNIT)? {
        host.delete(kind::STALE_UNIT, &name)?;
        let mut unit = host.unit(&name)?;
        if is(&unit, "LoadState") != "loaded" {
            continue;
        }
        let own = format!("{OWN}/{name}");
        if let Some(text) = host.text(&own)? {
            file::describe(&mut unit, &text);
            set(&mut unit, &[(FILE, own.as_str())]);
            if is(&unit, "UnitFileState") != "enabled" {
                set(&mut unit, &[("UnitFileState", file::state(&text))]);
            }
        } else if is_gone(host, &unit)? {
            host.delete(kind::UNIT, &name)?;
            continue;
        }
        set(&mut unit, &[("NeedDaemonReload", "no")]);
        host.set_unit(&name, &unit)?;
    }
    Ok(())
}

/// Whether a unit doesn't run and its file is there no longer.
fn is_gone(host: &mut Host<'_, '_>, unit: &Unit) -> Result<bool, Stop> {
    match is(unit, FILE) {
        "" => Ok(false),
        _ if is(unit, "ActiveState") == "active" => Ok(false),
        file => Ok(host.entry(file)?.is_none()),
    }
}

fn act(host: &mut Host<'_, '_>, UnitDo { action, unit: name }: UnitDo) -> Said<()> {
    let name = name.as_str();
    let mut unit = host.unit(name)?;
    let state = is(&unit, "LoadState");
    if state == "not-found" && action != UnitAction::Mask {
        return Err(not_found(action, name).into());
    }
    match action {
        UnitAction::Start | UnitAction::Restart if state == "masked" => {
            let text = format!("Failed to {} {name}: Unit {name} is masked.", action.name());
            fails(1, text)
        }
        UnitAction::Start if is(&unit, "ActiveState") == "active" => Ok(()),
        UnitAction::Start | UnitAction::Restart => run(host, name, unit),
        UnitAction::Stop => {
            stop(&mut unit);
            Ok(host.set_unit(name, &unit)?)
        }
        UnitAction::Reload => renew(host, name, unit),
        UnitAction::Mask => mask::mask(host, name, unit),
        UnitAction::Unmask => mask::unmask(host, name, unit),
        UnitAction::Enable | UnitAction::Disable => enable(host, (action, name), unit),
    }
}

/// Starts a unit. One of type `oneshot` is waited for until it has ended.
fn run(host: &mut Host<'_, '_>, name: &str, mut unit: Unit) -> Said<()> {
    let is_oneshot = is(&unit, "Type") == "oneshot";
    if is(&unit, "SubState") != "start" {
        let stamp = host.stamp()?;
        host.begin(&mut unit, stamp)?;
        host.set_unit(name, &unit)?;
    }
    if let Some(course) = Course::of(&unit).filter(|_| is_oneshot) {
        host.tx.now = host.tx.now.max(course.end());
    }
    let after = host.unit(name)?;
    if is_oneshot && is(&after, "Result") != "success" {
        let text = format!(
            "Job for {name} failed because the control process exited with error code.\n\
             See \"systemctl status {name}\" and \"journalctl -xeu {name}\" for details."
        );
        return fails(1, text);
    }
    if SSHD.contains(&name) {
        host.happen(&HostEffect::ReadSshd)?;
    }
    Ok(())
}

/// A unit that runs reads its own files again.
fn renew(host: &mut Host<'_, '_>, name: &str, mut unit: Unit) -> Said<()> {
    if is(&unit, "ActiveState") != "active" {
        let text = format!("{name} is not active, cannot reload.");
        return fails(1, text);
    }
    let since = timestamp(host.stamp()?);
    set(&mut unit, &[("StateChangeTimestamp", since.as_str())]);
    host.set_unit(name, &unit)?;
    if SSHD.contains(&name) {
        host.happen(&HostEffect::ReadSshd)?;
    }
    Ok(())
}

/// Enables or disables a unit, after which systemd reads its units again.
fn enable(host: &mut Host<'_, '_>, (action, name): (UnitAction, &str), mut unit: Unit) -> Said<()> {
    let state = is(&unit, "UnitFileState").to_owned();
    if state == "masked" && action == UnitAction::Enable {
        let text = format!("Failed to enable unit: Unit {OWN}/{name} is masked");
        return fails(1, text);
    }
    // Without an [Install] section there's nothing to enable; what is masked is left alone.
    if !matches!(state.as_str(), "static" | "masked") {
        if action == UnitAction::Enable {
            set(&mut unit, &[("UnitFileState", "enabled")]);
            want(&mut unit);
        } else {
            set(
                &mut unit,
                &[("UnitFileState", "disabled"), ("WantedBy", "")],
            );
        }
        host.set_unit(name, &unit)?;
    }
    Ok(read_again(host)?)
}

fn set(unit: &mut Unit, properties: &[(&str, &str)]) {
    for (name, value) in properties {
        unit.insert((*name).to_owned(), (*value).to_owned());
    }
}

/// A unit is down from now on.
fn stop(unit: &mut Unit) {
    unit.remove(course::COURSE);
    set(
        unit,
        &[
            ("ActiveState", "inactive"),
            ("SubState", "dead"),
            ("Result", "success"),
        ],
    );
}

/// systemd forgets what it knew of a unit that is down and that nothing holds.
fn forget(unit: &mut Unit) {
    let forgotten = [
        ("Result", "success"),
        ("ActiveEnterTimestamp", ""),
        ("StateChangeTimestamp", ""),
    ];
    set(unit, &forgotten);
}

/// How long after its start a host has its units running, in microseconds.
pub(super) const SETTLING: u64 = 5_000_000;

/// A unit runs from now on.
pub(super) fn start(unit: &mut Unit, stamp: u64) {
    let sub = match is(unit, "Id").rsplit_once('.') {
        Some((_, "timer" | "path")) => "waiting",
        Some((_, "socket")) => "listening",
        Some((_, "target")) => "active",
        _ if is(unit, "Type") == "oneshot" => "exited",
        _ => "running",
    };
    let since = timestamp(stamp);
    let properties = [
        ("ActiveState", "active"),
        ("SubState", sub),
        ("ActiveEnterTimestamp", since.as_str()),
        ("StateChangeTimestamp", since.as_str()),
    ];
    set(unit, &properties);
}

/// A package brings a unit: it's enabled and runs, as Debian does with the services that it installs.
///
/// # Errors
/// The rows' fault.
pub(super) fn bring(host: &mut Host<'_, '_>, name: &str) -> Result<(), Stop> {
    let mut unit = loaded(name, "enabled");
    start(&mut unit, host.stamp()?);
    host.set_unit(name, &unit)
}

/// A package takes its unit away.
///
/// # Errors
/// The rows' fault.
pub(super) fn take_out(host: &mut Host<'_, '_>, name: &str) -> Result<(), Stop> {
    let mut unit = loaded(name, "");
    set(&mut unit, &[("LoadState", "not-found")]);
    host.set_unit(name, &unit)
}

fn not_found(action: UnitAction, name: &str) -> Reply {
    let word = action.name();
    match action {
        UnitAction::Enable | UnitAction::Disable | UnitAction::Unmask => {
            let text = format!("Failed to {word} unit: Unit {name} does not exist");
            Reply::failed(1, text)
        }
        _ => Reply::failed(
            5,
            format!("Failed to {word} {name}: Unit {name} not found."),
        ),
    }
}

/// `Wed 2026-11-25 15:44:07.123456 UTC`.
fn timestamp(micros: u64) -> String {
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    format!(
        "{}.{rest:06} UTC",
        Civil::at(seconds.cast_signed()).date_and_time()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_unit_of_a_path() {
        for (path, unit) in [
            ("/etc/systemd/system/a.service", Some("a.service")),
            ("/etc/systemd/system/a.service.d/b.conf", Some("a.service")),
            (
                "/etc/systemd/system/multi-user.target.wants/a.service",
                None,
            ),
            ("/etc/systemd/journald.conf", None),
            ("/etc/hosts", None),
        ] {
            assert_eq!(unit_of(path), unit, "{path}");
        }
        assert_eq!(
            timestamp(1_764_085_447_123_456),
            "Tue 2025-11-25 15:44:07.123456 UTC"
        );
    }
}
