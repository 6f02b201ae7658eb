//! When jobs run.

use formats::{
    calendar::{self, Event},
    civil::Civil,
};
use model::{Params, Stop, Tx};
use serde_json::{Value, json};

pub(super) fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(crate::index("subdir", &["schedule-analyze", "realm-sync"]))
}

/// The moment of a request in seconds.
fn now(tx: &Tx<'_>) -> i64 {
    i64::try_from(tx.now.seconds()).unwrap_or(i64::MAX)
}

pub(super) fn analyse(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let count = params.integer("iterations").unwrap_or(10);
    let mut last = params.integer("starttime").unwrap_or_else(|| now(tx));
    let event = Event::parse(&params.required("schedule")).map_err(Stop::fail)?;
    let mut rows = Vec::new();
    for _ in 0..count {
        let Some(next) = calendar::next(&event, last) else {
            break;
        };
        rows.push(json!({ "timestamp": next, "utc": Civil::at(next).long() }));
        last = next;
    }
    Ok(Value::Array(rows))
}

/// When a schedule comes next.
pub(super) fn next(tx: &Tx<'_>, schedule: &str) -> Option<i64> {
    calendar::next(&Event::parse(schedule).ok()?, now(tx))
}
