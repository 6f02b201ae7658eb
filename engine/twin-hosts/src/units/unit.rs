//! A unit as its row has it: the properties that systemd shows, and some that are kept beside them.

use std::collections::BTreeMap;

use formats::civil::Civil;

/// Where a unit's own file lies. Empty on the twin where a package brought it.
pub(super) const FILE: &str = "FragmentPath";

/// The target that is to start a unit once it's enabled; kept, not shown.
pub(super) const INSTALL: &str = "Install";

/// The programs of a service, a line each; kept, not shown.
pub(super) const PROGRAMS: &str = "ExecStart";

/// When a service is started again; kept, not shown.
pub(super) const RESTART: &str = "Restart";

/// After how many microseconds that is; kept, not shown.
pub(super) const PAUSE: &str = "RestartUSec";

/// The property that keeps a unit's course.
pub(super) const COURSE: &str = "Course";

/// Where unit files lie, the one that wins first.
pub(super) const FOLDERS: &[&str] = &[OWN, "/run/systemd/system", "/usr/lib/systemd/system"];

/// Where those lie that are the host's own.
pub(super) const OWN: &str = "/etc/systemd/system";

/// A unit's properties.
pub(crate) type Unit = BTreeMap<String, String>;

/// A unit that is loaded and doesn't run.
pub(crate) fn loaded(name: &str, file_state: &str) -> Unit {
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
pub(super) fn want(unit: &mut Unit) {
    let usual = match is(unit, "Id").rsplit_once('.') {
        Some((_, "timer")) => "timers.target",
        Some((_, "socket")) => "sockets.target",
        _ => "multi-user.target",
    };
    let wanted = unit.get(INSTALL).map_or(usual, String::as_str);
    let wanted = wanted.to_owned();
    set(unit, &[("WantedBy", wanted.as_str())]);
}

/// A property; empty where it isn't there.
pub(super) fn is<'a>(unit: &'a Unit, property: &str) -> &'a str {
    unit.get(property).map_or("", String::as_str)
}

/// The unit that a path belongs to: its file, or a file that adds to it.
pub(super) fn unit_of(path: &str) -> Option<&str> {
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

pub(super) fn set(unit: &mut Unit, properties: &[(&str, &str)]) {
    for (name, value) in properties {
        unit.insert((*name).to_owned(), (*value).to_owned());
    }
}

/// A unit runs from now on.
pub(crate) fn start(unit: &mut Unit, stamp: u64) {
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

/// A unit is down from now on.
pub(super) fn stop(unit: &mut Unit) {
    unit.remove(COURSE);
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
pub(super) fn forget(unit: &mut Unit) {
    let forgotten = [
        ("Result", "success"),
        ("ActiveEnterTimestamp", ""),
        ("StateChangeTimestamp", ""),
    ];
    set(unit, &forgotten);
}

/// `Wed 2026-11-25 15:44:07.123456 UTC`.
pub(super) fn timestamp(micros: u64) -> String {
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
