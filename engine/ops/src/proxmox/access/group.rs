//! Groups of users.

use runbook::failure::Failure;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::proxmox::object::{At, Object, Wanted};

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

impl Object for GroupSpec {
    const NAME: &str = "proxmox::group::ensure";
    const NOUN: &str = "group";
    const ID: &str = "group";
    const AT: At = At::Path("/access/groups/{groupid}");

    fn id(&self) -> &str {
        &self.group
    }

    fn want(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure> {
        wanted.comment(self.comment.as_deref());
        Ok(())
    }
}
