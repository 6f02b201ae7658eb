//! Days and times in UTC.

use time::{Date, Duration, Month, OffsetDateTime};

/// A moment, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// From 1.
    pub month: u32,
    /// From 1.
    pub day: u32,
    /// From 0.
    pub hour: u32,
    /// From 0.
    pub minute: u32,
    /// From 0.
    pub second: u32,
    /// Monday is 0.
    pub weekday: u32,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn name(names: &[&'static str], place: u32) -> &'static str {
    let place = usize::try_from(place).unwrap_or_default();
    names.get(place).copied().unwrap_or_default()
}

impl Civil {
    /// A moment by its seconds since 1970; what no calendar has is 1970.
    #[must_use]
    pub fn at(epoch: i64) -> Self {
        let at = OffsetDateTime::from_unix_timestamp(epoch).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self {
            year: at.year().into(),
            month: u8::from(at.month()).into(),
            day: at.day().into(),
            hour: at.hour().into(),
            minute: at.minute().into(),
            second: at.second().into(),
            weekday: at.weekday().number_days_from_monday().into(),
        }
    }

    /// `2026-11-25`.
    #[must_use]
    pub fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `15:44:07`.
    #[must_use]
    pub fn time(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    /// As systemd writes it: `Wed 2026-11-25 15:44:07`.
    #[must_use]
    pub fn date_and_time(&self) -> String {
        format!(
            "{} {} {}",
            name(&WEEKDAYS, self.weekday),
            self.date(),
            self.time()
        )
    }

    /// As C writes it: `Thu Jan  1 02:00:00 2026`.
    #[must_use]
    pub fn long(&self) -> String {
        let (weekday, month) = (name(&WEEKDAYS, self.weekday), name(&MONTHS, self.month - 1));
        format!(
            "{weekday} {month} {:>2} {} {}",
            self.day,
            self.time(),
            self.year
        )
    }
}

/// The seconds since 1970 of a date and time; months, days and hours that are too great go over into what follows. None
/// for a year that no calendar has.
#[must_use]
pub fn epoch(date: (i64, i64, i64), time: (u32, u32, u32)) -> Option<i64> {
    let (year, month) = (
        date.0 + (date.1 - 1).div_euclid(12),
        (date.1 - 1).rem_euclid(12) + 1,
    );
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let first = Date::from_calendar_date(i32::try_from(year).ok()?, month, 1).ok()?;
    let day = first.checked_add(Duration::days(date.2 - 1))?;
    let seconds = i64::from(time.0) * 3600 + i64::from(time.1) * 60 + i64::from(time.2);
    Some(day.midnight().assume_utc().unix_timestamp() + seconds)
}

/// Reads `Wed 2026-11-25 15:44:07.123456 UTC`, as systemd writes it: microseconds since 1970.
#[must_use]
pub fn micros(text: &str) -> Option<u64> {
    let mut words = text.split(' ').skip(1);
    let (date, time) = (words.next()?, words.next()?);
    let mut date = date.split('-').map(str::parse::<i64>);
    let date = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.split(':').map(str::parse::<u32>);
    let time = (time.next()?.ok()?, time.next()?.ok()?, time.next()?.ok()?);
    let fraction: u64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Some(u64::try_from(epoch(date, time)?).ok()? * 1_000_000 + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_moments_apart_and_back() {
        for time in [
            0,
            951_782_400,
            1_767_225_600,
            4_102_444_799,
            1_709_164_800,
            -1,
        ] {
            let at = Civil::at(time);
            let date = (at.year, i64::from(at.month), i64::from(at.day));
            assert_eq!(epoch(date, (at.hour, at.minute, at.second)), Some(time));
        }
        assert_eq!(epoch((2025, 13, 1), (0, 0, 0)), Some(1_767_225_600));
        assert_eq!(epoch((2025, 12, 31), (24, 0, 0)), Some(1_767_225_600));
        assert_eq!(epoch((99_999, 1, 1), (0, 0, 0)), None);
    }

    #[test]
    fn writes_and_reads_moments() {
        let at = Civil::at(1_767_232_800);
        assert_eq!(at.long(), "Thu Jan  1 02:00:00 2026");
        assert_eq!(at.date_and_time(), "Thu 2026-01-01 02:00:00");
        for (text, micros) in [
            ("Thu 2026-01-01 02:00:00 UTC", Some(1_767_232_800_000_000)),
            (
                "Thu 2026-01-01 02:00:00.12 UTC",
                Some(1_767_232_800_120_000),
            ),
            ("", None),
            ("n/a", None),
        ] {
            assert_eq!(super::micros(text), micros, "{text}");
        }
    }
}
