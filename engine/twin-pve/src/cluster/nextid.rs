//! `GET /cluster/nextid`.

use model::{Params, Stop, Tx, corosync::number, kind};
use serde_json::{Map, Value};

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let taken = tx.scan::<Value>(kind::GUEST)?;
    let is_taken = |vmid: &str| taken.iter().any(|(id, _)| id == vmid);
    if let Some(vmid) = params.text("vmid") {
        if is_taken(&vmid) {
            let words = format!("VM {vmid} already exists");
            return Err(Stop::invalid_one("vmid", words));
        }
        return Ok(vmid.into());
    }
    let options: Map<String, Value> = tx.get(kind::CLUSTER, "options")?.unwrap_or_default();
    let range = options.get("next-id").and_then(Value::as_object);
    let (lower, upper) = bounds(range);
    let free = (lower..upper)
        .map(|id| id.to_string())
        .find(|id| !is_taken(id));
    free.map(Value::from).ok_or_else(|| {
        Stop::fail(format!(
            "unable to get any free VMID in range [{lower}, {upper}]"
        ))
    })
}

/// The lowest number, and the first that is too high.
pub(super) fn bounds(range: Option<&Map<String, Value>>) -> (u64, u64) {
    let bound = |name, otherwise| {
        range
            .and_then(|range| number(range, name))
            .unwrap_or(otherwise)
    };
    (bound("lower", 100), bound("upper", 1_000_000))
}
