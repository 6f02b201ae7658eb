//! When an event comes next.

use super::Event;
use crate::civil::{self, Civil};

/// How often a field may be moved on before the event is taken for one that never comes.
const MOVES: usize = 1000;

/// What stands behind the last year.
const NEVER: i64 = i64::MAX;

fn epoch(date: (i64, i64, i64), time: (u32, u32, u32)) -> i64 {
    civil::epoch(date, time).unwrap_or(NEVER)
}

/// The first moment after `last` at which the event comes; none if it never does.
#[must_use]
pub fn next(event: &Event, last: i64) -> Option<i64> {
    let mut time = last + 1;
    for _ in 0..MOVES {
        if time == NEVER {
            return None;
        }
        let at = Civil::at(time);
        match moved(event, at)? {
            Some(later) => time = later,
            None => return Some(time),
        }
    }
    None
}

/// A later moment, if the one that is tried doesn't fit; none at all after the last year.
fn moved(event: &Event, at: Civil) -> Option<Option<i64>> {
    let (year, month, day) = (at.year, i64::from(at.month), i64::from(at.day));
    let midnight = (0, 0, 0);
    let this_year = u32::try_from(year).ok()?;
    if !event.year.contains(this_year) {
        let next = event.year.after(this_year)?;
        return Some(Some(epoch((next.into(), 1, 1), midnight)));
    }
    if !event.month.contains(at.month) {
        let later = match event.month.after(at.month) {
            Some(next) => (year, next.into(), 1),
            None => (year + 1, 1, 1),
        };
        return Some(Some(epoch(later, midnight)));
    }
    if !event.day.contains(at.day) {
        let later = match event.day.after(at.day) {
            Some(next) => (year, month, next.into()),
            None => (year, month + 1, 1),
        };
        return Some(Some(epoch(later, midnight)));
    }
    if !event.days.is_empty() && !event.days.contains(&at.weekday) {
        return Some(Some(epoch((year, month, day + 1), midnight)));
    }
    Some(moved_in_day(event, at))
}

fn moved_in_day(event: &Event, at: Civil) -> Option<i64> {
    let date = (at.year, i64::from(at.month), i64::from(at.day));
    if !event.hour.contains(at.hour) {
        return Some(match event.hour.after(at.hour) {
            Some(next) => epoch(date, (next, 0, 0)),
            None => epoch((date.0, date.1, date.2 + 1), (0, 0, 0)),
        });
    }
    if !event.minute.contains(at.minute) {
        return Some(match event.minute.after(at.minute) {
            Some(next) => epoch(date, (at.hour, next, 0)),
            None => epoch(date, (at.hour + 1, 0, 0)),
        });
    }
    if !event.second.contains(at.second) {
        return Some(match event.second.after(at.second) {
            Some(next) => epoch(date, (at.hour, at.minute, next)),
            None => epoch(date, (at.hour, at.minute + 1, 0)),
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_next_times() {
        const START: i64 = 1_767_225_600;
        for (text, wanted) in [
            ("02:00", vec![1_767_232_800, 1_767_319_200]),
            (
                "mon..fri 8..17/2:15",
                vec![1_767_255_300, 1_767_262_500, 1_767_269_700],
            ),
            ("*/15", vec![1_767_226_500, 1_767_227_400]),
            ("sat *-1..7 15:00", vec![1_767_452_400, 1_770_476_400]),
            ("daily", vec![1_767_312_000]),
            ("2020-01-01", vec![]),
        ] {
            let event = Event::parse(text).unwrap();
            let mut last = START;
            for time in &wanted {
                assert_eq!(next(&event, last), Some(*time), "{text}");
                last = *time;
            }
            if wanted.is_empty() {
                assert_eq!(next(&event, last), None, "{text}");
            }
        }
    }
}
