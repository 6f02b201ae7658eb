//! `/pools`.

use formats::comment;
use model::{Params, Stop, Tx, access::AclEntry, kind, permission, published::Endpoint};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /pools", list),
    Endpoint::new("POST /pools", create),
    Endpoint::new("PUT /pools", update),
    Endpoint::new("DELETE /pools", remove),
    Endpoint::new("GET /pools/{poolid}", show),
    Endpoint::new("PUT /pools/{poolid}", update),
    Endpoint::new("DELETE /pools/{poolid}", remove),
];

/// A pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The numbers of its guests.
    #[serde(default)]
    pub vms: Vec<String>,
    /// Its storages.
    #[serde(default)]
    pub storage: Vec<String>,
}

fn known(tx: &mut Tx<'_>, name: &str) -> Result<Pool, Stop> {
    tx.get(kind::POOL, name)?
        .ok_or_else(|| Stop::fail(format!("pool '{name}' does not exist")))
}

/// A pool with its members: the guests that are there, and its storages on each node.
fn described(
    tx: &mut Tx<'_>,
    name: &str,
    pool: &Pool,
    wanted: Option<&str>,
) -> Result<Map<String, Value>, Stop> {
    let mut members = Vec::new();
    for vmid in &pool.vms {
        let Some(guest) = tx.get::<Value>(kind::GUEST, vmid)? else {
            continue;
        };
        let kind = guest["type"].as_str().unwrap_or("qemu").to_owned();
        if wanted.is_none_or(|wanted| wanted == kind) {
            let number: u64 = vmid.parse().unwrap_or_default();
            members.push(json!({
                "id": format!("{kind}/{vmid}"), "node": guest["node"], "type": kind,
                "vmid": number, "name": guest["config"]["name"], "status": guest["status"],
            }));
        }
    }
    if wanted.is_none_or(|wanted| wanted == "storage") {
        for storage in &pool.storage {
            if tx.get::<Value>(kind::STORAGE, storage)?.is_none() {
                continue;
            }
            for node in tx.members()? {
                members.push(json!({
                    "id": format!("storage/{node}/{storage}"), "node": node,
                    "storage": storage, "type": "storage", "status": "available",
                }));
            }
        }
    }
    let mut row = Map::new();
    row.insert("poolid".to_owned(), name.into());
    if let Some(comment) = &pool.comment {
        row.insert("comment".to_owned(), comment.as_str().into());
    }
    row.insert("members".to_owned(), members.into());
    Ok(row)
}

fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    if let Some(name) = params.text("poolid") {
        permission::require(tx, &format!("/pool/{name}"), &["Pool.Audit"])?;
        let pool = known(tx, &name)?;
        let row = described(tx, &name, &pool, params.text("type").as_deref())?;
        return Ok(json!([row]));
    }
    let mut rows = Vec::new();
    for (name, pool) in tx.scan::<Pool>(kind::POOL)? {
        if permission::has_any(tx, &format!("/pool/{name}"), &["Pool.Audit"])? {
            let mut row = Map::new();
            row.insert("poolid".to_owned(), name.into());
            if let Some(comment) = pool.comment {
                row.insert("comment".to_owned(), comment.into());
            }
            rows.push(Value::Object(row));
        }
    }
    Ok(Value::Array(rows))
}

fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("poolid");
    let pool = known(tx, &name)?;
    described(tx, &name, &pool, None).map(Value::Object)
}

/// The comment that a call gives, as it's kept.
fn comment(params: &Params) -> Option<String> {
    let given = params.text("comment")?;
    Some(comment::kept(&given).to_owned())
}

fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let failed = |words: String| Err(Stop::fail(format!("create pool failed: {words}")));
    let name = params.required("poolid");
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return failed("pool name must start with a letter".to_owned());
    }
    if tx.get::<Pool>(kind::POOL, &name)?.is_some() {
        return failed(format!("pool '{name}' already exists"));
    }
    if let Some((parent, _)) = name.rsplit_once('/')
        && tx.get::<Pool>(kind::POOL, parent)?.is_none()
    {
        return failed(format!("parent '{parent}' of pool '{name}' does not exist"));
    }
    let comment = comment(params).filter(|comment| !comment.is_empty());
    tx.put(
        kind::POOL,
        &name,
        &Pool {
            comment,
            ..Pool::default()
        },
    )?;
    Ok(Value::Null)
}

fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let failed = |stop: Stop| stop.within("update pools failed");
    let name = params.required("poolid");
    let mut pool = known(tx, &name).map_err(failed)?;
    if let Some(comment) = comment(params) {
        pool.comment = Some(comment).filter(|comment| !comment.is_empty());
    }
    for vmid in params.list("vms") {
        permission::require(tx, &format!("/vms/{vmid}"), &["VM.Allocate"])?;
        change_guest(tx, &name, &mut pool, vmid, params).map_err(failed)?;
    }
    for storage in params.list("storage") {
        permission::require(tx, &format!("/storage/{storage}"), &["Datastore.Allocate"])?;
        let what = format!("Storage '{storage}'");
        change(&mut pool.storage, storage, &what, params.is_set("delete")).map_err(failed)?;
    }
    tx.put(kind::POOL, &name, &pool)?;
    Ok(Value::Null)
}

fn change_guest(
    tx: &mut Tx<'_>,
    name: &str,
    pool: &mut Pool,
    vmid: String,
    params: &Params,
) -> Result<(), Stop> {
    let remove = params.is_set("delete");
    if !remove {
        let others = tx.scan::<Pool>(kind::POOL)?;
        let holder = others
            .into_iter()
            .find(|(other, held)| other != name && held.vms.contains(&vmid));
        if let Some((other, mut held)) = holder {
            if !params.is_set("allow-move") {
                return Err(Stop::fail(format!(
                    "VM {vmid} belongs already to pool '{other}'"
                )));
            }
            held.vms.retain(|member| *member != vmid);
            tx.put(kind::POOL, &other, &held)?;
        }
    }
    let what = format!("VM {vmid}");
    change(&mut pool.vms, vmid, &what, remove)
}

fn change(members: &mut Vec<String>, member: String, what: &str, remove: bool) -> Result<(), Stop> {
    let held = members.contains(&member);
    match (remove, held) {
        (true, false) => Err(Stop::fail(format!("{what} is not a pool member"))),
        (false, true) => Err(Stop::fail(format!("{what} is already a pool member"))),
        (true, true) => {
            members.retain(|other| *other != member);
            Ok(())
        }
        (false, false) => {
            members.push(member);
            members.sort();
            Ok(())
        }
    }
}

fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let failed = |words: String| Err(Stop::fail(format!("delete pool failed: {words}")));
    let name = params.required("poolid");
    let pool = known(tx, &name).map_err(|stop| stop.within("delete pool failed"))?;
    let inner = format!("{name}/");
    if let Some((child, _)) = tx
        .scan::<Pool>(kind::POOL)?
        .into_iter()
        .find(|(other, _)| other.starts_with(&inner))
    {
        return failed(format!(
            "pool '{name}' is not empty (contains pool '{child}')"
        ));
    }
    for vmid in &pool.vms {
        if tx.get::<Value>(kind::GUEST, vmid)?.is_some() {
            return failed(format!("pool '{name}' is not empty (contains VM {vmid})"));
        }
    }
    for storage in &pool.storage {
        if tx.get::<Value>(kind::STORAGE, storage)?.is_some() {
            return failed(format!(
                "pool '{name}' is not empty (contains storage '{storage}')"
            ));
        }
    }
    let path = format!("/pool/{name}");
    for (row, entry) in tx.scan::<AclEntry>(kind::ACL)? {
        if entry.path == path {
            tx.delete(kind::ACL, &row)?;
        }
    }
    tx.delete(kind::POOL, &name)?;
    Ok(Value::Null)
}
