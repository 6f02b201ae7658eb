//! `/access/ticket` and `/access/password`.

use model::{
    Params, Stop, Tx, access::check_userid, auth, kind, permission, privilege::PRIVILEGES,
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use world::install::crypt;

pub(super) fn nothing(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    Ok(Value::Null)
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut user = params.required("username");
    if let Some(realm) = params.text("realm") {
        user = format!("{user}@{realm}");
    }
    let refused = || Stop::status(401, "authentication failure");
    check_userid(&user).map_err(|_| refused())?;
    let password = params.required("password");
    if !tx.is_enabled(&user)? || !accepts(tx, &user, &password)? {
        return Err(refused());
    }
    if let (Some(path), privileges) = (params.text("path"), params.list("privs")) {
        // With a path the caller only asks whether it has the privileges there.
        let caller = std::mem::replace(&mut tx.caller.id, user.clone());
        let wanted: Vec<&str> = privileges.iter().map(String::as_str).collect();
        let checked = permission::require(tx, &permission::normalise(&path), &wanted);
        tx.caller.id = caller;
        checked.map_err(|_| Stop::status(401, "permission denied"))?;
        return Ok(json!({ "username": user }));
    }
    let made = auth::issue(tx, &user)?;
    let mut answer = Map::new();
    answer.insert("username".to_owned(), user.as_str().into());
    answer.insert("ticket".to_owned(), made.ticket.into());
    answer.insert("CSRFPreventionToken".to_owned(), made.csrf.into());
    answer.insert("cap".to_owned(), capabilities(tx, &user)?);
    if let Some(totem) = tx.totem()? {
        answer.insert("clustername".to_owned(), totem["cluster_name"].clone());
    }
    Ok(Value::Object(answer))
}

/// Whether a password, or a ticket that is still good, is the user's.
fn accepts(tx: &mut Tx<'_>, user: &str, password: &str) -> Result<bool, Stop> {
    if password.starts_with("PVE:") {
        return Ok(auth::verify(tx, password)?.as_deref() == Some(user));
    }
    accepts_password(tx, user, password)
}

/// Whether a password is the user's.
///
/// # Errors
/// The rows' fault.
pub(crate) fn accepts_password(tx: &mut Tx<'_>, user: &str, password: &str) -> Result<bool, Stop> {
    let stored = tx.get::<String>(kind::PASSWORD, user)?;
    if let Some(stored) = stored.as_ref().filter(|stored| !stored.starts_with('$')) {
        return Ok(*stored == digest(tx, user, password));
    }
    let known = &tx.config.root_passwords;
    let is_known = user == "root@pam" && known.iter().any(|secret| secret.expose() == password);
    // The installer was given a hash of the system's own kind.
    Ok(is_known || stored.is_some_and(|hash| crypt::verify(password, &hash)))
}

fn digest(tx: &Tx<'_>, user: &str, password: &str) -> String {
    password_digest(&tx.config.seed, user, password)
}

/// What is kept of a user's password.
pub fn password_digest(seed: &str, user: &str, password: &str) -> String {
    hex::encode(Sha256::digest(format!("{seed}\0{user}\0{password}")))
}

/// Keeps a user's password; only realm `pve` keeps its own, and `pam` the node's.
pub(super) fn store_password(tx: &mut Tx<'_>, user: &str, password: &str) -> Result<(), Stop> {
    let realm = user.rsplit('@').next().unwrap_or_default();
    match tx.get::<Value>(kind::REALM, realm)? {
        None => Err(Stop::fail(format!("no such realm: '{realm}'"))),
        Some(realm) if matches!(realm["type"].as_str(), Some("pve" | "pam")) => {
            let hashed = digest(tx, user, password);
            tx.put(kind::PASSWORD, user, &hashed)
        }
        Some(_) => Err(Stop::fail("can't set password on this auth type")),
    }
}

/// What each part of the user interface may show: privileges by family.
fn capabilities(tx: &mut Tx<'_>, user: &str) -> Result<Value, Stop> {
    const FAMILIES: &[(&str, &str, &[&str])] = &[
        ("vms", "/vms", &["VM.", "Permissions.Modify"]),
        ("storage", "/storage", &["Datastore.", "Permissions.Modify"]),
        (
            "access",
            "/access",
            &["User.", "Group.", "Permissions.Modify", "Realm."],
        ),
        ("nodes", "/nodes", &["Sys.", "Permissions.Modify"]),
        ("sdn", "/sdn", &["SDN.", "Permissions.Modify"]),
        ("dc", "/", &["Sys.", "SDN.", "Permissions.Modify"]),
        ("mapping", "/mapping", &["Mapping.", "Permissions.Modify"]),
    ];
    let mut all = Map::new();
    for (name, path, families) in FAMILIES {
        let held = permission::privileges_on(tx, user, path)?;
        let shown = PRIVILEGES
            .iter()
            .filter(|privilege| held.contains_key(**privilege))
            .filter(|privilege| families.iter().any(|family| privilege.starts_with(family)));
        let entries = shown.map(|privilege| ((*privilege).to_owned(), json!(1)));
        all.insert((*name).to_owned(), Value::Object(entries.collect()));
    }
    Ok(Value::Object(all))
}

pub(super) fn change_password(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let user = params.required("userid");
    tx.known_user(&user)?;
    if let Some(current) = params.text("confirmation-password") {
        let caller = tx.caller.id.clone();
        if !accepts_password(tx, &caller, &current)? {
            return Err(Stop::status(401, "authentication failure"));
        }
    } else if tx.caller.id != "root@pam" {
        return Err(Stop::invalid_one(
            "confirmation-password",
            "property is missing and it is not optional",
        ));
    }
    store_password(tx, &user, &params.required("password"))?;
    Ok(Value::Null)
}
