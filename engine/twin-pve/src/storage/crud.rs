//! `/storage`: the cluster's storages.

use model::{
    Params, Stop, Tx,
    access::AclEntry,
    kind,
    node::{
        activate::activate,
        plugin::Plugin,
        storages::{self, Storage, all, find, known, property},
    },
    permission,
};
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};

use super::{base, config};
use crate::pools::Pool;

const SEE: &[&str] = &["Datastore.Audit", "Datastore.AllocateSpace"];

/// The digest of the whole configuration.
fn digest(all: &[(String, Storage)]) -> String {
    let mut hash = Sha1::new();
    for (id, storage) in all {
        hash.update(format!("{id}\n"));
        let mut lines: Vec<String> = storage
            .iter()
            .map(|(name, value)| format!("\t{name} {value}\n"))
            .collect();
        lines.sort();
        lines.iter().for_each(|line| hash.update(line));
    }
    hex::encode(hash.finalize())
}

fn shown(id: &str, mut storage: Storage, digest: &str) -> Value {
    storage.insert("storage".to_owned(), id.into());
    storage.insert("digest".to_owned(), digest.into());
    Value::Object(storage)
}

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let all = all(tx)?;
    let digest = digest(&all);
    let wanted = params.text("type");
    let mut rows = Vec::new();
    for (id, storage) in all {
        let fits = wanted
            .as_ref()
            .is_none_or(|wanted| property(&storage, "type") == *wanted);
        if fits && permission::has_any(tx, &format!("/storage/{id}"), SEE)? {
            rows.push(shown(&id, storage, &digest));
        }
    }
    Ok(Value::Array(rows))
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let id = params.required("storage");
    let storage = known(tx, &id)?;
    let digest = digest(&all(tx)?);
    Ok(shown(&id, storage, &digest))
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (id, kind) = (params.required("storage"), params.required("type"));
    let Some(plugin) = Plugin::named(&kind) else {
        return Err(Stop::fail(format!("unknown storage type '{kind}'")));
    };
    let storage = config::creation(plugin, &id, params)?;
    add(tx, &id, storage).map_err(|stop| stop.within("create storage failed"))?;
    let mut answer = Map::new();
    answer.insert("storage".to_owned(), id.clone().into());
    answer.insert("type".to_owned(), kind.into());
    if params.text("encryption-key").as_deref() == Some("autogen") {
        let key = hex::encode(tx.derive(&format!("encryption key/{id}")));
        answer.insert("config".to_owned(), json!({ "encryption-key": key }));
    }
    Ok(Value::Object(answer))
}

/// Adds a storage whose configuration is known to be right, once it can be activated here.
///
/// # Errors
/// 500 in the API's words, or the rows' fault.
pub(super) fn add(tx: &mut Tx<'_>, id: &str, mut storage: Storage) -> Result<(), Stop> {
    if find(tx, id)?.is_some() && (id != "local" || tx.get::<Value>(kind::STORAGE, id)?.is_some()) {
        return Err(Stop::fail(format!("storage ID '{id}' already defined")));
    }
    base::on_add(tx, &mut storage)?;
    if storages::check_enabled(tx, id, &storage).is_ok() {
        activate(tx, id, &storage)?;
    }
    tx.put(kind::STORAGE, id, &storage)
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let failed = |stop: Stop| stop.within("update storage failed");
    let id = params.required("storage");
    let sent = params.text("digest").filter(|digest| !digest.is_empty());
    if let Some(sent) = sent
        && sent != digest(&all(tx)?)
    {
        let words = "detected modified configuration - file changed by other user? Try again.";
        return Err(failed(Stop::fail(words)));
    }
    let storage = known(tx, &id).map_err(failed)?;
    let mut row = tx.get::<Storage>(kind::STORAGE, &id)?.unwrap_or(storage);
    let Some(plugin) = storages::plugin_of(&row) else {
        return Err(failed(Stop::fail("unknown section type")));
    };
    config::change(plugin, &mut row, params).map_err(failed)?;
    tx.put(kind::STORAGE, &id, &row)?;
    Ok(json!({ "storage": id, "type": plugin.name }))
}

pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let id = params.required("storage");
    drop_storage(tx, &id).map_err(|stop| stop.within("delete storage failed"))?;
    Ok(Value::Null)
}

/// Removes a storage's configuration with the rights on it; what lies on it stays.
///
/// # Errors
/// 500 in the API's words, or the rows' fault.
pub(super) fn drop_storage(tx: &mut Tx<'_>, id: &str) -> Result<(), Stop> {
    known(tx, id)?;
    let on_it = format!("{id}:");
    let is_base = |(_, storage): &(String, Storage)| property(storage, "base").starts_with(&on_it);
    if all(tx)?.iter().any(is_base) {
        return Err(Stop::fail(
            "can't remove storage - storage is used as base of another storage",
        ));
    }
    tx.delete(kind::STORAGE, id)?;
    let path = format!("/storage/{id}");
    for (row, entry) in tx.scan::<AclEntry>(kind::ACL)? {
        if entry.path == path {
            tx.delete(kind::ACL, &row)?;
        }
    }
    for (name, mut pool) in tx.scan::<Pool>(kind::POOL)? {
        if pool.storage.iter().any(|member| member == id) {
            pool.storage.retain(|member| member != id);
            tx.put(kind::POOL, &name, &pool)?;
        }
    }
    Ok(())
}
