//! Testing a token against what it must and must not do.

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    proxmox::{ApiError, Identity, Method, Request, lenient},
};

use super::kept;
use crate::{
    info::{Effect, Sent},
    operate::{Operate, answered},
    proxmox::first_node,
};

/// Tests a token with its kept secret: what it must be able to do, and what it must not.
///
/// `may` and `must_not` hold reads (`GET /cluster/status`), which are tried, and privileges on a path
/// (`Sys.Modify /nodes`), which the API is asked about. Nothing is changed. Answers `id`, and how many entries
/// of `may` and `must_not` were tested.
///
/// Errors: the secret isn't kept or not accepted; the token can't do what it must, or can do what it must not.
///
/// ```rhai
/// proxmox::user::ensure("example@pve", #{});
/// proxmox::token::ensure(#{ user: "example@pve", name: "tests", keep: "EXAMPLE_SECRET" });
/// proxmox::token::check(#{
///     user: "example@pve",
///     name: "tests",
///     keep: "EXAMPLE_SECRET",
///     may: ["GET /version"],
///     must_not: ["Permissions.Modify /"]
/// })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckSpec {
    /// The user that the token belongs to.
    user: String,
    /// The token's name.
    name: String,
    /// The name in `.envrc` under which its secret is kept.
    keep: String,
    /// What it must be able to do: `GET /cluster/status`, `Sys.Modify /nodes`.
    #[serde(default)]
    may: Vec<String>,
    /// What it must not be able to do.
    #[serde(default)]
    must_not: Vec<String>,
}

impl Operate for CheckSpec {
    const NAME: &str = "proxmox::token::check";
    const EFFECT: Effect = Effect::Read;

    fn requests() -> Vec<Sent> {
        vec![
            (Method::Get, "/version"),
            (Method::Get, "/access/permissions"),
        ]
    }

    fn resource(&self) -> String {
        format!("token {}!{}", self.user, self.name)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let node = first_node(operation)?;
        let id = format!("{}!{}", self.user, self.name);
        let token = kept::identity(operation, &id, &self.keep).await?;
        let accepted = match &token {
            Some(token) => kept::is_accepted(operation, token, &node).await?,
            None => false,
        };
        let Some(token) = token.filter(|_| accepted) else {
            let failure = Failure::new(
                code::token::not_kept,
                format!(
                    "the secret of token {id} isn't kept as {}, or isn't accepted",
                    self.keep
                ),
            );
            return Err(failure
                .help("proxmox::token::ensure renews and keeps it")
                .into());
        };
        let mut wrong = Vec::new();
        for (list, wanted) in [(&self.may, true), (&self.must_not, false)] {
            for text in list {
                if can(operation, &token, &node, &Right::parse(text)?).await? != wanted {
                    wrong.push(format!(
                        "{} {text}",
                        if wanted { "it can't" } else { "it can" }
                    ));
                }
            }
        }
        if !wrong.is_empty() {
            let failure = Failure::new(code::token::rights, format!("token {id} hasn't the rights that it should have"))
            .help("correct docs/SOFTWARE.md, Roles and Permissions; with privilege separation both user and token need them");
            return Err(wrong.into_iter().fold(failure, Failure::cause).into());
        }
        Ok(answered([
            ("id", json!(id)),
            ("may", json!(self.may.len())),
            ("must_not", json!(self.must_not.len())),
        ]))
    }
}

/// One thing to test.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Right {
    /// A read of the API.
    Read(String),
    /// A privilege on a path.
    Privilege { name: String, path: String },
}

impl Right {
    fn parse(text: &str) -> Result<Self, Failure> {
        let refused = || {
            Failure::new(code::runbook::argument, format!("'{text}' can't be tested"))
                .help("write a read as `GET /cluster/status`, or a privilege on a path as `Sys.Modify /nodes`")
        };
        let (word, path) = text.split_once(' ').ok_or_else(refused)?;
        match (word, path.trim()) {
            (_, path) if !path.starts_with('/') => Err(refused()),
            ("GET", path) => Ok(Self::Read(path.to_owned())),
            (name, path) if name.contains('.') => Ok(Self::Privilege {
                name: name.to_owned(),
                path: path.to_owned(),
            }),
            _ => Err(refused()),
        }
    }
}

async fn can(
    operation: &Operation,
    token: &Identity,
    node: &str,
    right: &Right,
) -> Result<bool, Halt> {
    match right {
        Right::Read(path) => match operation.try_read(token, node, &Request::get(path)).await? {
            Ok(_) => Ok(true),
            Err(ApiError::Permission { .. } | ApiError::RootOnly { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        },
        Right::Privilege { name, path } => {
            let request = Request::get("/access/permissions").with("path", path);
            let answer = operation.read(token, node, &request).await?;
            let held = answer.data.get(path).and_then(|held| held.get(name));
            // The value says whether it's inherited further down; that it's there says that it's held.
            Ok(held.and_then(lenient::integer).is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_to_be_tested() {
        assert_eq!(
            Right::parse("GET /version").unwrap(),
            Right::Read("/version".into())
        );
        assert_eq!(
            Right::parse("Sys.Modify /nodes/pve1").unwrap(),
            Right::Privilege {
                name: "Sys.Modify".into(),
                path: "/nodes/pve1".into()
            }
        );
        for bad in ["POST /storage", "GET version", "GET", "Modify /"] {
            assert!(Right::parse(bad).is_err(), "{bad}");
        }
    }
}
