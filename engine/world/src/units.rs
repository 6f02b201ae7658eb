//! Sizes, durations and speeds with units, as docs and runbooks write them: `64 GiB`, `30 s`, `10 Gbit/s`.

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

/// Bits a second of each unit of speed.
const SPEEDS: &[(&str, u64)] = &[
    ("bit/s", 1),
    ("kbit/s", 1000),
    ("Mbit/s", 1_000_000),
    ("Gbit/s", 1_000_000_000),
    ("Tbit/s", 1_000_000_000_000),
];

/// What people write behind the first letter of a unit of speed: `10 Gbps`, `10G`, `10GbE`, `10GBASE-T`.
const BITS: &[&str] = &[
    "", "b", "bit", "Bit", "b/s", "bit/s", "Bit/s", "bps", "bE", "BASE-T",
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

/// A number of bits a second, above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Speed(pub u64);

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

impl FromStr for Speed {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        speed(text).map(Self).ok_or_else(|| UnitError {
            text: text.to_owned(),
            what: "speed",
            units: "Mbit/s, Gbit/s",
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

/// The largest unit that a speed has whole thousandths of: `2.5 Gbit/s`.
impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, factor): &&(&str, u64)| {
            self.0 >= *factor && (self.0 * 1000).is_multiple_of(*factor)
        };
        let (name, factor) = SPEEDS.iter().rev().find(fits).unwrap_or(&SPEEDS[0]);
        let (whole, part) = (self.0 / factor, self.0 % factor * 1000 / factor);
        let part = format!(".{part:03}");
        let part = part.trim_end_matches('0').trim_end_matches('.');
        write!(f, "{whole}{part} {name}")
    }
}

/// The bits a second in `2.5 Gbit/s`, `10 Gbps`, `1G`; none for no speed at all.
fn speed(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = (&text[..end], text[end..].trim_start());
    let rest = unit.get(1..)?;
    if !BITS.contains(&rest) {
        return None;
    }
    let letter = match unit.get(..1)? {
        "g" => "G",
        "m" => "M",
        letter => letter,
    };
    let speed = parse(&format!("{number} {letter}bit/s"), SPEEDS)?;
    (1..=u64::MAX / 1000).contains(&speed).then_some(speed)
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
    fn speeds_read_in_the_ways_that_people_write_them() {
        for (text, bits, shown) in [
            ("10 Gbit/s", 10_000_000_000, "10 Gbit/s"),
            ("2.5 Gbit/s", 2_500_000_000, "2.5 Gbit/s"),
            ("10 Gbps", 10_000_000_000, "10 Gbit/s"),
            ("1G", 1_000_000_000, "1 Gbit/s"),
            ("10GbE", 10_000_000_000, "10 Gbit/s"),
            ("10GBASE-T", 10_000_000_000, "10 Gbit/s"),
            ("25 Gb/s", 25_000_000_000, "25 Gbit/s"),
            ("1000 Mbps", 1_000_000_000, "1 Gbit/s"),
            ("100m", 100_000_000, "100 Mbit/s"),
        ] {
            let speed: Speed = text.parse().unwrap();
            assert_eq!(speed.0, bits, "{text}");
            assert_eq!(speed.to_string(), shown);
        }
        for text in [
            "1000", "10 GB/s", "0 Gbit/s", "fast", "10", "G", "", "1 Gbit/h",
        ] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
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
