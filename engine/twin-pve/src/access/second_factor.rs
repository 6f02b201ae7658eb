//! Second factors: the twin's users have none.

use model::{Params, Stop, Tx};
use serde_json::{Value, json};

/// Only users with a second factor are listed.
pub(super) fn none(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(json!([]))
}

pub(super) fn of_user(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(json!([]))
}

/// What a login of the user asks for; `types` only comes where several are asked for.
pub(super) fn kinds(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    tx.known_user(&params.required("userid"))?;
    Ok(if params.is_set("multiple") {
        json!({ "types": [] })
    } else {
        json!({})
    })
}
