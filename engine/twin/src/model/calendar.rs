//! Calendar events: when a backup job runs. A subset of systemd's, as Proxmox reads it.

const DAYS: &[&str] = &[
    "sun",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];
const WORDS: &[&str] = &[
    "minutely",
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "yearly",
    "annually",
    "quarterly",
    "semiannually",
    "semi-annually",
];

/// Whether the text is a calendar event. Numbers out of range are taken: `25:00` never comes.
pub(super) fn is_event(text: &str) -> bool {
    let parts: Vec<&str> = text.split_whitespace().collect();
    match parts.as_slice() {
        [word] if WORDS.contains(&word.to_ascii_lowercase().as_str()) => true,
        [days] if is_days(days) => true,
        [time] => is_time(time) || is_date(time),
        [first, time] => (is_days(first) || is_date(first)) && is_time(time),
        [days, date, time] => is_days(days) && is_date(date) && is_time(time),
        _ => false,
    }
}

fn is_days(text: &str) -> bool {
    text.split(',').all(|part| {
        part.split("..")
            .all(|day| DAYS.contains(&day.to_ascii_lowercase().as_str()))
            && part.split("..").count() <= 2
    })
}

fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [minutes] => is_values(minutes),
        [hours, minutes] => is_values(hours) && is_values(minutes),
        [hours, minutes, seconds] => is_values(hours) && is_values(minutes) && is_values(seconds),
        _ => false,
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    (2..=3).contains(&parts.len()) && parts.iter().all(|part| is_values(part))
}

/// `*`, `5`, `1,2`, `1..5`, `*/15`, `0/5`, `1..9/2`.
fn is_values(text: &str) -> bool {
    let number = |part: &str| part.len() <= 4 && part.parse::<u32>().is_ok();
    text.split(',').all(|part| {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let known = range == "*"
            || match range.split_once("..") {
                Some((from, to)) => number(from) && number(to),
                None => number(range),
            };
        known && step.is_none_or(|step| number(step) && step != "0")
    })
}
