//! `/access/acl`.

use formats::names;
use model::{
    Params, Stop, Tx,
    access::{AclEntry, Group, Holder, Token},
    kind, permission,
};
use serde_json::{Value, json};

pub(super) fn list(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let all = permission::has_any(tx, "/access", &["Sys.Audit", "Permissions.Modify"])?;
    let mut rows = Vec::new();
    for (_, entry) in tx.scan::<AclEntry>(kind::ACL)? {
        if all || permission::has_any(tx, &entry.path, &["Permissions.Modify"])? {
            rows.push(json!(entry));
        }
    }
    Ok(Value::Array(rows))
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let sent = ["users", "groups", "tokens"];
    if sent.iter().all(|name| params.list(name).is_empty()) {
        let words = "either 'users', 'groups' or 'tokens' is required.";
        return Err(Stop::invalid(sent.map(|name| (name, words))));
    }
    let given = params.required("path");
    let path = permission::normalise(&given);
    if !is_path(&path) {
        return Err(Stop::invalid_one(
            "path",
            format!("invalid ACL path '{given}'"),
        ));
    }
    let remove = params.is_set("delete");
    let failed = |stop: Stop| stop.within("ACL update failed");
    let propagate = u8::from(params.flag("propagate").unwrap_or(true));
    for roleid in params.list("roles") {
        if tx.privileges_of(&roleid)?.is_none() {
            return Err(failed(Stop::fail(format!(
                "role '{roleid}' does not exist"
            ))));
        }
        for (holder, ugid) in holders(params) {
            if !remove {
                check_holder(tx, holder, &ugid).map_err(failed)?;
            }
            let (path, roleid) = (path.clone(), roleid.clone());
            let entry = AclEntry {
                path,
                holder,
                ugid,
                roleid,
                propagate,
            };
            if remove {
                tx.delete(kind::ACL, &entry.id())?;
            } else {
                tx.put(kind::ACL, &entry.id(), &entry)?;
            }
        }
    }
    Ok(Value::Null)
}

fn holders(params: &Params) -> Vec<(Holder, String)> {
    let lists = [
        ("groups", Holder::Group),
        ("users", Holder::User),
        ("tokens", Holder::Token),
    ];
    lists
        .into_iter()
        .flat_map(|(name, holder)| {
            params
                .list(name)
                .into_iter()
                .map(move |ugid| (holder, ugid))
        })
        .collect()
}

fn check_holder(tx: &mut Tx<'_>, holder: Holder, ugid: &str) -> Result<(), Stop> {
    let absent = |what: &str| Stop::fail(format!("{what} '{ugid}' does not exist"));
    match holder {
        Holder::Group if tx.get::<Group>(kind::GROUP, ugid)?.is_none() => Err(absent("group")),
        Holder::User if tx.user(ugid)?.is_none() => Err(absent("user")),
        Holder::Token => {
            let (user, name) = names::token_parts(ugid).unwrap_or((ugid, ""));
            tx.known_user(user)?;
            match tx.get::<Token>(kind::TOKEN, ugid)? {
                Some(_) => Ok(()),
                None => Err(Stop::fail(format!(
                    "no such token '{name}' for user '{user}'"
                ))),
            }
        }
        Holder::Group | Holder::User => Ok(()),
    }
}

/// Whether rights can be given on a path.
fn is_path(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let plain = |part: &&str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-_@".contains(c))
    };
    let number = |part: &str| part.len() >= 3 && part.bytes().all(|b| b.is_ascii_digit());
    match parts.as_slice() {
        [""] => true,
        ["access"] | ["mapping"] | ["nodes"] | ["pool"] | ["sdn"] | ["storage"] | ["vms"] => true,
        ["access", "acl" | "groups" | "realm"] | ["mapping", "pci" | "usb" | "dir"] => true,
        ["mapping", "notifications"]
        | [
            "sdn",
            "controllers" | "dns" | "ipams" | "zones" | "fabrics" | "prefix-lists" | "route-maps",
        ] => true,
        ["access", "groups" | "realm", name]
        | ["mapping", "pci" | "usb" | "dir" | "notifications", name] => plain(name),
        [
            "sdn",
            "controllers" | "dns" | "ipams" | "zones" | "fabrics" | "prefix-lists" | "route-maps",
            name,
        ] => plain(name),
        ["sdn", "zones", zone, bridge] => plain(zone) && plain(bridge),
        ["sdn", "zones", zone, bridge, tag] => {
            plain(zone) && plain(bridge) && tag.bytes().all(|b| b.is_ascii_digit())
        }
        ["nodes" | "storage", name] => plain(name),
        ["vms", vmid] => number(vmid),
        ["pool", names @ ..] => names.len() <= 3 && names.iter().all(plain),
        _ => false,
    }
}
