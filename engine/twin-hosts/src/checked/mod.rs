//! Settings that the program which reads them checks first.

mod sshd;

use formats::{calendar::Event, unit::UnitFile};
use world::host::{
    Reply, Verb,
    verb::{Calendar, WriteChecked},
};

pub(super) use self::sshd::{effective as sshd_settings, plant, planted};
use super::{
    Handler, Host,
    entry::Entry,
    typed::{Said, answers, fails, unless},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    WriteChecked => write,
    Calendar => calendar,
    SshdSettings => |host, _| sshd::settings(host),
};

fn write(host: &mut Host<'_, '_>, ask: WriteChecked) -> Said<()> {
    let WriteChecked {
        path,
        attributes,
        check,
        bytes,
    } = ask;
    let text = String::from_utf8_lossy(&bytes);
    unless(match check.as_str() {
        "sshd" => sshd::check(&path, &text),
        "unit" => check_unit(&path, &text),
        other => Some(Reply::failed(64, format!("there is no check '{other}'"))),
    })?;
    unless(host.refuses_file(&path)?)?;
    unless(host.refuses_attributes(&path, "640", &attributes)?)?;
    Ok(host.place(&path, Entry::file("600", &bytes).with(&attributes))?)
}

/// What systemd says of a unit's file that it can't take.
fn check_unit(path: &str, text: &str) -> Option<Reply> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let file = UnitFile::read(text);
    if name.ends_with(".service") && file.value("Service", "ExecStart").is_none() {
        let text = format!(
            "{name}: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.\n\
             Unit {name} has a bad unit file setting."
        );
        return Some(Reply::failed(1, text));
    }
    let events = file.settings("Timer", "OnCalendar").into_iter();
    let wrong = events.into_iter().find(|event| !is_event(&event.value))?;
    let text = format!(
        "{path}:{}: Failed to parse calendar specification, ignoring: {}",
        wrong.line, wrong.value
    );
    Some(Reply::failed(1, text))
}

fn calendar(_: &mut Host<'_, '_>, Calendar { event }: Calendar) -> Said<()> {
    if is_event(&event) {
        return Ok(());
    }
    let text = format!("Failed to parse calendar specification '{event}': Invalid argument");
    fails(1, text)
}

/// Whether systemd takes a calendar event. Proxmox reads a subset of what systemd reads, and some that systemd
/// doesn't: a time there has an hour before its colon, and nothing is a minute alone.
fn is_event(event: &str) -> bool {
    let event = event.trim();
    let (event, zone) = match event.rsplit_once(' ') {
        Some((rest, zone))
            if zone.contains('/') && zone.starts_with(|c: char| c.is_ascii_uppercase()) =>
        {
            (rest, Some(zone))
        }
        _ => (event, None),
    };
    let hour = event
        .rsplit(' ')
        .next()
        .and_then(|time| time.split_once(':'));
    let is_hour = hour.is_none_or(|(hour, _)| {
        hour.parse().is_ok_and(|hour: u32| hour < 24) || hour.parse::<u32>().is_err()
    });
    let is_minute =
        event.starts_with(|c: char| !c.is_ascii_alphabetic()) && !event.contains([':', '-']);
    // Days counted from a month's end are systemd's alone.
    let text = event.replace('~', "-");
    zone.is_none_or(|zone| !zone.is_empty()) && is_hour && !is_minute && Event::parse(&text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_events_that_systemd_takes() {
        for event in [
            "daily",
            "Mon..Fri 10:00",
            "*-*-* 03:30:00",
            "Sun *-*-1..7 04:00",
            "*:0/15",
            "*-*-* 02:00 Europe/Berlin",
            "2026-01-01",
        ] {
            assert!(is_event(event), "{event}");
        }
        for event in ["bogus", "25:00", "*/15", "10", "Mon 10:00 x", ""] {
            assert!(!is_event(event), "{event}");
        }
    }

    #[test]
    fn refuses_units_with_systemds_words() {
        let refused = check_unit("/etc/systemd/system/a.timer", "[Timer]\nOnCalendar=bogus\n");
        assert_eq!(
            refused.unwrap().error,
            "/etc/systemd/system/a.timer:2: Failed to parse calendar specification, ignoring: bogus"
        );
        assert!(check_unit("/x/a.service", "[Service]\nExecStart=/bin/true\n").is_none());
        assert!(check_unit("/x/a.service", "[Service]\n").is_some());
    }
}
