//! Permissions: which role whom is given on which path.

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Value, json};
use world::{
    code,
    proxmox::{Identity, Method, Request, lenient},
};

use crate::{
    difference::text,
    field::Names,
    info::{Effect, Sent},
    operate::{Operate, answered},
    proxmox::{
        first_node,
        only::{Set, There, only},
    },
};

/// Ensures that roles are granted on a path to groups, users and tokens. Other entries stay. Answers `path`.
///
/// An entry on a deeper path replaces what it would inherit, so name there all the roles that should hold.
///
/// Errors: nobody is named; there is no such path, role, group, user or token.
///
/// ```rhai
/// proxmox::group::ensure("example", #{});
/// proxmox::acl::ensure("/vms", #{ roles: ["PVEVMUser"], groups: ["example"] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AclSpec {
    /// The path, with a slash at its beginning: `/`, `/vms`, `/storage/nas`.
    #[serde(deserialize_with = "path")]
    path: String,
    /// The roles that are granted.
    roles: Names,
    /// The groups that get them.
    #[serde(default)]
    groups: Names,
    /// The users that get them.
    #[serde(default)]
    users: Names,
    /// The tokens that get them, by full id: `homelab@pve!runbooks`.
    #[serde(default)]
    tokens: Names,
    /// Whether what lies below the path inherits it. Default: yes.
    propagate: Option<bool>,
}

impl Operate for AclSpec {
    const NAME: &str = "proxmox::acl::ensure";
    const EFFECT: Effect = Effect::Change;
    const POSITIONAL: &[&str] = &["path"];

    fn requests() -> Vec<Sent> {
        vec![(Method::Get, "/access/acl"), (Method::Put, "/access/acl")]
    }

    fn resource(&self) -> String {
        format!("permissions on {}", self.path)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        if self.entries().is_empty() {
            let message = format!(
                "the permission on {} grants nothing: name roles, and groups, users or tokens",
                self.path
            );
            return Err(Failure::new(code::runbook::argument, message).into());
        }
        let node = first_node(operation)?;
        let list = Request::get("/access/acl");
        let answer = operation.read(&Identity::Root, &node, &list).await?;
        if let Some(write) = write(&self, &node, answer.items(), list) {
            operation.write(write).await?;
        }
        Ok(answered([("path", json!(self.path))]))
    }
}

impl AclSpec {
    fn propagates(&self) -> bool {
        self.propagate.unwrap_or(true)
    }

    /// Every entry that is wanted, as the API lists them.
    fn entries(&self) -> Vec<Value> {
        let who = [
            ("group", &self.groups),
            ("user", &self.users),
            ("token", &self.tokens),
        ];
        let mut entries = Vec::new();
        for (kind, names) in who {
            for name in names.sorted() {
                for role in self.roles.sorted() {
                    entries.push(json!({
                        "path": self.path,
                        "type": kind,
                        "ugid": name,
                        "roleid": role,
                        "propagate": u8::from(self.propagates()),
                    }));
                }
            }
        }
        entries
    }
}

/// Reads a path as Proxmox keeps it: one slash between its parts, and none at its end.
fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    // An empty text would be `/`, and the grant hold everywhere.
    if !text.starts_with('/') {
        return Err(D::Error::custom(format!(
            "a path of permissions begins with a slash: '/vms', not '{text}'"
        )));
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    Ok(format!("/{}", parts.join("/")))
}

fn is_there(wanted: &Value, listed: &[Value]) -> bool {
    listed.iter().any(|entry| {
        let same = |name: &str| text(entry, name) == text(wanted, name);
        let propagates = entry
            .get("propagate")
            .and_then(lenient::boolean)
            .unwrap_or(true);
        same("path")
            && same("type")
            && same("ugid")
            && same("roleid")
            && Some(propagates) == wanted.get("propagate").and_then(lenient::boolean)
    })
}

fn write(spec: &AclSpec, node: &str, listed: &[Value], list: Request) -> Option<Write> {
    let missing: Vec<Value> = spec
        .entries()
        .into_iter()
        .filter(|entry| !is_there(entry, listed))
        .collect();
    // One request sets them all, so any one of them proves the others.
    let witness = missing.first()?.clone();
    let some = |names: &Names| (!names.is_empty()).then(|| names.sorted().join(","));
    let request = Request::put("/access/acl")
        .with("path", &spec.path)
        .with("roles", spec.roles.sorted().join(","))
        .with_some("groups", some(&spec.groups))
        .with_some("users", some(&spec.users))
        .with_some("tokens", some(&spec.tokens))
        .with("propagate", spec.propagates());
    let granted: Vec<String> = missing
        .iter()
        .map(|entry| {
            format!(
                "{} to {} {}",
                text(entry, "roleid"),
                text(entry, "type"),
                text(entry, "ugid")
            )
        })
        .collect();
    let after = json!({ "granted": granted, "propagate": spec.propagates() });
    let things = missing.iter().map(thing).collect();
    let change = Change::create(format!("permissions on {}", spec.path), after).with_things(things);
    Some(Write::request(
        change,
        &Identity::Root,
        node,
        request,
        (list, Condition::Contains(witness)),
    ))
}

