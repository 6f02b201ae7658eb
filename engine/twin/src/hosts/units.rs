//! systemd's units, as `systemctl show` tells of them.

use std::collections::BTreeMap;

use world::host::{Call, Reply, Verb};

use super::{Filling, Handler, Host};
use crate::model::{Stop, calendar, kind};

pub(super) const HANDLERS: &[(Verb, Handler)] = &[
    (Verb::UNIT_SHOW, show),
    (Verb::UNIT_JOURNAL, journal),
    (Verb::UNIT_DO, act),
    (Verb::UNITS_RELOAD, reload),
];

pub(super) const FILLINGS: &[Filling] = &[Filling {
    kind: kind::UNIT,
    reads: |unit, replies| match replies {
        [] => vec![Call::new(Verb::UNIT_SHOW, [unit])],
        _ => Vec::new(),
    },
    load: |_, replies| match replies {
        [reply] if reply.status == 0 => serde_json::to_value(properties(&reply.text()))
            .map(Some)
            .map_err(|error| error.to_string()),
        [reply] => Err(reply.error.clone()),
        _ => Err("it wasn't read".to_owned()),
    },
}];

/// The properties that are shown, in their order.
const PROPERTIES: &[&str] = &[
    "Result",
    "Id",
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "ActiveEnterTimestamp",
    "StateChangeTimestamp",
    "NeedDaemonReload",
];

/// Where a unit's own file lies; kept, not shown. None where a package brought it.
const FILE: &str = "FragmentPath";

/// Where unit files lie, the one that wins first.
const FOLDERS: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/lib/systemd/system",
];

/// The names of sshd's unit.
const SSHD: &[&str] = &["ssh.service", "sshd.service", "ssh", "sshd"];

/// A unit's properties.
pub(crate) type Unit = BTreeMap<String, String>;

fn properties(text: &str) -> Unit {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A unit that is loaded and doesn't run.
pub(super) fn loaded(name: &str, file_state: &str) -> Unit {
    let pairs = [
        ("Result", "success"),
        ("Id", name),
        ("LoadState", "loaded"),
        ("ActiveState", "inactive"),
        ("SubState", "dead"),
        ("UnitFileState", file_state),
        ("ActiveEnterTimestamp", ""),
        ("StateChangeTimestamp", ""),
        ("NeedDaemonReload", "no"),
    ];
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
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

/// Notes that a file changed: systemd has to read its unit again.
///
/// # Errors
/// The rows' fault.
pub(super) fn touched(host: &mut Host<'_, '_>, path: &str) -> Result<(), Stop> {
    let Some(unit) = unit_of(path).filter(|_| !host.is_operator()) else {
        return Ok(());
    };
    let known = host.get::<Unit>(kind::UNIT, unit)?;
    if known.is_some_and(|unit| unit.get("LoadState").is_some_and(|state| state == "loaded")) {
        host.put(kind::STALE_UNIT, unit, &true)?;
    }
    Ok(())
}

impl Host<'_, '_> {
    /// A unit as systemd shows it.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn unit(&mut self, name: &str) -> Result<Unit, Stop> {
        let known = self.get::<Unit>(kind::UNIT, name)?;
        let is_there = |unit: &Unit| {
            unit.get("LoadState")
                .is_some_and(|state| state != "not-found")
        };
        let booted = self.booted()?;
        let mut unit = match known.filter(is_there) {
            Some(unit) => started_again(unit, booted),
            None => self.unread_unit(name)?,
        };
        if self.get::<bool>(kind::STALE_UNIT, name)?.is_some() {
            unit.insert("NeedDaemonReload".to_owned(), "yes".to_owned());
        }
        Ok(unit)
    }

    /// A unit that systemd has not read yet: what its file says.
    fn unread_unit(&mut self, name: &str) -> Result<Unit, Stop> {
        for folder in FOLDERS {
            let file = format!("{folder}/{name}");
            if let Some(text) = self.text(&file)? {
                let state = if text.contains("[Install]") {
                    "disabled"
                } else {
                    "static"
                };
                let mut unit = loaded(name, state);
                unit.insert(FILE.to_owned(), file);
                return Ok(unit);
            }
        }
        let mut unit = loaded(name, "");
        unit.insert("LoadState".to_owned(), "not-found".to_owned());
        Ok(unit)
    }

    /// Writes a unit's properties.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn set_unit(&mut self, name: &str, unit: &Unit) -> Result<(), Stop> {
        self.put(kind::UNIT, name, unit)
    }
}

fn show(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let mut blocks = Vec::new();
    for name in &call.args {
        let unit = host.unit(name)?;
        let lines = PROPERTIES.iter().map(|property| {
            let value = unit.get(*property).map_or("", String::as_str);
            format!("{property}={value}\n")
        });
        blocks.push(lines.collect::<String>());
    }
    Ok(Reply::success(blocks.join("\n")))
}

fn journal(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let name = call.args.first().map_or("", String::as_str);
    let unit = host.unit(name)?;
    let text = match unit["ActiveState"].as_str() {
        "active" => format!("Started {name}.\n"),
        _ => "-- No entries --\n".to_owned(),
    };
    Ok(Reply::success(text))
}

