//! What a unit's file says of it. Files that add to it aren't looked at.

use formats::unit::{UnitFile, is_yes, unescaped};
use world::units::Timespan;

use super::unit::{INSTALL, PAUSE, PROGRAMS, RESTART, Unit, set};

/// systemd's own pause.
pub(super) const USUAL: u64 = 100_000;

/// The state of the file of a unit that isn't enabled.
pub(super) fn state(text: &str) -> &'static str {
    if UnitFile::read(text).has_section("Install") {
        "disabled"
    } else {
        "static"
    }
}

/// Takes what a file says into a unit's properties.
pub(super) fn describe(unit: &mut Unit, text: &str) {
    let file = UnitFile::read(text);
    match file.value("Install", "WantedBy").unwrap_or_default() {
        "" => drop(unit.remove(INSTALL)),
        target => set(unit, &[(INSTALL, target)]),
    }
    if !unit.contains_key("NRestarts") {
        return;
    }
    let last = |name: &str| file.value("Service", name);
    let or = |name: &str, usual| last(name).unwrap_or(usual);
    let remains = is_yes(or("RemainAfterExit", "no"));
    let programs = file.settings("Service", PROGRAMS).into_iter();
    let programs: Vec<String> = programs.map(|setting| unescaped(&setting.value)).collect();
    let programs = programs.join("\n");
    let pause = pause(or("RestartSec", "")).to_string();
    let properties = [
        ("Type", or("Type", "simple")),
        ("RemainAfterExit", if remains { "yes" } else { "no" }),
        (PROGRAMS, programs.as_str()),
        (RESTART, or(RESTART, "no")),
        (PAUSE, pause.as_str()),
    ];
    set(unit, &properties);
}

/// A pause in microseconds: a number is seconds.
fn pause(text: &str) -> u64 {
    if let Ok(seconds) = text.parse::<u64>() {
        return seconds.saturating_mul(1_000_000);
    }
    let span = text.parse::<Timespan>().ok();
    span.and_then(|span| u64::try_from(span.0.as_micros()).ok())
        .unwrap_or(USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::unit::loaded;

    #[test]
    fn takes_what_a_file_says() {
        let text = "[Service]\nType=oneshot\nExecStart=/bin/false\nExecStart=\nExecStart=/bin/a\n\
                    ExecStart=/bin/b\nRestart=on-failure\nRestartSec=5\n[Install]\nWantedBy=x.target\n";
        let mut unit = loaded("a.service", state(text));
        describe(&mut unit, text);
        for (name, value) in [
            ("Type", "oneshot"),
            ("RemainAfterExit", "no"),
            (PROGRAMS, "/bin/a\n/bin/b"),
            (RESTART, "on-failure"),
            (PAUSE, "5000000"),
            (INSTALL, "x.target"),
            ("UnitFileState", "disabled"),
        ] {
            assert_eq!(unit[name], value, "{name}");
        }
        assert_eq!([pause(""), pause("1 min")], [USUAL, 60_000_000]);
    }
}
