//! Users with their tokens, groups, roles, realms, the access control list.

use model::{
    access::{AclEntry, Group, Holder, Role, Token, User},
    kind,
};
use serde_json::{Map, Value, json};

use super::{
    Cell, Loaded, Row, Scope, Vantage, integer, list, objects, once, row, success, text, without,
};
use crate::preview::reader::Reading;

const AUDIT: &[&str] = &["Sys.Audit", "User.Modify"];

pub(super) const CELLS: &[Cell] = &[
    Cell {
        kinds: &[kind::USER, kind::TOKEN],
        what: "the users and tokens",
        scope: Scope::Cluster,
        needs: &[("/access/groups", AUDIT)],
        reads: |_, answers| once(answers, &["/access/users?full=1".to_owned()]),
        load: users,
    },
    Cell {
        kinds: &[kind::GROUP],
        what: "the groups",
        scope: Scope::Cluster,
        needs: &[("/access/groups", AUDIT)],
        reads: |_, answers| once(answers, &["/access/groups".to_owned()]),
        load: groups,
    },
    Cell {
        kinds: &[kind::ROLE],
        what: "the roles",
        scope: Scope::Cluster,
        needs: &[],
        reads: |_, answers| once(answers, &["/access/roles".to_owned()]),
        load: roles,
    },
    Cell {
        kinds: &[kind::ACL],
        what: "the access control list",
        scope: Scope::Cluster,
        needs: &[("/access", &["Sys.Audit", "Permissions.Modify"])],
        reads: |_, answers| once(answers, &["/access/acl".to_owned()]),
        load: entries,
    },
    Cell {
        kinds: &[kind::REALM],
        what: "the realms",
        scope: Scope::Cluster,
        needs: &[],
        reads: |_, answers| once(answers, &["/access/domains".to_owned()]),
        load: realms,
    },
    Cell {
        kinds: &[kind::PASSWORD],
        what: "the passwords, which nobody can read",
        scope: Scope::Cluster,
        needs: &[],
        reads: |_, _| Vec::new(),
        load: |_, _| Err("they are kept as hashes".to_owned()),
    },
];

fn typed(value: impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

fn comment(object: &Map<String, Value>) -> Option<String> {
    Some(text(object, "comment")).filter(|comment| !comment.is_empty())
}

fn users(_: &Vantage, answers: &[Reading]) -> Loaded {
    const SHOWN: &[&str] = &[
        "userid",
        "enable",
        "expire",
        "realm-type",
        "groups",
        "tokens",
        "tfa-locked-until",
        "totp-locked",
    ];
    let mut rows = Vec::new();
    for user in objects(success(answers, 0)?) {
        let userid = text(user, "userid");
        let tokens = user.get("tokens").and_then(Value::as_array);
        for token in tokens.into_iter().flatten().filter_map(Value::as_object) {
            let id = format!("{userid}!{}", text(token, "tokenid"));
            rows.push(row(kind::TOKEN, id, typed(loaded_token(token))?));
        }
        let loaded = User {
            enable: u8::from(integer(user, "enable").unwrap_or(1) != 0),
            expire: integer(user, "expire").unwrap_or_default(),
            details: without(user, SHOWN),
        };
        rows.push(row(kind::USER, userid, typed(loaded)?));
    }
    Ok(rows)
}

fn loaded_token(token: &Map<String, Value>) -> Token {
    Token {
        comment: comment(token),
        expire: integer(token, "expire").unwrap_or_default(),
        privsep: u8::from(integer(token, "privsep").unwrap_or(1) != 0),
        // Nobody can read a secret back.
        secret: None,
        generation: 0,
    }
}

fn groups(_: &Vantage, answers: &[Reading]) -> Loaded {
    objects(success(answers, 0)?)
        .map(|group| {
            let loaded = Group {
                comment: comment(group),
                users: list(&text(group, "users")),
            };
            Ok(row(kind::GROUP, text(group, "groupid"), typed(loaded)?))
        })
        .collect()
}

fn roles(_: &Vantage, answers: &[Reading]) -> Loaded {
    objects(success(answers, 0)?)
        .filter(|role| integer(role, "special") != Some(1))
        .map(|role| {
            let privileges = list(&text(role, "privs"));
            Ok(row(
                kind::ROLE,
                text(role, "roleid"),
                typed(Role { privileges })?,
            ))
        })
        .collect()
}

fn entries(_: &Vantage, answers: &[Reading]) -> Loaded {
    objects(success(answers, 0)?)
        .map(|entry| {
            let holder = match text(entry, "type").as_str() {
                "user" => Holder::User,
                "group" => Holder::Group,
                "token" => Holder::Token,
                other => return Err(format!("an entry for a '{other}'")),
            };
            let loaded = AclEntry {
                path: text(entry, "path"),
                holder,
                ugid: text(entry, "ugid"),
                roleid: text(entry, "roleid"),
                propagate: u8::from(integer(entry, "propagate").unwrap_or(1) != 0),
            };
            Ok(row(kind::ACL, loaded.id(), typed(loaded)?))
        })
        .collect()
}

fn realms(_: &Vantage, answers: &[Reading]) -> Loaded {
    let realm = |realm: &Map<String, Value>| -> Row {
        row(
            kind::REALM,
            text(realm, "realm"),
            json!(without(realm, &["realm"])),
        )
    };
    Ok(objects(success(answers, 0)?).map(realm).collect())
}
