//! Moments as people read them.

use world::clock::Moment;

/// A moment as a date and time in UTC.
pub(crate) fn date(moment: Moment) -> String {
    let seconds = moment.seconds();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC",
        rest / 3600,
        rest / 60 % 60
    )
}

/// Year, month and day of a day counted from 1970-01-01. Years are taken from March on, so a leap day ends its year.
const fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
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
