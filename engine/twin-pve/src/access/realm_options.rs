//! Which options a realm of each type takes and needs.

use model::Stop;
use serde_json::{Map, Value};

/// The options of one type of realm.
pub(super) struct Options {
    /// Whether it's a type that every node has one realm of.
    pub(super) built_in: bool,
    /// What has to be set.
    required: &'static [&'static str],
    /// What may be set beside these and what every type takes.
    optional: &'static [&'static [&'static str]],
}

/// What a realm of any type takes.
const COMMON: &[&str] = &["type", "comment", "default"];
const FACTOR: &[&str] = &["tfa"];
const DIRECTORY: &[&str] = &[
    "server2",
    "bind_dn",
    "port",
    "secure",
    "sslversion",
    "verify",
    "capath",
    "cert",
    "certkey",
    "filter",
    "sync_attributes",
    "user_classes",
    "group_dn",
    "group_name_attr",
    "group_filter",
    "group_classes",
    "sync-defaults-options",
    "mode",
    "case-sensitive",
];
const OPENID: &[&str] = &[
    "client-key",
    "autocreate",
    "username-claim",
    "groups-claim",
    "groups-overwrite",
    "groups-autocreate",
    "prompt",
    "scopes",
    "acr-values",
    "query-userinfo",
    "audiences",
];

impl Options {
    /// The options of a type that the declaration names.
    pub(super) fn of(kind: &str) -> Self {
        let (built_in, required, optional): (_, &[&str], &[&[&str]]) = match kind {
            "ldap" => (
                false,
                &["server1", "base_dn", "user_attr"],
                &[FACTOR, DIRECTORY],
            ),
            "ad" => (
                false,
                &["server1", "domain"],
                &[FACTOR, DIRECTORY, &["base_dn", "user_attr"]],
            ),
            "openid" => (false, &["issuer-url", "client-id"], &[OPENID]),
            _ => (true, &[], &[FACTOR]),
        };
        Self {
            built_in,
            required,
            optional,
        }
    }

    /// Whether the type takes all that was sent.
    ///
    /// # Errors
    /// 500 that names the first option that it doesn't take.
    pub(super) fn check(&self, sent: &Map<String, Value>) -> Result<(), Stop> {
        let takes = |name: &str| {
            COMMON.contains(&name)
                || self.required.contains(&name)
                || self.optional.iter().any(|names| names.contains(&name))
        };
        match sent.keys().find(|name| !takes(name)) {
            Some(name) => Err(Stop::fail(format!("unexpected property '{name}'"))),
            None => Ok(()),
        }
    }

    /// Whether all that the type needs was sent.
    ///
    /// # Errors
    /// 500 that names the first option that is missing.
    pub(super) fn complete(&self, sent: &Map<String, Value>) -> Result<(), Stop> {
        match self.required.iter().find(|name| !sent.contains_key(**name)) {
            Some(name) => Err(Stop::fail(format!(
                "missing value for required option '{name}'"
            ))),
            None => Ok(()),
        }
    }
}
