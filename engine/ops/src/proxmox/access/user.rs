//! Users.

use rhai::plugin::*;
use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use world::proxmox::{Identity, Method, Request, lenient};

use crate::{
    difference::{Difference, text},
    field::Names,
    info::{Effect, OperationInfo},
    proxmox::first_node,
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const ENSURE: &str = "proxmox::user::ensure";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo {
    name: ENSURE,
    effect: Effect::Change,
    positional: &["user"],
    schema: schema_of::<UserSpec>,
    needs_root: false,
    requests: &[
        (Method::Get, "/access/users/{userid}"),
        (Method::Post, "/access/users"),
        (Method::Put, "/access/users/{userid}"),
    ],
}];

/// The argument of `proxmox::user::ensure`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserSpec {
    /// The user with its realm: `homelab@pve`.
    user: String,
    /// The groups that it's in. Default: as they are.
    groups: Option<Names>,
    /// A comment. Default: as it is.
    comment: Option<String>,
    /// Whether it may log in. Default: yes.
    enable: Option<bool>,
}
spec!(UserSpec, |spec| format!("user {}", spec.user));

/// Users.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, ENSURE, identified};

    /// Ensures a user and its groups. It gets no password: tokens log in for it. Answers `user`.
    ///
    /// Errors: there is no such realm or group.
    ///
    /// ```rhai
    /// proxmox::group::ensure("example", #{});
    /// proxmox::user::ensure("example@pve", #{ groups: ["example"], comment: "Runs examples" })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ensure(context: NativeCallContext, user: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("user", user)], spec)?;
        runbook::bridge::call(&context, ENSURE, argument, super::run)
    }
}

async fn run(operation: &Operation, spec: UserSpec) -> Result<Fields, Halt> {
    let node = first_node(operation)?;
    let read = Request::get(Request::path(&["access", "users", &spec.user]));
    let there = operation.find(&Identity::Root, &node, &read).await?;
    if let Some(write) = write(&spec, &node, there.as_ref(), read) {
        operation.write(write).await?;
    }
    let mut fields = Fields::new();
    fields.insert("user".to_owned(), json!(spec.user));
    Ok(fields)
}

fn write(spec: &UserSpec, node: &str, there: Option<&Value>, read: Request) -> Option<Write> {
    let resource = format!("user {}", spec.user);
    let difference = difference(spec, there.unwrap_or(&Value::Null));
    let (change, request, proof) = match there {
        None => {
            let after: Map<String, Value> = difference
                .after
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect();
            let request = Request::post("/access/users").with("userid", &spec.user);
            (
                Change::create(resource, after.clone().into()),
                with(request, &after),
                Condition::Exists,
            )
        }
        Some(_) if difference.is_empty() => return None,
        Some(_) => {
            let after = Value::Object(difference.after.clone());
            let request = with(Request::put(read.path.clone()), &difference.after);
            let mut wanted = difference.after;
            if let Some(groups) = spec
                .groups
                .as_ref()
                .filter(|_| wanted.contains_key("groups"))
            {
                wanted.insert("groups".to_owned(), groups.sorted().into());
            }
            (
                Change::update(resource, difference.before.into(), after),
                request,
                Condition::Matches(wanted.into()),
            )
        }
    };
    Some(Write::request(
        change,
        &Identity::Root,
        node,
        request,
        (read, proof),
    ))
}

fn with(request: Request, fields: &Map<String, Value>) -> Request {
    let value = |value: &Value| lenient::text(value).unwrap_or_default();
    fields.iter().fold(request, |request, (name, field)| {
        request.with(name, value(field))
    })
}

fn difference(spec: &UserSpec, observed: &Value) -> Difference {
    let mut difference = Difference::default();
    let mut flat = json!({ "groups": groups(observed) });
    for name in ["comment", "enable"] {
        flat[name] = observed.get(name).cloned().unwrap_or_default();
    }
    difference.names(&flat, "groups", spec.groups.as_ref());
    difference.text(&flat, "comment", spec.comment.as_deref());
    difference.flag(&flat, "enable", Some(spec.enable.unwrap_or(true)), true);
    difference
}

/// The groups, which one call answers as a list and another as text.
fn groups(observed: &Value) -> String {
    match observed.get("groups") {
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(lenient::text)
            .collect::<Vec<_>>()
            .join(","),
        _ => text(observed, "groups"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_groups_as_a_set() {
        let spec: UserSpec =
            serde_json::from_value(json!({"user": "a@pve", "groups": ["y", "x"], "comment": "c"}))
                .unwrap();
        let table = [
            (
                json!({"groups": ["x", "y"], "comment": "c", "enable": 1}),
                json!({}),
            ),
            (json!({"groups": "x,y", "comment": "c"}), json!({})),
            (
                json!({"groups": ["x"], "comment": "c", "enable": 1}),
                json!({"groups": "x,y"}),
            ),
            (
                json!({"groups": ["x", "y"], "enable": 0}),
                json!({"comment": "c", "enable": true}),
            ),
            (Value::Null, json!({"groups": "x,y", "comment": "c"})),
        ];
        for (observed, after) in table {
            assert_eq!(
                Value::Object(difference(&spec, &observed).after),
                after,
                "{observed}"
            );
        }
    }
}
