//! Roles, and the least-privilege one that the runbooks really use.

use std::collections::BTreeSet;

use rhai::{Engine, plugin::*};
use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    literal,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::proxmox::{Identity, Method, Request, lenient};

use crate::{
    difference::Difference,
    field::Names,
    info::{Effect, OperationInfo},
    proxmox::{first_node, privileges},
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const ENSURE: &str = "proxmox::role::ensure";
const DERIVE: &str = "proxmox::role::derive";

pub(crate) const OPERATIONS: &[OperationInfo] = &[
    OperationInfo {
        name: ENSURE,
        effect: Effect::Change,
        positional: &["role"],
        schema: schema_of::<RoleSpec>,
        needs_root: false,
        requests: &[
            (Method::Get, "/access/roles/{roleid}"),
            (Method::Post, "/access/roles"),
            (Method::Put, "/access/roles/{roleid}"),
        ],
    },
    OperationInfo {
        name: DERIVE,
        effect: Effect::Read,
        positional: &[],
        schema: schema_of::<DeriveSpec>,
        needs_root: false,
        requests: &[],
    },
];

/// The argument of `proxmox::role::ensure`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RoleSpec {
    /// The role's name. Names that begin with `PVE` are Proxmox's own.
    role: String,
    /// Its privileges: `VM.Audit`, `Sys.Modify`, … No others are left in it.
    privileges: Names,
}
spec!(RoleSpec, |spec| format!("role {}", spec.role));

/// The argument of `proxmox::role::derive`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DeriveSpec {
    /// The operations that are to be possible. Default: those that this runbook and its modules call.
    #[serde(default)]
    operations: Names,
    /// Operations that the runbook names and this lab doesn't use.
    #[serde(default)]
    without: Names,
    /// Privileges that a role has, to be compared with those that are needed.
    granted: Option<Names>,
}
spec!(DeriveSpec, |_spec| "privileges".to_owned());

/// Roles.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};
    use runbook::bridge;

    use super::{Answer, DERIVE, ENSURE, identified};

    /// Ensures a role with exactly these privileges. Answers `role`.
    ///
    /// Errors: a privilege isn't one; the role is Proxmox's own.
    ///
    /// ```rhai
    /// proxmox::role::ensure("Example", #{ privileges: ["VM.Audit", "Datastore.Audit"] })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ensure(context: NativeCallContext, role: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("role", role)], spec)?;
        bridge::call(&context, ENSURE, argument, super::ensure_role)
    }

    /// Derives the least privileges that a token needs for operations, from the API's calls that they send.
    ///
    /// What only root@pam may do, and what gives away permissions (roles, users, tokens, ACL), is left out: a token
    /// that may grant can grant itself everything. Answers `privileges`, and with `granted` also `missing` and
    /// `unused`, which are remarked on too.
    ///
    /// Errors: there is no operation of a name.
    ///
    /// ```rhai
    /// proxmox::role::derive(#{ operations: ["proxmox::storage::ensure"], granted: ["Datastore.Allocate"] })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn derive(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, DERIVE, spec, super::derive_role)
    }
}

async fn ensure_role(operation: &Operation, spec: RoleSpec) -> Result<Fields, Halt> {
    let node = first_node(operation)?;
    let read = Request::get(Request::path(&["access", "roles", &spec.role]));
    let there = operation.find(&Identity::Root, &node, &read).await?;
    if let Some(write) = write(&spec, &node, there.as_ref(), read) {
        operation.write(write).await?;
    }
    let mut fields = Fields::new();
    fields.insert("role".to_owned(), json!(spec.role));
    Ok(fields)
}

