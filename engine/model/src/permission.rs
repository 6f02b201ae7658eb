//! Who may do what: roles on paths, with propagation, groups, pools and tokens.

use std::{borrow::Borrow, collections::BTreeMap};

use formats::names;

use super::{
    access::{AclEntry, Group, Holder, Token},
    declare::{Check, Groups, Permission},
    kind,
    params::Params,
    privilege::PRIVILEGES,
    rows::Key,
    stop::Stop,
    transaction::Tx,
};

/// Privileges, each with whether it holds below the path too.
pub type Privileges = BTreeMap<String, bool>;

/// Checks whether the caller may make a call.
///
/// # Errors
/// 403 in the API's words, or the rows' fault.
pub fn check(tx: &mut Tx<'_>, permission: &Permission, params: &Params) -> Result<(), Stop> {
    match permission {
        Permission::World => Ok(()),
        _ if tx.caller.id.is_empty() => Err(Stop::forbidden("")),
        _ if tx.caller.is_root() => Ok(()),
        Permission::Root => Err(Stop::forbidden("user != root@pam")),
        Permission::All => Ok(()),
        Permission::Check(check) => verify(tx, check, params),
    }
}

/// Checks one condition.
///
/// # Errors
/// 403 in the API's words, or the rows' fault.
pub fn verify(tx: &mut Tx<'_>, check: &Check, params: &Params) -> Result<(), Stop> {
    match check {
        Check::Perm(path, privileges) => require(tx, &fill(path, params), privileges),
        Check::Any(path, privileges) => require_any(tx, &fill(path, params), privileges),
        Check::PermIf(path, privileges, needed) if params.has(needed) => {
            require(tx, &fill(path, params), privileges)
        }
        Check::PermIf(..) => Err(Stop::forbidden("")),
        Check::And(checks) => checks.iter().try_for_each(|each| verify(tx, each, params)),
        Check::Or(checks) => {
            for each in checks {
                match verify(tx, each, params) {
                    Err(Stop::Api(_)) => {}
                    decided => return decided,
                }
            }
            Err(Stop::forbidden(""))
        }
        Check::UserSelf => {
            let userid = params.required("userid");
            tx.known_user(&userid)?;
            if tx.caller.id == userid {
                Ok(())
            } else {
                Err(Stop::forbidden(""))
            }
        }
        Check::UserRealm(privilege) => {
            let userid = params.required("userid");
            super::access::check_userid(&userid).map_err(Stop::fail)?;
            let realm = userid.rsplit('@').next().unwrap_or_default();
            require(tx, &format!("/access/realm/{realm}"), &[privilege.as_str()])
        }
        Check::UserGroup(privileges, groups) => user_group(tx, privileges, *groups, params),
        Check::Modify(path) => modify(tx, &fill(path, params)),
    }
}

/// Needs every one of the privileges on a path; the first that lacks is named.
///
/// # Errors
/// 403, or the rows' fault.
pub fn require<P: Borrow<str>>(tx: &mut Tx<'_>, path: &str, privileges: &[P]) -> Result<(), Stop> {
    let held = caller_privileges(tx, path)?;
    let mut privileges = privileges.iter().map(Borrow::borrow);
    match privileges.find(|privilege| !held.contains_key(*privilege)) {
        Some(lacking) => Err(Stop::denied(path, lacking)),
        None => Ok(()),
    }
}

/// Needs any of the privileges on a path.
///
/// # Errors
/// 403, or the rows' fault.
pub fn require_any<P: Borrow<str>>(
    tx: &mut Tx<'_>,
    path: &str,
    privileges: &[P],
) -> Result<(), Stop> {
    if has_any(tx, path, privileges)? {
        Ok(())
    } else {
        Err(Stop::denied(path, &privileges.join("|")))
    }
}

/// Whether the caller has any of the privileges on a path.
///
/// # Errors
/// The rows' fault.
pub fn has_any<P: Borrow<str>>(
    tx: &mut Tx<'_>,
    path: &str,
    privileges: &[P],
) -> Result<bool, Stop> {
    let held = caller_privileges(tx, path)?;
    Ok(privileges
        .iter()
        .any(|privilege| held.contains_key(privilege.borrow())))
}

/// The right to change rights on a path; some paths have a second privilege that is enough.
fn modify(tx: &mut Tx<'_>, path: &str) -> Result<(), Stop> {
    let mut privileges = vec!["Permissions.Modify"];
    for (prefix, privilege) in [
        ("/storage/", "Datastore.Allocate"),
        ("/vms/", "VM.Allocate"),
        ("/pool/", "Pool.Allocate"),
    ] {
        if path.starts_with(prefix) {
            privileges.push(privilege);
        }
    }
    require_any(tx, path, &privileges)
}

