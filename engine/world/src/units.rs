//! Sizes and durations with units, as docs and runbooks write them: `64 GiB`, `30 s`.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// Text that isn't a number with a known unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' isn't a {what}; write a number and a unit ({units})")]
pub struct UnitError {
    text: String,
    what: &'static str,
    units: &'static str,
}

const SIZES: &[(&str, u64)] = &[
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("PiB", 1 << 50),
    ("kB", 1000),
    ("KB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("PB", 1_000_000_000_000_000),
];

/// Milliseconds of each unit of time.
const TIMES: &[(&str, u64)] = &[
    ("ms", 1),
    ("s", 1000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// A number of bytes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Bytes(pub u64);

/// A length of time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timespan(pub Duration);

impl FromStr for Bytes {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse(text, SIZES).map(Self).ok_or_else(|| UnitError {
            text: text.to_owned(),
            what: "size",
            units: "B, KiB, MiB, GiB, TiB, kB, MB, GB, TB",
        })
    }
}

impl FromStr for Timespan {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse(text, TIMES)
            .map(|ms| Self(Duration::from_millis(ms)))
            .ok_or_else(|| UnitError {
                text: text.to_owned(),
                what: "duration",
                units: "ms, s, min, h, d",
            })
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, SIZES, "B", f)
    }
}

impl fmt::Display for Timespan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        show(ms, TIMES, "s", f)
    }
}

/// Parses a decimal number with a unit exactly: no rounding through floating point.
fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = (&text[..end], text[end..].trim_start());
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits = whole.parse::<u128>().ok()?.checked_mul(scale)?;
    let scaled = digits.checked_add(fraction.parse().ok()?)?;
    u64::try_from(scaled.checked_mul(u128::from(*factor))? / scale).ok()
}

/// Shows an amount in the unit that gives the smallest whole number.
fn show(amount: u64, units: &[(&str, u64)], zero: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let best = units
        .iter()
        .filter(|(_, factor)| amount != 0 && amount.is_multiple_of(*factor))
        .max_by_key(|(_, factor)| *factor);
    match best {
        Some((name, factor)) => write!(f, "{} {name}", amount / factor),
        None => write!(f, "{amount} {zero}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_and_print() {
        for (text, bytes, shown) in [
            ("64 GiB", 64 << 30, "64 GiB"),
            ("2 TB", 2_000_000_000_000, "2 TB"),
            ("512MiB", 512 << 20, "512 MiB"),
            ("1.5 TiB", 3 << 39, "1536 GiB"),
            ("0 B", 0, "0 B"),
            ("1025 B", 1025, "1025 B"),
        ] {
            let size: Bytes = text.parse().unwrap();
            assert_eq!(size.0, bytes, "{text}");
            assert_eq!(size.to_string(), shown);
            assert_eq!(shown.parse::<Bytes>().unwrap(), size);
        }
        for text in [
            "64",
            "GiB",
            "64 GiBs",
            "-1 GiB",
            "1.2.3 GiB",
            "99999999999 PiB",
            ". B",
        ] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn durations_read_and_print() {
        for (text, seconds, shown) in [
            ("30 s", 30, "30 s"),
            ("5 min", 300, "5 min"),
            ("120 s", 120, "2 min"),
            ("7 d", 604_800, "7 d"),
            ("0 s", 0, "0 s"),
        ] {
            let span: Timespan = text.parse().unwrap();
            assert_eq!(span.0, Duration::from_secs(seconds), "{text}");
            assert_eq!(span.to_string(), shown);
        }
        assert_eq!(
            "1500 ms".parse::<Timespan>().unwrap().to_string(),
            "1500 ms"
        );
        let error = "30 sec".parse::<Timespan>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "'30 sec' isn't a duration; write a number and a unit (ms, s, min, h, d)"
        );
    }
}
