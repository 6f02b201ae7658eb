//! Making or renewing a token.

use formats::comment;
use runbook::{
    action::{Change, Condition, Proof},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    Secret, code,
    proxmox::{Answer, Identity, Method, Request},
};

use super::kept;
use crate::{
    difference::Difference,
    envrc::{self, Line},
    info::{Effect, Sent},
    operate::{Operate, answered},
    proxmox::first_node,
};

/// Ensures an API token whose secret is kept in the lab's `.envrc`, mode 0600.
///
/// A token whose kept secret is accepted stays as it is. One whose secret isn't kept, or isn't accepted any more,
/// gets a new one (its permissions stay), which is a change. The secret goes nowhere but into `.envrc`.
/// The names after `keep` and `keep_id` must stand literally in the runbook. Answers `id`, the full id.
///
/// Errors: there is no such user; the name isn't one (a letter, then letters, digits, `.`, `_`, `-`).
///
/// ```rhai
/// proxmox::user::ensure("example@pve", #{});
/// proxmox::token::ensure(#{ user: "example@pve", name: "tests", keep: "EXAMPLE_SECRET", keep_id: "EXAMPLE_ID" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenSpec {
    /// The user that the token belongs to: `homelab@pve`.
    user: String,
    /// The token's name: a letter, then letters, digits, `.`, `_`, `-`; at least two characters.
    name: String,
    /// Whether it can do only what both it and its user may do. Default: yes.
    privsep: Option<bool>,
    /// A comment. Default: as it is.
    comment: Option<String>,
    /// When it ends, in seconds since 1970; 0 is never. Default: as it is, on a new token never.
    expire: Option<i64>,
    /// The name in `.envrc` under which its secret is kept.
    keep: String,
    /// The name in `.envrc` under which its full id is kept. Default: the id isn't kept.
    keep_id: Option<String>,
}

impl Operate for TokenSpec {
    const NAME: &str = "proxmox::token::ensure";
    const EFFECT: Effect = Effect::Change;

    fn requests() -> Vec<Sent> {
        vec![
            (Method::Get, "/version"),
            (Method::Get, "/access/users/{userid}/token/{tokenid}"),
            (Method::Post, "/access/users/{userid}/token/{tokenid}"),
            (Method::Put, "/access/users/{userid}/token/{tokenid}"),
        ]
    }

    fn resource(&self) -> String {
        format!("token {}", self.id())
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let node = first_node(operation)?;
        let there = operation
            .find(&Identity::Root, &node, &Request::get(self.path()))
            .await?;
        let mut lines = Vec::new();
        match there {
            None => {
                let answer = operation.write(creation(&self, &node)).await?;
                lines.push((
                    self.keep.as_str(),
                    Line::Secret(secret_of(operation, &self, &node, answer).await?),
                ));
            }
            Some(observed) => {
                if let Some(write) = update(&self, &node, &observed) {
                    operation.write(write).await?;
                }
                if !is_kept(operation, &self, &node).await? {
                    let answer = operation.write(renewal(&self, &node)).await?;
                    lines.push((
                        self.keep.as_str(),
                        Line::Secret(secret_of(operation, &self, &node, answer).await?),
                    ));
                }
            }
        }
        if let Some(name) = &self.keep_id {
            lines.push((name.as_str(), Line::Plain(self.id())));
        }
        envrc::keep(operation, &lines).await?;
        Ok(answered([("id", json!(self.id()))]))
    }
}

impl TokenSpec {
    fn id(&self) -> String {
        format!("{}!{}", self.user, self.name)
    }

    fn path(&self) -> String {
        Request::path(&["access", "users", &self.user, "token", &self.name])
    }
}

async fn is_kept(operation: &Operation, spec: &TokenSpec, node: &str) -> Result<bool, Halt> {
    match kept::identity(operation, &spec.id(), &spec.keep).await? {
        Some(token) => kept::is_accepted(operation, &token, node).await,
        None => Ok(false),
    }
}