fn user_group(
    tx: &mut Tx<'_>,
    privileges: &[String],
    groups: Groups,
    params: &Params,
) -> Result<(), Stop> {
    let userid = params.required("userid");
    if groups != Groups::Create {
        tx.known_user(&userid)?;
    }
    if has_any(tx, "/access/groups", privileges)? {
        return Ok(());
    }
    let mut allowed = Vec::new();
    for (name, group) in tx.scan::<Group>(kind::GROUP)? {
        if has_any(tx, &format!("/access/groups/{name}"), privileges)? {
            allowed.push((name, group));
        }
    }
    if groups != Groups::None {
        let wanted = params.list("groups");
        if wanted.is_empty() && groups == Groups::Create {
            return Err(Stop::denied("/access/groups", &privileges.join(", ")));
        }
        for name in wanted {
            if !allowed.iter().any(|(known, _)| *known == name) {
                let path = format!("/access/groups/{name}");
                return Err(Stop::denied(&path, &privileges.join(", ")));
            }
        }
    }
    let member = |(_, group): &(String, Group)| group.users.contains(&userid);
    if groups == Groups::Create || allowed.iter().any(member) {
        Ok(())
    } else {
        Err(Stop::forbidden(""))
    }
}

/// `{name}` replaced by parameters; doubled and trailing slashes removed.
fn fill(template: &str, params: &Params) -> String {
    let mut path = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        path.push_str(before);
        path.push_str(&params.required(name));
        rest = tail;
    }
    path.push_str(rest);
    normalise(&path)
}

/// A path as the access control list has it: one slash before each part, none behind the last.
#[must_use]
pub fn normalise(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    format!("/{}", parts.join("/"))
}

/// The caller's privileges on a path.
///
/// # Errors
/// The rows' fault.
pub fn caller_privileges(tx: &mut Tx<'_>, path: &str) -> Result<Privileges, Stop> {
    let caller = tx.caller.id.clone();
    privileges_on(tx, &caller, path)
}

/// The privileges of a user or token on a path.
///
/// # Errors
/// The rows' fault.
pub fn privileges_on(tx: &mut Tx<'_>, who: &str, path: &str) -> Result<Privileges, Stop> {
    if who == "root@pam" {
        return Ok(PRIVILEGES
            .iter()
            .map(|name| ((*name).to_owned(), true))
            .collect());
    }
    let Some((user, _)) = names::token_parts(who) else {
        return if tx.is_enabled(who)? {
            own_privileges(tx, who, path)
        } else {
            Ok(Privileges::new())
        };
    };
    let cluster = tx.cluster()?;
    let token: Option<Token> = tx.read(&Key::new(cluster, kind::TOKEN, who))?;
    let Some(token) = token else {
        return Ok(Privileges::new());
    };
    let of_user = privileges_on(tx, user, path)?;
    if token.privsep == 0 {
        return Ok(of_user);
    }
    let mut own = own_privileges(tx, who, path)?;
    own.retain(|privilege, _| of_user.contains_key(privilege));
    Ok(own)
}

fn own_privileges(tx: &mut Tx<'_>, who: &str, path: &str) -> Result<Privileges, Stop> {
    let entries: Vec<AclEntry> = tx
        .scan::<AclEntry>(kind::ACL)?
        .into_iter()
        .map(|(_, entry)| entry)
        .collect();
    let groups = if names::token_parts(who).is_some() {
        Vec::new()
    } else {
        tx.groups_of(who)?
    };
    let mut roles = roles_on(&entries, who, &groups, path);
    if !roles.contains_key("NoAccess")
        && let Some(pool) = pool_of(tx, path)?
    {
        for (role, propagate) in roles_on(&entries, who, &groups, &format!("/pool/{pool}")) {
            roles.entry(role).or_insert(propagate);
        }
    }
    let mut privileges = Privileges::new();
    for (role, propagate) in roles {
        for privilege in tx.privileges_of(&role)?.unwrap_or_default() {
            *privileges.entry(privilege).or_default() |= propagate;
        }
    }
    Ok(privileges)
}

