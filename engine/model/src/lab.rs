//! What a lab has beside its nodes, and what `twin.rhai` says of its own commands and repositories: rows of domain `""`.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Number;

/// An appliance with what it offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Appliance {
    /// Its name.
    pub name: String,
    /// `gateway`, `switch`, `nfs`, `iscsi` …
    pub kind: String,
    /// Its address; none if it has none.
    pub address: Option<IpAddr>,
    /// Its NFS exports.
    pub exports: Vec<String>,
    /// Its iSCSI targets.
    pub targets: Vec<Target>,
}

/// An iSCSI target's unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// `iqn…`.
    pub target: String,
    /// The unit's number.
    pub lun: u64,
    /// Its size in bytes.
    pub size: u64,
    /// The user that it wants to know by CHAP; empty if it lets everybody in.
    #[serde(default)]
    pub chap: String,
}

/// A network's gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gateway {
    /// The network: `10.10.10.0/24`.
    pub network: String,
    /// Its gateway.
    pub gateway: String,
}

/// A package that a repository of the lab's own has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where the repository is, as its declaration on a host says.
    pub uri: String,
}

/// What a command of the lab answers and changes on the twin. One that a unit's file has as its `ExecStart` is the unit's
/// program; an undeclared one goes on for good, or ends well where the unit is of type `oneshot`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Command {
    /// The host; empty: any.
    pub host: String,
    /// The command's text, without blanks around it.
    pub run: String,
    /// A regular expression that the whole text fits, in place of `run`.
    pub matches: String,
    /// Its exit status.
    pub status: i32,
    /// How many seconds it runs, as a unit's program.
    #[serde(deserialize_with = "number")]
    pub seconds: f64,
    /// What it prints.
    pub output: String,
    /// What it prints as errors.
    pub error: String,
    /// The files that it writes, by path.
    pub files: BTreeMap<String, String>,
    /// The paths that it removes.
    pub removes: Vec<String>,
}

/// A number as `twin.rhai` writes it, with a fraction or without.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = Number::deserialize(deserializer)?;
    let lacking = || D::Error::custom(format!("{number} is too large"));
    number.as_f64().ok_or_else(lacking)
}
