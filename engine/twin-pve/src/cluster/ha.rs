//! `/cluster/ha`: which guests are kept running. Groups are gone: they became rules.

use model::{Params, Stop, Tx, kind, params::split_list};
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};

pub(super) fn index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = ["status", "resources", "groups", "rules"];
    Ok(crate::index("id", &names))
}

pub(super) fn status_index(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = ["current", "manager_status", "arm-ha", "disarm-ha"];
    Ok(crate::index("name", &names))
}

/// What every call about a group answers.
pub(super) fn no_groups(what: &str) -> Result<Value, Stop> {
    Err(Stop::fail(format!(
        "cannot {what}: ha groups have been migrated to rules"
    )))
}

/// Rules can't be made here, so none is known.
pub(super) fn no_rule(_: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let rule = params.required("rule");
    Err(Stop::fail(format!("no such ha rule '{rule}'")))
}

fn quorum(tx: &mut Tx<'_>) -> Result<Value, Stop> {
    let quorate = tx.is_quorate()?;
    Ok(json!({ "node": tx.node, "quorate": u8::from(quorate).to_string() }))
}

/// The quorum, and a row for each resource: nothing manages them, as no guest runs.
pub(super) fn current(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let quorate = tx.is_quorate()?;
    let status = if quorate { "OK" } else { "No quorum on node!" };
    let mut rows = vec![json!({
        "id": "quorum", "type": "quorum", "node": tx.node, "status": status,
        "quorate": u8::from(quorate),
    })];
    for (sid, resource) in resources(tx)? {
        let vmid = sid.split(':').nth(1).unwrap_or_default();
        let guest: Value = tx.get(kind::GUEST, vmid)?.unwrap_or_default();
        let node = guest["node"].as_str().unwrap_or_default();
        let state = resource["state"].as_str().unwrap_or("started");
        rows.push(json!({
            "id": format!("service:{sid}"), "type": "service", "sid": sid, "node": node,
            "state": "queued", "request_state": state, "status": format!("{sid} ({node}, queued)"),
        }));
    }
    Ok(Value::Array(rows))
}

pub(super) fn manager(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let lrm: Map<String, Value> = tx
        .known_nodes()?
        .into_iter()
        .map(|node| (node, json!({})))
        .collect();
    Ok(json!({ "manager_status": {}, "lrm_status": lrm, "quorum": quorum(tx)? }))
}

type Resource = Map<String, Value>;

fn resources(tx: &mut Tx<'_>) -> Result<Vec<(String, Resource)>, Stop> {
    tx.scan(kind::HA_RESOURCE)
}

/// The digest of all resources: they stand in one file.
fn digest(tx: &mut Tx<'_>) -> Result<String, Stop> {
    let all = json!(resources(tx)?);
    Ok(hex::encode(Sha1::digest(all.to_string())))
}

/// The resource that `100` or `vm:100` names, and its parts.
fn named(tx: &mut Tx<'_>, params: &Params) -> Result<(String, String, String), Stop> {
    let sid = params.required("sid");
    if sid.bytes().all(|byte| byte.is_ascii_digit()) {
        let guest: Option<Value> = tx.get(kind::GUEST, &sid)?;
        let guest = guest
            .ok_or_else(|| Stop::fail(format!("unable do determine type of service '{sid}'")))?;
        let kind = if guest["type"] == "lxc" { "ct" } else { "vm" };
        return Ok((format!("{kind}:{sid}"), kind.to_owned(), sid));
    }
    let (kind, name) = sid.rsplit_once(':').unwrap_or_default();
    Ok((sid.clone(), kind.to_owned(), name.to_owned()))
}

fn shown(digest: &str, mut resource: Resource) -> Value {
    resource.insert("digest".to_owned(), digest.into());
    Value::Object(resource)
}

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let digest = digest(tx)?;
    let wanted = params.text("type");
    let rows = resources(tx)?.into_iter().map(|(_, resource)| resource);
    Ok(rows
        .filter(|resource| {
            let wanted = wanted.as_deref();
            wanted.is_none_or(|wanted| resource["type"] == *wanted)
        })
        .map(|resource| shown(&digest, resource))
        .collect())
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (sid, ..) = named(tx, params)?;
    let resource = tx.get::<Resource>(kind::HA_RESOURCE, &sid)?;
    let resource = resource.ok_or_else(|| Stop::fail(format!("no such resource '{sid}'")))?;
    let digest = digest(tx)?;
    Ok(shown(&digest, resource))
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (sid, kind, name) = named(tx, params)?;
    if params.text("type").is_some_and(|wanted| wanted != kind) {
        return Err(Stop::fail("types does not match"));
    }
    let guest: Option<Value> = match kind.as_str() {
        "vm" | "ct" => tx.get(kind::GUEST, &name)?,
        _ => return Err(Stop::fail(format!("unsupported resource type '{kind}'"))),
    };
    let wanted = if kind == "ct" { "lxc" } else { "qemu" };
    if guest.is_none_or(|guest| guest["type"].as_str().unwrap_or("qemu") != wanted) {
        return Err(Stop::fail(format!(
            "resource '{sid}' does not exist in cluster"
        )));
    }
    if params.has("group") {
        return no_groups("use group").map_err(|stop| stop.within("create resource failed"));
    }
    if tx.get::<Resource>(kind::HA_RESOURCE, &sid)?.is_some() {
        return Err(Stop::fail(format!(
            "create resource failed: resource ID '{sid}' already defined"
        )));
    }
    let mut resource = Resource::new();
    for (field, value) in params.except(&["sid", "type"]) {
        resource.insert(field.to_owned(), value.clone());
    }
    resource.insert("sid".to_owned(), sid.as_str().into());
    resource.insert("type".to_owned(), kind.into());
    tx.put(kind::HA_RESOURCE, &sid, &resource)?;
    Ok(Value::Null)
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let failed = |words: String| Stop::fail(format!("update resource failed: {words}"));
    let (sid, ..) = named(tx, params)?;
    let Some(mut resource) = tx.get::<Resource>(kind::HA_RESOURCE, &sid)? else {
        return Err(failed(format!("no such resource '{sid}'")));
    };
    if params.text("digest").is_some_and(|sent| !sent.is_empty()) {
        let known = digest(tx)?;
        if params.text("digest") != Some(known) {
            return Err(failed(
                "detected modified configuration - file changed by other user? Try again."
                    .to_owned(),
            ));
        }
    }
    for (field, value) in params.except(&["sid", "digest", "delete"]) {
        resource.insert(field.to_owned(), value.clone());
    }
    for field in split_list(&params.text("delete").unwrap_or_default()) {
        if matches!(field.as_str(), "sid" | "type") {
            return Err(failed(format!(
                "unable to delete required option '{field}'"
            )));
        }
        resource.shift_remove(&field);
    }
    tx.put(kind::HA_RESOURCE, &sid, &resource)?;
    Ok(Value::Null)
}

pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (sid, ..) = named(tx, params)?;
    if tx.get::<Resource>(kind::HA_RESOURCE, &sid)?.is_none() {
        return Err(Stop::fail(format!(
            "cannot delete service '{sid}', not HA managed!"
        )));
    }
    tx.delete(kind::HA_RESOURCE, &sid)?;
    Ok(Value::Null)
}
