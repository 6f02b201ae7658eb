//! Roles, and the least-privilege one that the runbooks really use.

use std::collections::BTreeSet;

use rhai::Engine;
use runbook::{bridge::Fields, failure::Failure, halt::Halt, literal, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{code, proxmox::lenient};

use crate::{
    field::Names,
    info::Effect,
    operate::Operate,
    proxmox::{
        object::{At, Object, Wanted},
        privileges,
    },
};

/// Ensures a role with exactly these privileges. Answers `role`.
///
/// Errors: a privilege isn't one; the role is Proxmox's own.
///
/// ```rhai
/// proxmox::role::ensure("Example", #{ privileges: ["VM.Audit", "Datastore.Audit"] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleSpec {
    /// The role's name. Names that begin with `PVE` are Proxmox's own.
    role: String,
    /// Its privileges: `VM.Audit`, `Sys.Modify`, … No others are left in it.
    privileges: Names,
}

impl Object for RoleSpec {
    const NAME: &str = "proxmox::role::ensure";
    const NOUN: &str = "role";
    const ID: &str = "role";
    const AT: At = At::Path("/access/roles/{roleid}");

    fn id(&self) -> &str {
        &self.role
    }

    fn want(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure> {
        let names = self.privileges.sorted();
        let is = held(wanted.there());
        if is == names && !wanted.is_new() {
            return Ok(());
        }
        wanted.set("privileges", Some(&json!(is)), json!(names));
        wanted.send_nothing("privileges");
        wanted.send("privs", names.join(","));
        // A role is read as a flag for each privilege. What is taken away must be gone too.
        wanted.prove_nothing("privileges");
        for name in &names {
            wanted.prove(name, 1);
        }
        for name in is.into_iter().filter(|name| !names.contains(name)) {
            wanted.prove(name, Value::Null);
        }
        Ok(())
    }
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
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeriveSpec {
    /// The operations that are to be possible. Default: those that this runbook and its modules call.
    #[serde(default)]
    operations: Names,
    /// Operations that the runbook names and this lab doesn't use.
    #[serde(default)]
    without: Names,
    /// Privileges that a role has, to be compared with those that are needed.
    granted: Option<Names>,
}

impl Operate for DeriveSpec {
    const NAME: &str = "proxmox::role::derive";
    const EFFECT: Effect = Effect::Read;

    fn resource(&self) -> String {
        "privileges".to_owned()
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let mut names = if self.operations.is_empty() {
            called(operation)?
        } else {
            self.operations.0.iter().cloned().collect()
        };
        names.retain(|name| !self.without.0.contains(name));
        let needed = privileges::of_operations(&names)?;
        let mut fields = Fields::new();
        if let Some(granted) = &self.granted {
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
                code::runbook::syntax,
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
    use crate::proxmox::object::write;

    #[test]
    fn sets_exactly_the_privileges() {
        let spec: RoleSpec =
            serde_json::from_value(json!({"role": "R", "privileges": "VM.Audit, Sys.Audit"}))
                .unwrap();
        assert!(
            write(&spec, "n", Some(&json!({"Sys.Audit": 1, "VM.Audit": "1"})))
                .unwrap()
                .is_none()
        );
        let changed = write(&spec, "n", Some(&json!({"Sys.Audit": 1, "Sys.Modify": 1})))
            .unwrap()
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
