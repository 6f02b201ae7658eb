//! `/nodes/{node}/time`.

use model::{Key, Params, Stop, Tx, kind, node_domain};
use serde_json::{Value, json};

/// Every zone with its distance from UTC in seconds, as on the day when a twin's time begins.
const ZONES: &str = include_str!("zones.txt");

/// The zone of a node that was told none.
const DEFAULT: &str = "UTC";

fn offset(zone: &str) -> Option<i64> {
    ZONES
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(name, _)| *name == zone)
        .and_then(|(_, seconds)| seconds.parse().ok())
}

/// Whether a time zone is one.
pub fn is_zone(zone: &str) -> bool {
    offset(zone).is_some()
}

fn key(tx: &Tx<'_>) -> Key {
    Key::new(node_domain(&tx.node), kind::TIME, kind::TIME)
}

pub(super) fn show(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let key = key(tx);
    let row = tx.read::<Value>(&key)?.unwrap_or_default();
    let zone = row["timezone"].as_str().unwrap_or(DEFAULT);
    let now = i64::try_from(tx.now.seconds()).unwrap_or(i64::MAX);
    let local = now.saturating_add(offset(zone).unwrap_or_default());
    Ok(json!({ "timezone": zone, "time": now, "localtime": local }))
}

pub(super) fn set_zone(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let zone = params.required("timezone");
    if offset(&zone).is_none() {
        return Err(Stop::invalid_one("timezone", "No such timezone"));
    }
    let key = key(tx);
    tx.write(&key, &json!({ "timezone": zone }))?;
    Ok(Value::Null)
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