fn write(spec: &RoleSpec, node: &str, there: Option<&Value>, read: Request) -> Option<Write> {
    let resource = format!("role {}", spec.role);
    let wanted = spec.privileges.sorted();
    let flags: serde_json::Map<String, Value> =
        wanted.iter().map(|name| (name.clone(), 1.into())).collect();
    let Some(observed) = there else {
        let request = Request::post("/access/roles")
            .with("roleid", &spec.role)
            .with("privs", wanted.join(","));
        let change = Change::create(resource, json!({ "privileges": wanted }));
        return Some(Write::request(
            change,
            &Identity::Root,
            node,
            request,
            (read, Condition::Exists),
        ));
    };
    let is = held(observed);
    if is == wanted {
        return None;
    }
    let mut difference = Difference::default();
    difference.add("privileges", Some(&json!(is)), json!(wanted));
    let request = Request::put(read.path.clone()).with("privs", wanted.join(","));
    let change = Change::update(resource, difference.before.into(), difference.after.into());
    // What is taken away must be gone too.
    let gone = is
        .into_iter()
        .filter(|name| !wanted.contains(name))
        .map(|name| (name, Value::Null));
    let proof: serde_json::Map<String, Value> = flags.into_iter().chain(gone).collect();
    Some(Write::request(
        change,
        &Identity::Root,
        node,
        request,
        (read, Condition::Matches(proof.into())),
    ))
}

/// The privileges that a role has, in order.
fn held(observed: &Value) -> Vec<String> {
    let flags = observed.as_object().into_iter().flatten();
    let mut held: Vec<String> = flags
        .filter(|(_, flag)| lenient::boolean(flag) == Some(true))
        .map(|(name, _)| name.clone())
        .collect();
    held.sort();
    held
}

async fn derive_role(operation: &Operation, spec: DeriveSpec) -> Result<Fields, Halt> {
    let mut names = if spec.operations.is_empty() {
        called(operation)?
    } else {
        spec.operations.0.iter().cloned().collect()
    };
    names.retain(|name| !spec.without.0.contains(name));
    let needed = privileges::of_operations(&names)?;
    let mut fields = Fields::new();
    if let Some(granted) = &spec.granted {
        let granted: BTreeSet<String> = granted.0.iter().cloned().collect();
        let missing: Vec<&String> = needed.difference(&granted).collect();
        let unused: Vec<&String> = granted.difference(&needed).collect();
        remark(operation, "lacks what the runbook uses", &missing);
        remark(operation, "has what the runbook doesn't use", &unused);
        fields.insert("missing".to_owned(), json!(missing));
        fields.insert("unused".to_owned(), json!(unused));
    }
    fields.insert("privileges".to_owned(), json!(needed));
    Ok(fields)
}

fn remark(operation: &Operation, what: &str, privileges: &[&String]) {
    if !privileges.is_empty() {
        let names: Vec<&str> = privileges.iter().map(|name| name.as_str()).collect();
        operation.remark(format!("the role {what}: {}", names.join(", ")));
    }
}

/// The operations that the runbook and its modules call.
fn called(operation: &Operation) -> Result<BTreeSet<String>, Failure> {
    // The sources are only read, so the engine needs no functions; the limits are those that they ran under.
    let mut engine = Engine::new_raw();
    engine.set_max_expr_depths(0, 0);
    let mut names = BTreeSet::new();
    for (file, source) in operation.run().script.sources() {
        let ast = engine.compile(&source).map_err(|error| {
            Failure::new(
                "homelab::runbook::syntax",
                format!("{file} can't be read: {error}"),
            )
        })?;
        literal::calls(&ast, |name, _, _| {
            if crate::operation(name).is_some() {
                names.insert(name.to_owned());
            }
        });
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_exactly_the_privileges() {
        let spec: RoleSpec =
            serde_json::from_value(json!({"role": "R", "privileges": "VM.Audit, Sys.Audit"}))
                .unwrap();
        let read = || Request::get("/access/roles/R");
        assert!(
            write(
                &spec,
                "n",
                Some(&json!({"Sys.Audit": 1, "VM.Audit": "1"})),
                read()
            )
            .is_none()
        );
        let changed = write(
            &spec,
            "n",
            Some(&json!({"Sys.Audit": 1, "Sys.Modify": 1})),
            read(),
        )
        .unwrap();
        assert_eq!(
            changed.change.before["privileges"],
            json!(["Sys.Audit", "Sys.Modify"])
        );
        let runbook::action::Proof::Proxmox { condition, .. } = changed.proof else {
            panic!("a read");
        };
        assert!(condition.holds(Some(&json!({"Sys.Audit": 1, "VM.Audit": 1}))));
        assert!(!condition.holds(Some(
            &json!({"Sys.Audit": 1, "VM.Audit": 1, "Sys.Modify": 1})
        )));
    }
}
