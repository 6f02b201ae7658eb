//! `/access/roles`.

use model::{
    Params, Stop, Tx,
    access::{AclEntry, Role},
    kind, privilege,
};
use serde_json::{Value, json};

fn missing(name: &str) -> Stop {
    Stop::fail(format!("role '{name}' does not exist"))
}

pub(super) fn list(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let built_in = privilege::built_in().map(
        |(name, privileges)| json!({ "roleid": name, "privs": privileges.join(","), "special": 1 }),
    );
    let mut rows: Vec<Value> = built_in.collect();
    for (name, role) in tx.scan::<Role>(kind::ROLE)? {
        rows.push(json!({ "roleid": name, "privs": role.privileges.join(","), "special": 0 }));
    }
    Ok(Value::Array(rows))
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("roleid");
    let privileges = tx.privileges_of(&name)?.ok_or_else(|| missing(&name))?;
    Ok(Value::Object(
        privileges
            .into_iter()
            .map(|privilege| (privilege, json!(1)))
            .collect(),
    ))
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("roleid");
    if name.to_ascii_lowercase().starts_with("pve") {
        let words = "cannot use role ID starting with the (case-insensitive) 'PVE' namespace";
        return Err(Stop::invalid_one("roleid", words));
    }
    if tx.privileges_of(&name)?.is_some() {
        return Err(Stop::fail(format!(
            "create role failed: role '{name}' already exists"
        )));
    }
    let mut role = Role::default();
    add(&mut role, params);
    tx.put(kind::ROLE, &name, &role)?;
    Ok(Value::Null)
}

fn add(role: &mut Role, params: &Params) {
    role.privileges.extend(params.list("privs"));
    role.privileges.sort();
    role.privileges.dedup();
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("roleid");
    if privilege::of_built_in(&name).is_some() {
        return Err(Stop::fail(format!(
            "auto-generated role '{name}' cannot be modified"
        )));
    }
    let mut role: Role = tx
        .get(kind::ROLE, &name)?
        .ok_or_else(|| missing(&name).within("update role failed"))?;
    if params.has("privs") && !params.is_set("append") {
        role.privileges.clear();
    }
    add(&mut role, params);
    tx.put(kind::ROLE, &name, &role)?;
    Ok(Value::Null)
}

pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("roleid");
    if privilege::of_built_in(&name).is_some() {
        return Err(Stop::fail(format!(
            "auto-generated role '{name}' cannot be deleted"
        )));
    }
    if tx.get::<Role>(kind::ROLE, &name)?.is_none() {
        return Err(missing(&name).within("delete role failed"));
    }
    for (row, entry) in tx.scan::<AclEntry>(kind::ACL)? {
        if entry.roleid == name {
            tx.delete(kind::ACL, &row)?;
        }
    }
    tx.delete(kind::ROLE, &name)?;
    Ok(Value::Null)
}