/// The secret in an answer. Where the answer was lost, nobody knows it: it's renewed once more.
async fn secret_of(
    operation: &Operation,
    spec: &TokenSpec,
    node: &str,
    answer: Answer,
) -> Result<Secret, Halt> {
    let secret = |answer: &Answer| {
        let value = answer.field_text("value")?;
        let secret = Secret::new(spec.keep.as_str(), value);
        operation.run().redactor.register(&secret);
        Some(secret)
    };
    if let Some(secret) = secret(&answer) {
        return Ok(secret);
    }
    let answer = operation.write(renewal(spec, node)).await?;
    secret(&answer).ok_or_else(|| {
        Failure::new(
            code::token::no_secret,
            format!("the API didn't tell the secret of token {}", spec.id()),
        )
        .help("run again: the token is there, and gets a new secret")
        .into()
    })
}

/// The fields of a new token.
fn wanted(spec: &TokenSpec) -> Difference {
    let mut difference = Difference::default();
    difference.add("privsep", None, spec.privsep.unwrap_or(true));
    if let Some(comment) = &spec.comment {
        difference.add("comment", None, comment::kept(comment));
    }
    if let Some(expire) = spec.expire {
        difference.add("expire", None, expire);
    }
    difference
}

fn with_fields(request: Request, difference: &Difference) -> Request {
    difference
        .after
        .iter()
        .fold(request, |request, (name, value)| match value {
            Value::Bool(flag) => request.with(name, *flag),
            Value::Number(number) => request.with(name, number.to_string()),
            other => request.with(name, other.as_str().unwrap_or_default()),
        })
}

fn creation(spec: &TokenSpec, node: &str) -> Write {
    let difference = wanted(spec);
    let request = with_fields(Request::post(spec.path()), &difference);
    let change = Change::create(spec.resource(), difference.after.into());
    let proof = (Request::get(spec.path()), Condition::Exists);
    Write::request(change, &Identity::Root, node, request, proof)
}

fn update(spec: &TokenSpec, node: &str, observed: &Value) -> Option<Write> {
    let mut difference = Difference::default();
    difference.flag(
        observed,
        "privsep",
        Some(spec.privsep.unwrap_or(true)),
        true,
    );
    difference.comment(observed, spec.comment.as_deref());
    let expires = observed
        .get("expire")
        .and_then(world::proxmox::lenient::integer)
        .unwrap_or(0);
    if let Some(expire) = spec.expire.filter(|expire| *expire != expires) {
        difference.add("expire", Some(&expires.into()), expire);
    }
    if difference.is_empty() {
        return None;
    }
    let request = with_fields(Request::put(spec.path()), &difference);
    let after = Value::Object(difference.after);
    let change = Change::update(spec.resource(), difference.before.into(), after.clone());
    let proof = (Request::get(spec.path()), Condition::Matches(after));
    Some(Write::request(
        change,
        &Identity::Root,
        node,
        request,
        proof,
    ))
}

/// A new secret for a token that is there; its permissions stay.
fn renewal(spec: &TokenSpec, node: &str) -> Write {
    let change = Change::update(
        spec.resource(),
        json!({ "secret": "not kept" }),
        json!({ "secret": format!("renewed, kept as {}", spec.keep) }),
    );
    let request = Request::put(spec.path()).with("regenerate", true);
    let read = (Request::get(spec.path()), Condition::Exists);
    let mut write = Write::request(change, &Identity::Root, node, request, read);
    // Nothing that can be read tells an old secret from a new one; a second renewal does no harm.
    write.proof = Proof::Repeatable;
    write
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> TokenSpec {
        serde_json::from_value(
            json!({"user": "a@pve", "name": "run", "keep": "SECRET", "comment": "c"}),
        )
        .unwrap()
    }

    #[test]
    fn changes_only_what_differs() {
        assert!(
            update(
                &spec(),
                "n",
                &json!({"privsep": "1", "comment": "c", "expire": 0})
            )
            .is_none()
        );
        let write = update(&spec(), "n", &json!({"privsep": 0, "comment": "c"})).unwrap();
        assert_eq!(write.change.after, json!({"privsep": true}));
        assert_eq!(
            creation(&spec(), "n").change.after,
            json!({"privsep": true, "comment": "c"})
        );
    }

    #[test]
    fn renews_by_put() {
        let runbook::write::Dispatch::Request(to) = renewal(&spec(), "n").action else {
            panic!("a request");
        };
        assert_eq!(
            to.request.to_string(),
            "PUT /access/users/a%40pve/token/run"
        );
        assert_eq!(to.request.form(), "regenerate=1");
    }
}
