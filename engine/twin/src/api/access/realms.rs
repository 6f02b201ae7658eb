//! `/access/domains`.

use serde_json::{Value, json};

use crate::model::{Params, Stop, Tx, kind};

pub(super) fn list(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let realms = tx.scan::<Value>(kind::REALM)?;
    Ok(realms
        .into_iter()
        .map(|(name, mut realm)| {
            realm["realm"] = name.into();
            realm
        })
        .collect())
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("realm");
    let realm = tx.get::<Value>(kind::REALM, &name)?;
    let mut realm = realm.ok_or_else(|| Stop::fail(format!("domain '{name}' does not exist")))?;
    realm["digest"] = json!(hex::encode(&tx.derive(&realm.to_string())[..20]));
    Ok(realm)
}
