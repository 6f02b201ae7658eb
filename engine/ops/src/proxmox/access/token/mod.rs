//! API tokens: made or renewed with their secret kept, and tested.

mod check;
mod ensure;
mod kept;

use rhai::plugin::*;
use world::proxmox::Method;

use crate::{
    info::{Effect, OperationInfo},
    script::Answer,
    spec::schema_of,
};

const ENSURE: &str = "proxmox::token::ensure";
const CHECK: &str = "proxmox::token::check";

pub(crate) const OPERATIONS: &[OperationInfo] = &[
    OperationInfo {
        name: ENSURE,
        effect: Effect::Change,
        positional: &[],
        schema: schema_of::<ensure::TokenSpec>,
        needs_root: false,
        requests: &[
            (Method::Get, "/version"),
            (Method::Get, "/access/users/{userid}/token/{tokenid}"),
            (Method::Post, "/access/users/{userid}/token/{tokenid}"),
            (Method::Put, "/access/users/{userid}/token/{tokenid}"),
        ],
    },
    OperationInfo {
        name: CHECK,
        effect: Effect::Read,
        positional: &[],
        schema: schema_of::<check::CheckSpec>,
        needs_root: false,
        requests: &[
            (Method::Get, "/version"),
            (Method::Get, "/access/permissions"),
        ],
    },
];

/// API tokens.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};
    use runbook::bridge;

    use super::{Answer, CHECK, ENSURE, check, ensure};

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
    #[rhai_fn(return_raw)]
    pub fn ensure(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, ENSURE, spec, ensure::run)
    }

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
    #[rhai_fn(return_raw)]
    pub fn check(context: NativeCallContext, spec: Dynamic) -> Answer {
        bridge::call(&context, CHECK, spec, check::run)
    }
}
