//! Users, groups, tokens and the access control list as rows.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{kind, privilege, stop::Stop, transaction::Tx};

/// A user. What was never set is absent from answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Whether the user may log in.
    pub enable: u8,
    /// When the account ends, in seconds; 0 for never.
    pub expire: i64,
    /// Comment, email, first and last name, keys.
    #[serde(flatten)]
    pub details: Map<String, Value>,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Its users, sorted.
    pub users: Vec<String>,
}

/// A role that is not built in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its privileges, sorted.
    pub privileges: Vec<String>,
}

/// An API token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When it ends, in seconds; 0 for never.
    pub expire: i64,
    /// Whether it has rights of its own only.
    pub privsep: u8,
    /// Its secret; none in a preview, which can't know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// How often it was given a secret.
    #[serde(default)]
    pub generation: u32,
}

/// Whose rights an entry of the access control list gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    /// A user.
    User,
    /// A group.
    Group,
    /// A token.
    Token,
}

impl Holder {
    /// The holder's kind in the API's words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Token => "token",
        }
    }
}

/// An entry of the access control list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclEntry {
    /// The path.
    pub path: String,
    /// The kind of holder.
    #[serde(rename = "type")]
    pub holder: Holder,
    /// The holder.
    pub ugid: String,
    /// The role.
    pub roleid: String,
    /// Whether it holds below the path too.
    pub propagate: u8,
}

impl AclEntry {
    /// The id of the entry's row.
    #[must_use]
    pub fn id(&self) -> String {
        format!(
            "{}|{}|{}|{}",
            self.path,
            self.holder.name(),
            self.ugid,
            self.roleid
        )
    }
}

/// What is wrong with a user's name.
///
/// # Errors
/// The API's words, without a line break.
pub fn check_userid(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length < 3 {
        return Err(format!("user name '{text}' is too short"));
    }
    if length > 64 {
        return Err(format!("user name '{text}' is too long ({length} > 64)"));
    }
    if formats::names::is_user_id(text) {
        Ok(())
    } else {
        Err(format!(
            "value '{text}' does not look like a valid user name"
        ))
    }
}

impl Tx<'_> {
    /// A user, if there is one.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn user(&mut self, userid: &str) -> Result<Option<User>, Stop> {
        self.get(kind::USER, userid)
    }

    /// A user that has to be there.
    ///
    /// # Errors
    /// The rows' fault; 500 if there is no such user.
    pub fn known_user(&mut self, userid: &str) -> Result<User, Stop> {
        self.user(userid)?
            .ok_or_else(|| Stop::fail(format!("no such user ('{userid}')")))
    }

    /// Whether a user is there, enabled and not expired.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn is_enabled(&mut self, userid: &str) -> Result<bool, Stop> {
        let now = i64::try_from(self.now.seconds()).unwrap_or(i64::MAX);
        Ok(self
            .user(userid)?
            .is_some_and(|user| user.enable != 0 && (user.expire == 0 || user.expire > now)))
    }

    /// The names of the groups that a user is in, sorted.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn groups_of(&mut self, userid: &str) -> Result<Vec<String>, Stop> {
        Ok(self
            .scan::<Group>(kind::GROUP)?
            .into_iter()
            .filter(|(_, group)| group.users.iter().any(|user| user == userid))
            .map(|(name, _)| name)
            .collect())
    }

    /// The privileges of a role, built in or not; none if there is no such role.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn privileges_of(&mut self, role: &str) -> Result<Option<Vec<String>>, Stop> {
        if let Some(known) = privilege::of_built_in(role) {
            return Ok(Some(known.iter().map(|name| (*name).to_owned()).collect()));
        }
        Ok(self
            .get::<Role>(kind::ROLE, role)?
            .map(|role| role.privileges))
    }
}
