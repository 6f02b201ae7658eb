//! Users.

use runbook::failure::Failure;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    field::Names,
    proxmox::object::{At, Object, Wanted},
};

/// Ensures a user and its groups. It gets no password: tokens log in for it. Answers `user`.
///
/// Errors: there is no such realm or group.
///
/// ```rhai
/// proxmox::group::ensure("example", #{});
/// proxmox::user::ensure("example@pve", #{ groups: ["example"], comment: "Runs examples" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserSpec {
    /// The user with its realm: `homelab@pve`.
    user: String,
    /// The groups that it's in. Default: as they are.
    groups: Option<Names>,
    /// A comment. Default: as it is.
    comment: Option<String>,
    /// Whether it may log in. Default: yes.
    enable: Option<bool>,
}

impl Object for UserSpec {
    const NAME: &str = "proxmox::user::ensure";
    const NOUN: &str = "user";
    const ID: &str = "user";
    const AT: At = At::Path("/access/users/{userid}");

    fn id(&self) -> &str {
        &self.user
    }

    fn want(&self, wanted: &mut Wanted<'_>) -> Result<(), Failure> {
        wanted.names("groups", self.groups.as_ref());
        wanted.comment(self.comment.as_deref());
        wanted.flag("enable", Some(self.enable.unwrap_or(true)), true);
        if let Some(groups) = self.groups.as_ref().filter(|_| wanted.differs("groups")) {
            wanted.prove("groups", groups.sorted());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::proxmox::object::write;

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
            let there = Some(&observed).filter(|observed| !observed.is_null());
            let write = write(&spec, "pve1", there).unwrap();
            let is = write.map_or_else(|| json!({}), |write| write.change.after);
            assert_eq!(is, after, "{observed}");
        }
    }
}
