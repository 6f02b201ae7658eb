//! How many backups are kept: `keep-daily=7,keep-weekly=4`.

use crate::property::PropertyString;

/// The words for it.
pub const KEYS: [&str; 7] = [
    "keep-all",
    "keep-daily",
    "keep-hourly",
    "keep-last",
    "keep-monthly",
    "keep-weekly",
    "keep-yearly",
];

/// Whether Proxmox understands a text.
///
/// # Errors
/// What it doesn't understand.
pub fn check(text: &str) -> Result<(), String> {
    let parsed = PropertyString::parse(text, None).map_err(|error| error.to_string())?;
    for (key, value) in parsed.pairs() {
        let fits = match key {
            "keep-all" => crate::property::boolean(value).is_some(),
            _ => KEYS.contains(&key) && value.parse::<u32>().is_ok(),
        };
        if !fits {
            return Err(format!("{key}={value}"));
        }
    }
    let keeps_all = parsed.get("keep-all").and_then(crate::property::boolean);
    if keeps_all == Some(true) && parsed.pairs().count() > 1 {
        return Err("keep-all stands alone".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn words_with_numbers_are_understood() {
        for text in ["keep-last=4", "keep-daily=7,keep-weekly=4", "keep-all=1"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in ["keep-daily=x", "keep-days=7", "7", "keep-all=1,keep-last=2"] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
