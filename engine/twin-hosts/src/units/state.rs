//! What systemd has in mind of units: what it read of their files and when, what runs since when.

use model::{Stop, kind};

use super::{
    course::Course,
    file,
    unit::{
        COURSE, FILE, FOLDERS, OWN, Unit, forget, is, loaded, set, start, stop, timestamp, unit_of,
    },
};
use crate::Host;

/// How long after its start a host has its units running, in microseconds.
pub(crate) const SETTLING: u64 = 5_000_000;

/// Notes that a file changed: systemd has to read its unit again, if it has it in mind.
///
/// # Errors
/// The rows' fault.
pub(crate) fn touched(host: &mut Host<'_, '_>, path: &str) -> Result<(), Stop> {
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
    pub(super) fn begin(&mut self, unit: &mut Unit, stamp: u64) -> Result<(), Stop> {
        unit.remove(COURSE);
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
    pub(crate) fn failed_units(&mut self) -> Result<Vec<String>, Stop> {
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

/// systemd reads its units again.
pub(super) fn read_again(host: &mut Host<'_, '_>) -> Result<(), Stop> {
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

/// A package brings a unit: it's enabled and runs, as Debian does with the services that it installs.
///
/// # Errors
/// The rows' fault.
pub(crate) fn bring(host: &mut Host<'_, '_>, name: &str) -> Result<(), Stop> {
    let mut unit = loaded(name, "enabled");
    start(&mut unit, host.stamp()?);
    host.set_unit(name, &unit)
}

/// A package takes its unit away.
///
/// # Errors
/// The rows' fault.
pub(crate) fn take_out(host: &mut Host<'_, '_>, name: &str) -> Result<(), Stop> {
    let mut unit = loaded(name, "");
    set(&mut unit, &[("LoadState", "not-found")]);
    host.set_unit(name, &unit)
}
