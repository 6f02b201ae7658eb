//! Declarations: what the API publishes about a call. Routing, validation and permission checks read the same one.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::params::text_of;

/// The type of a parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `0` or `1`.
    Boolean,
    /// A list: the key is repeated, or the value is a JSON array.
    Array,
}

impl Type {
    /// The type's name in error texts and in the published API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Array => "array",
        }
    }
}

/// Parameters, or the properties of a property string, by name; `net[n]` stands for `net0`, `net1` …
pub type Declared = BTreeMap<String, Param>;

/// The format of a text.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Format {
    /// A format by its name; a name that ends in `-list` or `-opt` is a list or optional form of another.
    Named(String),
    /// A property string with these properties.
    Properties(Declared),
}

/// One parameter, or one property of a property string.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Param {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Its format.
    pub format: Option<Format>,
    /// The pattern that the whole value has to match.
    pub pattern: Option<String>,
    /// The values that are allowed, if they are listed.
    #[serde(rename = "enum")]
    pub values: Vec<String>,
    /// The least value of a number.
    pub minimum: Option<f64>,
    /// The greatest value of a number.
    pub maximum: Option<f64>,
    /// The least length.
    pub min_length: Option<usize>,
    /// The greatest length.
    pub max_length: Option<usize>,
    /// Whether it may be left out.
    pub optional: bool,
    /// The parameter that has to be sent with it.
    pub requires: Option<String>,
    /// What each item of a list is.
    pub items: Option<Box<Self>>,
    /// Whether its name may be left out in a property string.
    pub default_key: bool,
    /// The property for which this one is another name.
    pub alias: Option<String>,
    /// The property whose value is this property's name (`virtio=MAC` is `model=virtio,macaddr=MAC`).
    pub key_alias: Option<String>,
}

impl Param {
    /// The properties of a property string; none of anything else.
    #[must_use]
    pub const fn properties(&self) -> Option<&Declared> {
        match &self.format {
            Some(Format::Properties(properties)) => Some(properties),
            _ => None,
        }
    }

    /// A text as a value of this type: a number where it's one.
    #[must_use]
    pub fn typed(&self, text: String) -> Value {
        match self.kind {
            Type::Boolean | Type::Integer => text
                .trim()
                .parse::<i64>()
                .map_or_else(|_| text.into(), Value::from),
            _ => text.into(),
        }
    }
}

/// Which groups of a user a check of `userid-group` asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Groups {
    /// The user's present groups.
    None,
    /// The groups that a new user is to be in.
    Create,
    /// The user's present groups and those in the parameter.
    Update,
}

/// A condition on the caller's rights. `{param}` in a path stands for a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// All of the privileges on the path.
    Perm(String, Vec<String>),
    /// Any of the privileges on the path.
    Any(String, Vec<String>),
    /// The privileges on the path, if the parameter is sent; else not fulfilled.
    PermIf(String, Vec<String>, String),
    /// All of the checks.
    And(Vec<Self>),
    /// Any of the checks.
    Or(Vec<Self>),
    /// The caller is the user in parameter `userid`.
    UserSelf,
    /// The privilege on the realm of the user in parameter `userid`.
    UserRealm(String),
    /// Any of the privileges on the groups of the user in parameter `userid`.
    UserGroup(Vec<String>, Groups),
    /// The right to change rights on the path.
    Modify(String),
}

/// Who may make a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Anyone, without a login.
    World,
    /// Anyone who is logged in.
    All,
    /// The literal `root@pam` alone.
    Root,
    /// Those who fulfil a check.
    #[serde(untagged)]
    Check(Check),
}

/// What the API publishes about a call.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Declaration {
    /// Who may make it.
    pub permission: Permission,
    /// Its parameters, those in the path too.
    #[serde(default)]
    pub params: Declared,
    /// The parameter by whose value there are others.
    pub by: Option<String>,
    /// These others, by that value.
    #[serde(default)]
    pub variants: BTreeMap<String, Declared>,
    /// Whether no API token may make it.
    #[serde(default)]
    pub ticket_only: bool,
    /// The parameter that names the node which answers it.
    pub proxyto: Option<String>,
    /// Whether it takes parameters that aren't declared.
    #[serde(default)]
    pub open: bool,
}

impl Declaration {
    /// The properties of a parameter that is a property string; none of any other.
    #[must_use]
    pub fn properties(&self, param: &str) -> &Declared {
        static NONE: Declared = Declared::new();
        let param = self.params.get(param);
        param.and_then(Param::properties).unwrap_or(&NONE)
    }

    /// The parameters that a call with these values may have.
    #[must_use]
    pub fn declared(&self, values: &Map<String, Value>) -> Vec<(&str, &Param)> {
        let kind = self.by.as_ref().and_then(|by| values.get(by));
        let variant = kind
            .and_then(text_of)
            .and_then(|kind| self.variants.get(&kind));
        let all = self.params.iter().chain(variant.into_iter().flatten());
        all.map(|(name, param)| (name.as_str(), param)).collect()
    }
}
