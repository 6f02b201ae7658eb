//! `/access/users/{userid}/token`.

use formats::{comment, names};
use model::{
    Params, Stop, Tx,
    access::{AclEntry, Token},
    kind,
};
use serde_json::{Map, Value, json};

/// The tokens of a user by name, sorted.
pub(super) fn of(tx: &mut Tx<'_>, userid: &str) -> Result<Vec<(String, Token)>, Stop> {
    let prefix = format!("{userid}!");
    Ok(tx
        .scan::<Token>(kind::TOKEN)?
        .into_iter()
        .filter_map(|(id, token)| Some((id.strip_prefix(&prefix)?.to_owned(), token)))
        .collect())
}

/// Every token with its user, as lists show it.
pub(super) fn all(tx: &mut Tx<'_>) -> Result<Vec<(String, Value)>, Stop> {
    let tokens = tx.scan::<Token>(kind::TOKEN)?;
    Ok(tokens
        .into_iter()
        .filter_map(|(id, token)| {
            let (user, name) = names::token_parts(&id)?;
            Some((user.to_owned(), listed(name, &token)))
        })
        .collect())
}

/// A token as the API shows it: never its secret.
pub(super) fn shown(token: &Token) -> Value {
    let mut row = Map::new();
    if let Some(comment) = &token.comment {
        row.insert("comment".to_owned(), comment.as_str().into());
    }
    row.insert("expire".to_owned(), token.expire.into());
    row.insert("privsep".to_owned(), token.privsep.into());
    Value::Object(row)
}

fn listed(name: &str, token: &Token) -> Value {
    let mut row = shown(token);
    row["tokenid"] = name.into();
    row
}

/// A token that has to be there, and the id of its row.
fn known(tx: &mut Tx<'_>, params: &Params) -> Result<(String, Token), Stop> {
    let (user, name) = (params.required("userid"), params.required("tokenid"));
    tx.known_user(&user)?;
    let id = format!("{user}!{name}");
    let token = tx.get(kind::TOKEN, &id)?;
    let token =
        token.ok_or_else(|| Stop::fail(format!("no such token '{name}' for user '{user}'")))?;
    Ok((id, token))
}

pub(super) fn list(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let user = params.required("userid");
    tx.known_user(&user)?;
    Ok(of(tx, &user)?
        .iter()
        .map(|(name, token)| listed(name, token))
        .collect())
}

pub(super) fn show(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    known(tx, params).map(|(_, token)| shown(&token))
}

pub(super) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (user, name) = (params.required("userid"), params.required("tokenid"));
    tx.known_user(&user)?;
    let id = format!("{user}!{name}");
    if tx.get::<Token>(kind::TOKEN, &id)?.is_some() {
        return Err(Stop::invalid_one("tokenid", "Token already exists."));
    }
    let mut token = Token {
        privsep: 1,
        ..Token::default()
    };
    set(&mut token, params);
    let secret = renew(tx, &id, &mut token);
    tx.put(kind::TOKEN, &id, &token)?;
    // What was sent comes back as it was sent, a default as a number.
    let mut info = Map::new();
    for field in ["comment", "expire", "privsep"] {
        if let Some(sent) = params.text(field) {
            info.insert(field.to_owned(), sent.into());
        }
    }
    info.entry("privsep").or_insert_with(|| json!(1));
    Ok(json!({ "full-tokenid": id, "info": info, "value": secret }))
}

/// Gives a token a new secret: it depends on the token's name, on the moment, and on how often it was renewed.
fn renew(tx: &Tx<'_>, id: &str, token: &mut Token) -> String {
    token.generation += 1;
    let (twin, now, generation) = (&tx.config.id, tx.now, token.generation);
    let secret = tx.uuid(&format!("token/{twin}/{id}/{now}/{generation}"));
    token.secret = Some(secret.clone());
    secret
}

fn set(token: &mut Token, params: &Params) {
    if let Some(comment) = params.text("comment") {
        let comment = comment::kept(&comment).to_owned();
        token.comment = Some(comment).filter(|comment| !comment.is_empty());
    }
    if let Some(expire) = params.integer("expire") {
        token.expire = expire;
    }
    if let Some(privsep) = params.flag("privsep") {
        token.privsep = u8::from(privsep);
    }
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (id, mut token) = known(tx, params)?;
    set(&mut token, params);
    for field in params.list("delete") {
        match field.as_str() {
            "comment" => token.comment = None,
            "expire" => token.expire = 0,
            "privsep" => token.privsep = 1,
            _ => {}
        }
    }
    let mut answer = shown(&token);
    if params.is_set("regenerate") {
        answer["value"] = renew(tx, &id, &mut token).into();
        answer["full-tokenid"] = id.as_str().into();
    }
    tx.put(kind::TOKEN, &id, &token)?;
    Ok(answer)
}

pub(super) fn remove(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let (id, _) = known(tx, params)?;
    for (row, entry) in tx.scan::<AclEntry>(kind::ACL)? {
        if entry.ugid == id {
            tx.delete(kind::ACL, &row)?;
        }
    }
    tx.delete(kind::TOKEN, &id)?;
    Ok(Value::Null)
}
