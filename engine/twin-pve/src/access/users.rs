//! `/access/users`.

use formats::comment;
use model::{
    Key, Params, Stop, Tx,
    access::{AclEntry, Group, User},
    kind,
    params::is_true,
    permission,
};
use serde_json::{Map, Value};

/// What a user has beside `enable` and `expire`, in the order in which it's shown.
const DETAILS: &[&str] = &["comment", "email", "firstname", "lastname", "keys"];

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let privileges = ["User.Modify", "Sys.Audit"];
    let all = permission::has_any(tx, "/access/groups", &privileges)?;
    let groups: Vec<(String, Group)> = tx.scan(kind::GROUP)?;
    let mut visible = Vec::new();
    for (name, group) in &groups {
        if all || permission::has_any(tx, &format!("/access/groups/{name}"), &privileges)? {
            visible.push((name, group));
        }
    }
    let tokens = if params.is_set("full") {
        super::tokens::all(tx)?
    } else {
        Vec::new()
    };
    let caller = tx.caller.user().to_owned();
    let mut rows = Vec::new();
    for (userid, user) in tx.scan::<User>(kind::USER)? {
        let seen = all
            || userid == caller
            || visible
                .iter()
                .any(|(_, group)| group.users.contains(&userid));
        let wanted = params
            .flag("enabled")
            .is_none_or(|enabled| enabled == (user.enable != 0));
        if !seen || !wanted {
            continue;
        }
        let mut row = summary(tx, &userid, &user)?;
        if params.is_set("full") {
            let of_user = groups
                .iter()
                .filter(|(_, group)| group.users.contains(&userid));
            let names: Vec<&str> = of_user.map(|(name, _)| name.as_str()).collect();
            row.insert("groups".to_owned(), names.join(",").into());
            let own = tokens.iter().filter(|(owner, _)| *owner == userid);
            row.insert(
                "tokens".to_owned(),
                own.map(|(_, token)| token.clone()).collect(),
            );
        }
        rows.push(Value::Object(row));
    }
    Ok(Value::Array(rows))
}

fn summary(tx: &mut Tx<'_>, userid: &str, user: &User) -> Result<Map<String, Value>, Stop> {
    let mut row = Map::new();
    row.insert("userid".to_owned(), userid.into());
    row.insert("enable".to_owned(), user.enable.into());
    row.insert("expire".to_owned(), user.expire.into());
    row.extend(user.details.clone());
    let realm = userid.rsplit('@').next().unwrap_or_default();
    if let Some(realm) = tx.get::<Value>(kind::REALM, realm)? {
        row.insert("realm-type".to_owned(), realm["type"].clone());
    }
    Ok(row)
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let userid = params.required("userid");
    let user = tx.known_user(&userid)?;
    let mut row = Map::new();
    row.insert("enable".to_owned(), user.enable.into());
    row.insert("expire".to_owned(), user.expire.into());
    row.extend(user.details);
    row.insert("groups".to_owned(), tx.groups_of(&userid)?.into());
    let tokens = super::tokens::of(tx, &userid)?;
    if !tokens.is_empty() {
        let named = tokens
            .into_iter()
            .map(|(name, token)| (name, super::tokens::shown(&token)));
        row.insert("tokens".to_owned(), Value::Object(named.collect()));
    }
    Ok(Value::Object(row))
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let failed = |stop: Stop| stop.within("create user failed");
    let userid = params.required("userid");
    if tx.user(&userid)?.is_some() {
        return Err(failed(Stop::fail(format!(
            "user '{userid}' already exists"
        ))));
    }
    let mut user = User {
        enable: 1,
        ..User::default()
    };
    set_details(&mut user, params);
    if let Some(password) = params.text("password") {
        super::ticket::store_password(tx, &userid, &password).map_err(failed)?;
    }
    join_groups(tx, &userid, &params.list("groups")).map_err(failed)?;
    tx.put(kind::USER, &userid, &user)?;
    Ok(Value::Null)
}

fn set_details(user: &mut User, params: &Params) {
    if let Some(enable) = params.text("enable") {
        user.enable = u8::from(is_true(&enable));
    }
    if let Some(expire) = params.integer("expire") {
        user.expire = expire;
    }
    for name in DETAILS {
        let text = params.text(name);
        match text.as_deref().map(comment::kept) {
            Some("") => {
                user.details.shift_remove(*name);
            }
            Some(text) => {
                user.details.insert((*name).to_owned(), text.into());
            }
            None => {}
        }
    }
}

/// Groups that aren't there are passed over, as the API does.
fn join_groups(tx: &mut Tx<'_>, userid: &str, names: &[String]) -> Result<(), Stop> {
    for name in names {
        let mut group: Group = tx
            .get(kind::GROUP, name)?
            .ok_or_else(|| Stop::fail(format!("no such group '{name}'")))?;
        if !group.users.iter().any(|user| user == userid) {
            group.users.push(userid.to_owned());
            group.users.sort();
            tx.put(kind::GROUP, name, &group)?;
        }
    }
    Ok(())
}

fn leave_groups(tx: &mut Tx<'_>, userid: &str) -> Result<(), Stop> {
    for (name, mut group) in tx.scan::<Group>(kind::GROUP)? {
        if group.users.iter().any(|user| user == userid) {
            group.users.retain(|user| user != userid);
            tx.put(kind::GROUP, &name, &group)?;
        }
    }
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let failed = |stop: Stop| stop.within("update user failed");
    let userid = params.required("userid");
    let mut user = tx.known_user(&userid).map_err(failed)?;
    set_details(&mut user, params);
    if params.has("groups") {
        if !params.is_set("append") {
            leave_groups(tx, &userid)?;
        }
        join_groups(tx, &userid, &params.list("groups")).map_err(failed)?;
    }
    tx.put(kind::USER, &userid, &user)?;
    Ok(Value::Null)
}

/// A user who isn't there may be removed too. `root@pam` is there again at once, with nothing but its name.
pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let userid = params.required("userid");
    leave_groups(tx, &userid)?;
    for (name, _) in super::tokens::of(tx, &userid)? {
        tx.delete(kind::TOKEN, &format!("{userid}!{name}"))?;
    }
    let tokens = format!("{userid}!");
    for (id, entry) in tx.scan::<AclEntry>(kind::ACL)? {
        if entry.ugid == userid || entry.ugid.starts_with(&tokens) {
            tx.delete(kind::ACL, &id)?;
        }
    }
    if userid == "root@pam" {
        let root = User {
            enable: 1,
            ..User::default()
        };
        tx.put(kind::USER, &userid, &root)?;
        return Ok(Value::Null);
    }
    let cluster = tx.cluster()?;
    tx.rows
        .delete(&Key::new(cluster, kind::PASSWORD, userid.clone()))?;
    tx.delete(kind::USER, &userid)?;
    Ok(Value::Null)
}
