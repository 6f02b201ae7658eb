//! Groups of users.

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
    info::{Effect, Sent},
    operate::Operate,
    proxmox::first_node,
};

/// Ensures a group of users. Answers `group`.
///
/// Errors: the name isn't one.
///
/// ```rhai
/// proxmox::group::ensure("example", #{ comment: "Runs examples" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupSpec {
    /// The group's name.
    group: String,
    /// A comment. Default: as it is.
    comment: Option<String>,
}

impl Operate for GroupSpec {
    const NAME: &str = "proxmox::group::ensure";
    const EFFECT: Effect = Effect::Change;
    const POSITIONAL: &[&str] = &["group"];

    fn requests() -> Vec<Sent> {
        vec![
            (Method::Get, "/access/groups/{groupid}"),
            (Method::Post, "/access/groups"),
            (Method::Put, "/access/groups/{groupid}"),
        ]
    }

    fn resource(&self) -> String {
        format!("group {}", self.group)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let node = first_node(operation)?;
        let read = Request::get(Request::path(&["access", "groups", &self.group]));
        let there = operation.find(&Identity::Root, &node, &read).await?;
        if let Some(write) = write(&self, &node, there.as_ref(), read) {
            operation.write(write).await?;
        }
        let mut fields = Fields::new();
        fields.insert("group".to_owned(), json!(self.group));
        Ok(fields)
    }
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
