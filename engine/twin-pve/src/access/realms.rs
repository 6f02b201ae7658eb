//! `/access/domains`: where users log in.

use model::{Params, Stop, Tx, kind};
use serde_json::{Map, Value};
use sha1::{Digest as _, Sha1};

use super::realm_options::Options;

/// The realms that every node has, and what their comments are where nobody set any.
const BUILT_IN: &[(&str, &str)] = &[
    ("pam", "Linux PAM standard authentication"),
    ("pve", "Proxmox VE authentication server"),
];
/// What is shown of a realm before anyone has logged in.
const PUBLIC: &[&str] = &["type", "comment", "default"];
/// What is sent about a realm and isn't kept in its configuration.
const NOT_KEPT: &[&str] = &["realm", "digest", "delete", "password", "check-connection"];

type Realm = Map<String, Value>;

pub(super) fn list(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let realms = tx.scan::<Realm>(kind::REALM)?;
    Ok(realms
        .into_iter()
        .map(|(name, mut realm)| {
            let tfa = second_factor(&realm);
            realm.retain(|field, _| PUBLIC.contains(&field.as_str()));
            realm.insert("realm".to_owned(), name.into());
            realm.extend(tfa.map(|kind| ("tfa".to_owned(), kind.into())));
            Value::Object(realm)
        })
        .collect())
}

/// The kind of second factor in a text such as `type=oath,digits=6`.
fn second_factor(realm: &Realm) -> Option<String> {
    let mut parts = formats::property::parts(realm.get("tfa")?.as_str()?);
    let kind = parts.find(|part| part.key == Some("type"))?;
    Some(kind.value.to_owned())
}

fn known(tx: &mut Tx<'_>, name: &str) -> Result<Realm, Stop> {
    tx.get(kind::REALM, name)?
        .ok_or_else(|| Stop::fail(format!("domain '{name}' does not exist")))
}

/// The digest of all realms, which are one file.
fn digest(tx: &mut Tx<'_>) -> Result<String, Stop> {
    let mut hash = Sha1::new();
    for (name, realm) in tx.scan::<Realm>(kind::REALM)? {
        hash.update(format!("{name} {}\n", Value::Object(realm)));
    }
    Ok(hex::encode(hash.finalize()))
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut realm = known(tx, &params.required("realm"))?;
    realm.insert("digest".to_owned(), digest(tx)?.into());
    Ok(Value::Object(realm))
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    add(tx, params).map_err(|stop| stop.within("add auth server failed"))?;
    Ok(Value::Null)
}

fn add(tx: &mut Tx<'_>, params: &Params) -> Result<(), Stop> {
    let (name, kind) = (params.required("realm"), params.required("type"));
    if tx.get::<Realm>(kind::REALM, &name)?.is_some() {
        return Err(Stop::fail(format!("domain '{name}' already exists")));
    }
    let options = Options::of(&kind);
    if options.built_in {
        return Err(Stop::fail(format!(
            "unable to create builtin type '{kind}'"
        )));
    }
    check_connection(params, &kind)?;
    let sent = sent(params);
    options.check(&sent)?;
    options.complete(&sent)?;
    keep(tx, &name, sent)
}

/// Nobody but a directory can be asked whether it answers, and the twin has no directory that would.
fn check_connection(params: &Params, kind: &str) -> Result<(), Stop> {
    if params.has("check-connection") && !matches!(kind, "ad" | "ldap") {
        return Err(Stop::fail(
            "'check-connection' parameter can only be set for realms of type 'ldap' or 'ad'",
        ));
    }
    if params.is_set("check-connection") {
        let server = params.required("server1");
        return Err(Stop::fail(format!("unable to connect to '{server}'")));
    }
    Ok(())
}

fn sent(params: &Params) -> Realm {
    params
        .except(NOT_KEPT)
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

/// Writes a realm; there is one default at most.
fn keep(tx: &mut Tx<'_>, name: &str, mut realm: Realm) -> Result<(), Stop> {
    let is_default = realm
        .get("default")
        .and_then(model::params::text_of)
        .is_some_and(|text| model::params::is_true(&text));
    if is_default {
        for (other, mut row) in tx.scan::<Realm>(kind::REALM)? {
            if other != name && row.shift_remove("default").is_some() {
                tx.put(kind::REALM, &other, &row)?;
            }
        }
    }
    if let Some((_, comment)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
        let unset = realm
            .get("comment")
            .is_none_or(|comment| comment.as_str() == Some(""));
        if unset {
            realm.insert("comment".to_owned(), (*comment).into());
        }
    }
    tx.put(kind::REALM, name, &realm)
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    change(tx, params).map_err(|stop| stop.within("update auth server failed"))?;
    Ok(Value::Null)
}

fn change(tx: &mut Tx<'_>, params: &Params) -> Result<(), Stop> {
    if let Some(expected) = params.text("digest").filter(|digest| !digest.is_empty())
        && expected != digest(tx)?
    {
        let words = "detected modified configuration - file changed by other user? Try again.";
        return Err(Stop::fail(words));
    }
    let name = params.required("realm");
    let mut realm = known(tx, &name)?;
    let kind = realm["type"].as_str().unwrap_or_default().to_owned();
    check_connection(params, &kind)?;
    let (sent, dropped) = (sent(params), params.list("delete"));
    if sent.is_empty() && dropped.is_empty() && !params.has("password") {
        return Err(Stop::fail("no options specified"));
    }
    for field in &dropped {
        realm.shift_remove(field);
    }
    Options::of(&kind).check(&sent)?;
    realm.extend(sent);
    keep(tx, &name, realm)
}

/// A realm that every node has is back at once, as it was installed.
pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let name = params.required("realm");
    let Some(realm) = tx.get::<Realm>(kind::REALM, &name)? else {
        return Err(Stop::fail(format!(
            "delete auth server failed: authentication domain '{name}' does not exist"
        )));
    };
    if BUILT_IN.iter().any(|(built_in, _)| *built_in == name) {
        let kept = realm.into_iter().filter(|(field, _)| field == "type");
        keep(tx, &name, kept.collect())?;
    } else {
        tx.delete(kind::REALM, &name)?;
    }
    Ok(Value::Null)
}
