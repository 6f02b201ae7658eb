//! Groups of users.

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
use serde_json::{Value, json};
use world::proxmox::{Identity, Method, Request};

use crate::{
    difference::Difference,
    info::{Effect, OperationInfo},
    proxmox::first_node,
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const ENSURE: &str = "proxmox::group::ensure";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo {
    name: ENSURE,
    effect: Effect::Change,
    positional: &["group"],
    schema: schema_of::<GroupSpec>,
    needs_root: false,
    requests: &[
        (Method::Get, "/access/groups/{groupid}"),
        (Method::Post, "/access/groups"),
        (Method::Put, "/access/groups/{groupid}"),
    ],
}];

/// The argument of `proxmox::group::ensure`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GroupSpec {
    /// The group's name.
    group: String,
    /// A comment. Default: as it is.
    comment: Option<String>,
}
spec!(GroupSpec, |spec| format!("group {}", spec.group));

/// Groups.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, ENSURE, identified};

    /// Ensures a group of users. Answers `group`.
    ///
    /// Errors: the name isn't one.
    ///
    /// ```rhai
    /// proxmox::group::ensure("example", #{ comment: "Runs examples" })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ensure(context: NativeCallContext, group: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("group", group)], spec)?;
        runbook::bridge::call(&context, ENSURE, argument, super::run)
    }
}

async fn run(operation: &Operation, spec: GroupSpec) -> Result<Fields, Halt> {
    let node = first_node(operation)?;
    let read = Request::get(Request::path(&["access", "groups", &spec.group]));
    let there = operation.find(&Identity::Root, &node, &read).await?;
    if let Some(write) = write(&spec, &node, there.as_ref(), read) {
        operation.write(write).await?;
    }
    let mut fields = Fields::new();
    fields.insert("group".to_owned(), json!(spec.group));
    Ok(fields)
}

fn write(spec: &GroupSpec, node: &str, there: Option<&Value>, read: Request) -> Option<Write> {
    let resource = format!("group {}", spec.group);
    let comment = spec.comment.as_deref();
    let Some(observed) = there else {
        let request = Request::post("/access/groups")
            .with("groupid", &spec.group)
            .with_some("comment", comment);
        let after = match comment {
            Some(comment) => json!({ "comment": comment }),
            None => json!({}),
        };
        let change = Change::create(resource, after);
        return Some(Write::request(
            change,
            &Identity::Root,
            node,
            request,
            (read, Condition::Exists),
        ));
    };
    let mut difference = Difference::default();
    difference.text(observed, "comment", comment);
    if difference.is_empty() {
        return None;
    }
    let request = Request::put(read.path.clone()).with_some("comment", comment);
    let after = Value::Object(difference.after);
    let change = Change::update(resource, difference.before.into(), after.clone());
    Some(Write::request(
        change,
        &Identity::Root,
        node,
        request,
        (read, Condition::Matches(after)),
    ))
}
