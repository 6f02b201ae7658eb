//! Moments as people read them.

use formats::civil::Civil;
use world::clock::Moment;

/// A moment as a date and time in UTC.
pub(crate) fn date(moment: Moment) -> String {
    let at = Civil::at(moment.seconds().cast_signed());
    format!("{} {:02}:{:02} UTC", at.date(), at.hour, at.minute)
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
