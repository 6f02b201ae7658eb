//! Reading calendar events: `mon..fri 22:00`, `*-1..7 15:00`, `*/15`, `daily`.
//!
//! A part that doesn't fit is tried as the next kind of part, so `25:00` is minute 25, second 0.

use super::{Event, Field, Values};

const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const LONG_DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// A part that was read, and the text behind it.
type Read<'a, T> = Option<(T, &'a str)>;

pub(super) fn event(text: &str) -> Result<Event, String> {
    let failed = |rest: &str, what: &str| {
        Err(format!(
            "unable to parse calendar event at '{rest}' - Context(\"{what}\")\n"
        ))
    };
    let mut rest = match text.strip_suffix("UTC") {
        Some(rest) => rest.trim_end_matches(' '),
        None => text,
    };
    let mut event = Event::default();
    let mut said = false;
    if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        if let Some(event) = word(rest) {
            return Ok(event);
        }
        let Some((days, behind)) = weekdays(rest) else {
            return failed(rest, "weekday");
        };
        event.days = days;
        said = true;
        rest = behind.trim_start_matches([' ', '\t']);
    }
    if let Some(((year, month, day), behind)) = date(rest) {
        (event.year, event.month, event.day) = (year, month, day);
        said = true;
        rest = behind.trim_start_matches([' ', '\t']);
    }
    if let Some(((hour, minute, second), behind)) = time(rest) {
        (event.hour, event.minute, event.second) = (hour, minute, second);
        said = true;
        rest = behind;
    } else {
        (event.hour, event.minute, event.second) = (0.into(), 0.into(), 0.into());
    }
    if !said {
        return failed(rest, "date or time specification");
    }
    if rest.is_empty() {
        Ok(event)
    } else {
        failed(rest, "unexpected data")
    }
}

/// Events that have a name of their own.
fn word(text: &str) -> Option<Event> {
    let mut event = Event {
        second: 0.into(),
        ..Event::default()
    };
    let depth = match text {
        "minutely" => 0,
        "hourly" => 1,
        "daily" | "weekly" => 2,
        "monthly" => 3,
        "yearly" | "annually" | "quarterly" | "semiannually" | "semi-annually" => 4,
        _ => return None,
    };
    if depth > 0 {
        event.minute = 0.into();
    }
    if depth > 1 {
        event.hour = 0.into();
    }
    if depth > 2 {
        event.day = 1.into();
    }
    match text {
        "weekly" => event.days = vec![0],
        "yearly" | "annually" => event.month = 1.into(),
        "quarterly" => event.month = Field([1, 4, 7, 10].map(Values::Single).to_vec()),
        "semiannually" | "semi-annually" => {
            event.month = Field([1, 7].map(Values::Single).to_vec())
        }
        _ => {}
    }
    Some(event)
}

fn weekday(text: &str) -> Read<'_, u32> {
    let end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let name = text[..end].to_ascii_lowercase();
    let place = DAYS
        .iter()
        .position(|day| *day == name)
        .or_else(|| LONG_DAYS.iter().position(|day| *day == name))?;
    Some((u32::try_from(place).ok()?, &text[end..]))
}

/// `mon..fri`, `sat,sun`; a range may go over the week's end.
fn weekdays(text: &str) -> Read<'_, Vec<u32>> {
    let mut days = Vec::new();
    let mut rest = text;
    loop {
        let (first, behind) = weekday(rest)?;
        rest = behind;
        let last = match rest.strip_prefix("..").and_then(weekday) {
            Some((last, behind)) => {
                rest = behind;
                last
            }
            None => first,
        };
        let count = (last + 7 - first) % 7;
        days.extend((0..=count).map(|step| (first + step) % 7));
        match rest.strip_prefix(',') {
            Some(behind) if weekday(behind).is_some() => rest = behind,
            _ => return Some((days, rest)),
        }
    }
}