/// What an entry of the list is called.
fn thing(entry: &Value) -> String {
    let field = |name| text(entry, name);
    let (role, kind, who) = (field("roleid"), field("type"), field("ugid"));
    format!("permission {role} of {kind} {who} on {}", field("path"))
}

/// Takes back what homelab granted and the rows don't name any more. Answers `removed` and `foreign`.
///
/// What homelab didn't grant stays, and is told. Where no row is left, or more than half of what homelab granted would go,
/// it's asked.
///
/// Errors: see `proxmox::acl::ensure`.
///
/// ```rhai
/// proxmox::group::ensure("example", #{});
/// proxmox::acl::ensure("/vms", #{ roles: ["PVEVMUser"], groups: ["example"] });
/// proxmox::acl::only([#{ path: "/vms", roles: ["PVEVMUser"], groups: ["example"] }])
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnlySpec {
    /// All permissions that are wanted: what `proxmox::acl::ensure` takes, with `path`.
    rows: Vec<AclSpec>,
}

impl Operate for OnlySpec {
    const NAME: &str = "proxmox::acl::only";
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["rows"];

    fn requests() -> Vec<Sent> {
        AclSpec::requests()
    }

    fn resource(&self) -> String {
        "permissions".to_owned()
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let wanted = self.rows.iter().flat_map(AclSpec::entries);
        let wanted: Vec<String> = wanted.map(|entry| thing(&entry)).collect();
        only(&PERMISSIONS, &wanted, operation).await
    }
}

const PERMISSIONS: Set = Set {
    noun: "permissions",
    list: "/access/acl",
    there,
};

fn there(entry: &Value) -> There {
    let kind = text(entry, "type");
    let list = match kind.as_str() {
        "group" => "groups",
        "user" => "users",
        _ => "tokens",
    };
    let same = |name: &str| (name.to_owned(), Value::from(text(entry, name)));
    There {
        thing: thing(entry),
        before: entry.clone(),
        remove: Request::put("/access/acl")
            .with("path", text(entry, "path"))
            .with("roles", text(entry, "roleid"))
            .with(list, text(entry, "ugid"))
            .with("delete", true),
        gone: Condition::Lacks(
            ["path", "roleid", "type", "ugid"]
                .map(same)
                .into_iter()
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_compared_as_proxmox_keeps_it() {
        for (given, kept) in [
            ("/vms/", "/vms"),
            ("//vms//100", "/vms/100"),
            ("/", "/"),
            ("//", "/"),
        ] {
            let spec: AclSpec =
                serde_json::from_value(json!({"path": given, "roles": "A", "users": ["root@pam"]}))
                    .unwrap();
            let listed = [
                json!({"path": kept, "type": "user", "ugid": "root@pam", "roleid": "A", "propagate": 1}),
            ];
            assert!(
                write(&spec, "pve1", &listed, Request::get("/access/acl")).is_none(),
                "{given}"
            );
        }
    }

    #[test]
    fn a_path_that_is_none_grants_nothing() {
        for path in ["", " ", "vms", " /vms"] {
            let spec = json!({"path": path, "roles": "A", "users": ["root@pam"]});
            let error = serde_json::from_value::<AclSpec>(spec).unwrap_err();
            assert!(
                error.to_string().contains("begins with a slash"),
                "{path:?}: {error}"
            );
        }
    }

    #[test]
    fn grants_what_is_missing() {
        let spec: AclSpec = serde_json::from_value(
            json!({"path": "/vms", "roles": "B, A", "groups": ["g"], "tokens": ["u@pve!t"]}),
        )
        .unwrap();
        let mut listed = spec.entries();
        assert_eq!(listed.len(), 4);
        assert!(write(&spec, "pve1", &listed, Request::get("/access/acl")).is_none());
        listed[0]["propagate"] = json!("0");
        listed.pop();
        let write = write(&spec, "pve1", &listed, Request::get("/access/acl")).unwrap();
        assert_eq!(
            write.change.after["granted"],
            json!(["A to group g", "B to token u@pve!t"])
        );
    }
}
