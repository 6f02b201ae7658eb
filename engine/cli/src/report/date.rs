//! Moments as people read them.

use world::clock::{self, Moment};

/// A moment as a date and time in UTC.
pub(crate) fn date(moment: Moment) -> String {
    let seconds = moment.seconds();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = clock::date(days.cast_signed());
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC",
        rest / 3600,
        rest / 60 % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_dates() {
        assert_eq!(date(Moment(0)), "1970-01-01 00:00 UTC");
        assert_eq!(date(Moment(1_767_225_600_000)), "2026-01-01 00:00 UTC");
        assert_eq!(date(Moment(1_709_164_740_000)), "2024-02-28 23:59 UTC");
        assert_eq!(date(Moment(1_709_251_140_000)), "2024-02-29 23:59 UTC");
    }
}
