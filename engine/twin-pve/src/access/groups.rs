//! `/access/groups`.

use formats::comment;
use model::{
    Params, Stop, Tx,
    access::{AclEntry, Group, Holder},
    kind, permission,
};
use serde_json::{Map, Value};

fn known(tx: &mut Tx<'_>, name: &str) -> Result<Group, Stop> {
    tx.get(kind::GROUP, name)?
        .ok_or_else(|| Stop::fail(format!("group '{name}' does not exist")))
}

pub(super) fn list(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let privileges = ["User.Modify", "Sys.Audit", "Group.Allocate"];
    let mut rows = Vec::new();
    for (name, group) in tx.scan::<Group>(kind::GROUP)? {
        if !permission::has_any(tx, &format!("/access/groups/{name}"), &privileges)? {
            continue;
        }
        let mut row = Map::new();
        row.insert("groupid".to_owned(), name.into());
        if let Some(comment) = group.comment {
            row.insert("comment".to_owned(), comment.into());
        }
        row.insert("users".to_owned(), group.users.join(",").into());
        rows.push(Value::Object(row));
    }
    Ok(Value::Array(rows))
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let group = known(tx, &params.required("groupid"))?;
    let mut row = Map::new();
    row.insert("members".to_owned(), group.users.into());
    if let Some(comment) = group.comment {
        row.insert("comment".to_owned(), comment.into());
    }
    Ok(Value::Object(row))
}

/// The comment that a call gives, as it's kept.
fn comment(params: &Params) -> Option<String> {
    let given = params.text("comment")?;
    Some(comment::kept(&given).to_owned())
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("groupid");
    if tx.get::<Group>(kind::GROUP, &name)?.is_some() {
        return Err(Stop::fail(format!(
            "create group failed: group '{name}' already exists"
        )));
    }
    let comment = comment(params).filter(|comment| !comment.is_empty());
    tx.put(
        kind::GROUP,
        &name,
        &Group {
            comment,
            users: Vec::new(),
        },
    )?;
    Ok(Value::Null)
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("groupid");
    let mut group = known(tx, &name).map_err(|stop| stop.within("update group failed"))?;
    if let Some(comment) = comment(params) {
        group.comment = Some(comment).filter(|comment| !comment.is_empty());
    }
    tx.put(kind::GROUP, &name, &group)?;
    Ok(Value::Null)
}

pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("groupid");
    known(tx, &name).map_err(|stop| stop.within("delete group failed"))?;
    for (row, entry) in tx.scan::<AclEntry>(kind::ACL)? {
        if entry.holder == Holder::Group && entry.ugid == name {
            tx.delete(kind::ACL, &row)?;
        }
    }
    tx.delete(kind::GROUP, &name)?;
    Ok(Value::Null)
}
