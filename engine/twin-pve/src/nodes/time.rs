//! `/nodes/{node}/time`.

use formats::zones::offset;
use model::{Key, Params, Stop, Tx, kind, node_domain};
use serde_json::{Value, json};

/// The zone of a node that was told none.
const DEFAULT: &str = "UTC";

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