fn number(text: &str, limit: u32) -> Read<'_, u32> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let value = text[..end].parse().ok().filter(|value| *value < limit)?;
    Some((value, &text[end..]))
}

/// `5`, `1..5`, `8..17/2`, `0/5`.
fn values(text: &str, limit: u32) -> Read<'_, Values> {
    let (first, rest) = number(text, limit)?;
    let (last, rest) = match rest.strip_prefix("..").and_then(|rest| number(rest, limit)) {
        Some((last, _)) if first > last => return None,
        Some((last, rest)) => (Some(last), rest),
        None => (None, rest),
    };
    if let Some(rest) = rest.strip_prefix('/') {
        let (step, rest) = number(rest, limit)?;
        return Some((Values::Steps(first, step, last), rest));
    }
    let found = last.map_or(Values::Single(first), |last| Values::Range(first, last));
    Some((found, rest))
}

/// `*`, `*/15`, or values with commas between them.
fn field(text: &str, first: u32, limit: u32) -> Read<'_, Field> {
    if let Some(rest) = text.strip_prefix('*') {
        let Some(steps) = rest.strip_prefix('/') else {
            return Some((Field::default(), rest));
        };
        let (step, behind) = number(steps, limit)?;
        return Some(if step > 0 {
            (Field(vec![Values::Steps(first, step, None)]), behind)
        } else {
            (Field::default(), rest)
        });
    }
    let (one, mut rest) = values(text, limit)?;
    let mut all = vec![one];
    while let Some((next, behind)) = rest
        .strip_prefix(',')
        .and_then(|behind| values(behind, limit))
    {
        all.push(next);
        rest = behind;
    }
    Some((Field(all), rest))
}

/// A field with a mark before it.
fn marked(text: &str, mark: char, first: u32, limit: u32) -> Read<'_, Field> {
    field(text.strip_prefix(mark)?, first, limit)
}

/// `year-month-day` or `month-day`.
fn date(text: &str) -> Read<'_, (Field, Field, Field)> {
    let full = || {
        let (year, rest) = field(text, 0, 2200)?;
        let (month, rest) = marked(rest, '-', 1, 13)?;
        let (day, rest) = marked(rest, '-', 1, 32)?;
        Some(((year, month, day), rest))
    };
    let short = || {
        let (month, rest) = field(text, 1, 13)?;
        let (day, rest) = marked(rest, '-', 1, 32)?;
        Some(((Field::default(), month, day), rest))
    };
    full().or_else(short)
}

/// `hour:minute:second`; seconds, or hours too, may be left out.
fn time(text: &str) -> Read<'_, (Field, Field, Field)> {
    let hours = || {
        let (hour, rest) = field(text, 0, 24)?;
        Some((hour, rest.strip_prefix(':')?))
    };
    let (hour, rest) = hours().unwrap_or((Field::default(), text));
    let (minute, rest) = field(rest, 0, 60)?;
    let (second, rest) = marked(rest, ':', 0, 60).unwrap_or((0.into(), rest));
    Some(((hour, minute, second), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_proxmox_reads() {
        for good in [
            "02:00",
            "25:00",
            "mon..fri 22:00",
            "sat,sun 03:15",
            "*/6:00",
            "*/15",
            "daily",
            "semi-annually",
            "sat *-1..7 15:00",
            "2026-12-31",
            "12-24 20:00",
            "mon..fri 8..17/2:15",
            "fri..mon",
            "02:00 UTC",
            "0/5",
            "Monday 1:2:3",
            "*-*-* 4",
            "5",
        ] {
            assert!(event(good).is_ok(), "{good}: {:?}", event(good));
        }
        for bad in [
            "whenever",
            "often",
            "2026-13-01",
            "",
            "60",
            "*/60",
            "mon..",
            "61:00",
            "17..8:00",
            "02:00 x",
            "dailyy",
            "2026-14-01",
        ] {
            assert!(event(bad).is_err(), "{bad}: {:?}", event(bad));
        }
    }
}