fn reload(host: &mut Host<'_, '_>, _: &Call) -> Result<Reply, Stop> {
    for (name, _) in host.scan::<bool>(kind::STALE_UNIT)? {
        let mut unit = host.unit(&name)?;
        host.delete(kind::STALE_UNIT, &name)?;
        if is_gone(host, &unit)? {
            host.delete(kind::UNIT, &name)?;
            continue;
        }
        unit.insert("NeedDaemonReload".to_owned(), "no".to_owned());
        host.set_unit(&name, &unit)?;
    }
    Ok(Reply::success(""))
}

/// Whether a unit doesn't run and its file is there no longer.
fn is_gone(host: &mut Host<'_, '_>, unit: &Unit) -> Result<bool, Stop> {
    match unit.get(FILE) {
        Some(file) if unit["ActiveState"] != "active" => Ok(host.entry(file)?.is_none()),
        _ => Ok(false),
    }
}

fn act(host: &mut Host<'_, '_>, call: &Call) -> Result<Reply, Stop> {
    let [action, name] = call.args.as_slice() else {
        return Ok(Reply::failed(64, "it takes an action and a unit"));
    };
    let mut unit = host.unit(name)?;
    let state = unit["LoadState"].clone();
    if state == "not-found" && action != "mask" {
        return Ok(not_found(action, name));
    }
    if state == "masked" && matches!(action.as_str(), "start" | "restart" | "enable") {
        let text = format!("Failed to {action} {name}: Unit {name} is masked.");
        return Ok(Reply::failed(1, text));
    }
    let is_running = unit["ActiveState"] == "active";
    match action.as_str() {
        "restart" => start(&mut unit, host.stamp()?),
        "start" if !is_running => start(&mut unit, host.stamp()?),
        "start" => {}
        "reload" if !is_running => {
            let text = format!("{name} is not active, cannot reload.");
            return Ok(Reply::failed(1, text));
        }
        "reload" => {
            let since = timestamp(host.stamp()?);
            set(&mut unit, &[("StateChangeTimestamp", since.as_str())]);
        }
        other => match becomes(other, &unit["UnitFileState"]) {
            Some(properties) => set(&mut unit, properties),
            None => return Ok(Reply::failed(64, format!("Unknown command verb {other}."))),
        },
    }
    host.set_unit(name, &unit)?;
    if SSHD.contains(&name.as_str()) && unit["ActiveState"] == "active" {
        host.read_sshd_settings()?;
    }
    Ok(Reply::success(""))
}

/// What an action makes of a unit; none for what isn't one.
fn becomes(action: &str, file_state: &str) -> Option<&'static [(&'static str, &'static str)]> {
    Some(match action {
        "stop" => &[("ActiveState", "inactive"), ("SubState", "dead")],
        // Without an [Install] section there's nothing to enable.
        "enable" | "disable" if file_state == "static" => &[],
        "enable" => &[("UnitFileState", "enabled")],
        "disable" => &[("UnitFileState", "disabled")],
        "mask" => &[("UnitFileState", "masked"), ("LoadState", "masked")],
        "unmask" => &[("UnitFileState", "disabled"), ("LoadState", "loaded")],
        _ => return None,
    })
}

fn set(unit: &mut Unit, properties: &[(&str, &str)]) {
    for (name, value) in properties {
        unit.insert((*name).to_owned(), (*value).to_owned());
    }
}

/// A unit after a later start of its host, in microseconds: what is enabled runs, what is neither enabled nor
/// started by others doesn't.
fn started_again(mut unit: Unit, booted: u64) -> Unit {
    // Behind the weekday, timestamps sort as text.
    let at = timestamp(booted);
    let since = unit
        .get("ActiveEnterTimestamp")
        .and_then(|text| text.get(4..));
    if booted == 0 || since >= at.get(4..) {
        return unit;
    }
    let was_active = unit
        .get("ActiveState")
        .is_some_and(|state| state == "active");
    match unit.get("UnitFileState").map(String::as_str) {
        Some("enabled") => start(&mut unit, booted + SETTLING),
        Some("disabled" | "masked") => set(
            &mut unit,
            &[("ActiveState", "inactive"), ("SubState", "dead")],
        ),
        _ if was_active => start(&mut unit, booted + SETTLING),
        _ => {}
    }
    unit
}

/// How long after its start a host has its units running, in microseconds.
pub(super) const SETTLING: u64 = 5_000_000;

/// A unit runs from now on.
pub(super) fn start(unit: &mut Unit, stamp: u64) {
    let sub = if unit["Id"].ends_with(".timer") {
        "waiting"
    } else {
        "running"
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
    unit.insert("LoadState".to_owned(), "not-found".to_owned());
    host.set_unit(name, &unit)
}

fn not_found(action: &str, name: &str) -> Reply {
    match action {
        "enable" | "disable" | "unmask" => {
            let text = format!("Failed to {action} unit: Unit {name} does not exist");
            Reply::failed(1, text)
        }
        _ => Reply::failed(
            5,
            format!("Failed to {action} {name}: Unit {name} not found."),
        ),
    }
}

/// `Wed 2026-11-25 15:44:07.123456 UTC`.
fn timestamp(micros: u64) -> String {
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    format!("{}.{rest:06} UTC", calendar::date_and_time(seconds))
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