/// The roles on a path: a deeper entry replaces what was inherited, a user's own entry that of groups.
fn roles_on(
    entries: &[AclEntry],
    who: &str,
    groups: &[String],
    path: &str,
) -> BTreeMap<String, bool> {
    let mut roles = BTreeMap::new();
    for prefix in prefixes(path) {
        let is_final = prefix == path;
        let pick = |fits: &dyn Fn(&AclEntry) -> bool| -> BTreeMap<String, bool> {
            entries
                .iter()
                .filter(|entry| entry.path == prefix && fits(entry))
                .filter(|entry| is_final || entry.propagate != 0)
                .map(|entry| (entry.roleid.clone(), entry.propagate != 0))
                .collect()
        };
        let own = pick(&|entry| entry.holder != Holder::Group && entry.ugid == who);
        let new = if own.is_empty() {
            pick(&|entry| entry.holder == Holder::Group && groups.contains(&entry.ugid))
        } else {
            own
        };
        if !new.is_empty() {
            roles = new;
        }
    }
    if let Some(propagate) = roles.get("NoAccess").copied() {
        roles = BTreeMap::from([("NoAccess".to_owned(), propagate)]);
    }
    roles
}

/// `/`, `/vms`, `/vms/100`.
fn prefixes(path: &str) -> Vec<String> {
    let mut all = vec!["/".to_owned()];
    let mut so_far = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        so_far = format!("{so_far}/{part}");
        all.push(so_far.clone());
    }
    all
}

/// The pool that holds the guest or storage of a path.
fn pool_of(tx: &mut Tx<'_>, path: &str) -> Result<Option<String>, Stop> {
    let (list, member) = match path.strip_prefix("/vms/") {
        Some(vmid) => ("vms", vmid),
        None => match path.strip_prefix("/storage/") {
            Some(storage) => ("storage", storage),
            None => return Ok(None),
        },
    };
    let pools = tx.scan::<serde_json::Value>(kind::POOL)?;
    Ok(pools
        .into_iter()
        .find(|(_, pool)| {
            pool[list]
                .as_array()
                .is_some_and(|items| items.iter().any(|item| *item == *member))
        })
        .map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, holder: Holder, ugid: &str, roleid: &str, propagate: u8) -> AclEntry {
        AclEntry {
            path: path.to_owned(),
            holder,
            ugid: ugid.to_owned(),
            roleid: roleid.to_owned(),
            propagate,
        }
    }

    #[test]
    fn a_deeper_entry_replaces_what_is_inherited_and_an_own_one_that_of_groups() {
        let entries = [
            entry("/", Holder::Group, "all", "PVEAuditor", 1),
            entry("/vms", Holder::User, "a@pve", "PVEVMUser", 1),
            entry("/vms/100", Holder::Group, "all", "PVEVMAdmin", 0),
            entry("/vms/101", Holder::User, "a@pve", "NoAccess", 1),
            entry("/pool", Holder::Token, "a@pve!ci", "PVEPoolUser", 0),
        ];
        let roles = |who: &str, path: &str| {
            let groups = if names::token_parts(who).is_some() {
                vec![]
            } else {
                vec!["all".to_owned()]
            };
            let found = roles_on(&entries, who, &groups, path);
            found.into_keys().collect::<Vec<_>>().join(",")
        };
        for (who, path, expected) in [
            ("a@pve", "/", "PVEAuditor"),
            ("a@pve", "/storage/x", "PVEAuditor"),
            ("a@pve", "/vms", "PVEVMUser"),
            ("a@pve", "/vms/100", "PVEVMAdmin"),
            ("a@pve", "/vms/100/x", "PVEVMUser"),
            ("a@pve", "/vms/101", "NoAccess"),
            ("b@pve", "/vms/100", "PVEVMAdmin"),
            ("a@pve!ci", "/", ""),
            ("a@pve!ci", "/pool", "PVEPoolUser"),
            ("a@pve!ci", "/pool/x", ""),
        ] {
            assert_eq!(roles(who, path), expected, "{who} on {path}");
        }
    }

    #[test]
    fn paths_have_one_slash_before_each_part() {
        for (path, normal) in [
            ("/", "/"),
            ("//vms//100/", "/vms/100"),
            ("vms", "/vms"),
            ("", "/"),
        ] {
            assert_eq!(normalise(path), normal);
        }
        let params = Params(serde_json::Map::from_iter([(
            "vmid".to_owned(),
            "7".into(),
        )]));
        assert_eq!(fill("/vms/{vmid}", &params), "/vms/7");
        assert_eq!(fill("/vms/{absent}", &params), "/vms");
    }
}
