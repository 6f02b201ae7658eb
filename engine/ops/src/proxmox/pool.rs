//! Pools of guests and storages.

use runbook::failure::Failure;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::proxmox::object::{At, Object, Wanted};

/// Ensures a pool, in which guests and storages can be given rights together. Answers `pool`.
///
/// A pool can be in another one (`lab/tests`), which must be there first.
///
/// Errors: the name isn't one; the pool that it's in isn't there.
///
/// ```rhai
/// proxmox::pool::ensure("example", #{ comment: "Holds examples" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoolSpec {
    /// The pool's name.
    pool: String,
    /// A comment. Default: as it is.
    comment: Option<String>,
}

impl Object for PoolSpec {
    const NAME: &str = "proxmox::pool::ensure";
    const NOUN: &str = "pool";
    const ID: &str = "pool";
    const AT: At = At::Parameter("/pools/{poolid}");

    fn id(&self) -> &str {
        &self.pool
    }

    fn want(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure> {
        wanted.comment(self.comment.as_deref());
        Ok(())
    }
}
