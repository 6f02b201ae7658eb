//! Time zones by their names.

/// Every zone with its distance from UTC in seconds, as on the day when a twin's time begins.
const ZONES: &str = include_str!("zones.txt");

fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    ZONES.lines().filter_map(|line| line.split_once(' '))
}

/// The names of all zones.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|(name, _)| name)
}

/// A zone's distance from UTC in seconds; none if there's no such zone.
#[must_use]
pub fn offset(zone: &str) -> Option<i64> {
    let (_, seconds) = all().find(|(name, _)| *name == zone)?;
    seconds.parse().ok()
}

/// Whether there's such a zone.
#[must_use]
pub fn is_zone(zone: &str) -> bool {
    offset(zone).is_some()
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn knows_zones_by_their_names() {
        assert_eq!(offset("UTC"), Some(0));
        assert_eq!(offset("Europe/Berlin"), Some(3600));
        assert_eq!(offset("America/St_Johns"), Some(-12600));
        assert_eq!(offset("Europe/Nowhere"), None);
        assert_eq!(offset("Europe"), None);
    }
}
