//! Days and times in UTC, without a time zone's table.

use world::clock::{date, days};

/// A moment, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: u32,
    /// From 1.
    pub(super) day: u32,
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    /// Monday is 0.
    pub(super) weekday: u32,
}

const DAY: i64 = 86_400;

impl Civil {
    pub(super) fn at(epoch: i64) -> Self {
        let number = epoch.div_euclid(DAY);
        let second = u32::try_from(epoch.rem_euclid(DAY)).unwrap_or_default();
        let (year, month, day) = date(number);
        let small = |value: i64| u32::try_from(value).unwrap_or_default();
        Self {
            year,
            month: small(month),
            day: small(day),
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            weekday: small((number + 3).rem_euclid(7)),
        }
    }
}

/// The moment of a date and time; what is too great goes over into the next greater unit.
pub(super) fn epoch(date: (i64, i64, i64), time: (u32, u32, u32)) -> i64 {
    let (hour, minute, second) = (i64::from(time.0), i64::from(time.1), i64::from(time.2));
    days(date.0, date.1, date.2) * DAY + hour * 3600 + minute * 60 + second
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A moment as C writes it: `Thu Jan  1 02:00:00 2026`.
pub(crate) fn long(time: i64) -> String {
    let at = Civil::at(time);
    let name = |names: &[&'static str], place: u32| {
        usize::try_from(place)
            .ok()
            .and_then(|place| names.get(place).copied())
            .unwrap_or_default()
    };
    format!(
        "{} {} {:>2} {:02}:{:02}:{:02} {}",
        name(&WEEKDAYS, at.weekday),
        name(&MONTHS, at.month - 1),
        at.day,
        at.hour,
        at.minute,
        at.second,
        at.year
    )
}

/// The period in which a moment lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week from Monday.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// A text that is the same for all moments of a period.
pub(crate) fn label(time: u64, period: Period) -> String {
    let time = i64::try_from(time).unwrap_or(i64::MAX);
    let at = Civil::at(time);
    match period {
        Period::Hour => format!("{}-{}-{} {}", at.year, at.month, at.day, at.hour),
        Period::Day => format!("{}-{}-{}", at.year, at.month, at.day),
        Period::Week => format!("week {}", (time.div_euclid(DAY) + 3).div_euclid(7)),
        Period::Month => format!("{}-{}", at.year, at.month),
        Period::Year => at.year.to_string(),
    }
}

/// `Wed 2026-11-25 15:44:07`, in UTC.
pub(crate) fn date_and_time(epoch: u64) -> String {
    let civil = Civil::at(i64::try_from(epoch).unwrap_or(i64::MAX));
    let weekday = WEEKDAYS[civil.weekday as usize % WEEKDAYS.len()];
    format!(
        "{weekday} {}-{:02}-{:02} {:02}:{:02}:{:02}",
        civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_moments_apart_and_back() {
        for time in [0, 951_782_400, 1_767_225_600, 4_102_444_799, 1_709_164_800] {
            let at = Civil::at(time);
            let date = (at.year, i64::from(at.month), i64::from(at.day));
            assert_eq!(epoch(date, (at.hour, at.minute, at.second)), time);
        }
        assert_eq!(long(1_767_232_800), "Thu Jan  1 02:00:00 2026");
        assert_eq!(epoch((2025, 13, 1), (0, 0, 0)), 1_767_225_600);
    }
}
