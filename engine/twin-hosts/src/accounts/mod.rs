//! Users and groups, as `getent` tells of them and `useradd` and its kin change them.

mod base;
mod group;
mod ids;
mod options;
mod user;

use world::host::{Verb, verb};

pub(super) use self::base::plant;
use model::{Stop, kind};

use super::{
    Filling, Handler, Host,
    typed::{answers, filling},
};

/// A user, as its row has it.
pub(super) type Account = verb::User;

pub(super) use world::host::verb::Group;

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Users => user::show,
    UserAdd => user::add,
    UserChange => user::change,
    UserRemove => user::remove,
    PasswordSet => user::set_password,
    Groups => group::show,
    GroupAdd => group::add,
    GroupChange => group::change,
    GroupMembers => group::set_members,
    GroupRemove => group::remove,
    UsedIds => ids::show,
};

pub(super) const FILLINGS: &[Filling] = &[
    filling!(kind::ACCOUNT, |name| verb::Users::new(name), |told| told
        .known),
    filling!(kind::UNIX_GROUP, |name| verb::Groups::new(name), |told| {
        told.known
    }),
    ids::FILLING,
];

impl Host<'_, '_> {
    /// A user's home; none if there is no such user.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn home(&mut self, user: &str) -> Result<Option<String>, Stop> {
        let account = self.get::<Account>(kind::ACCOUNT, user)?;
        Ok(account.map(|account| account.home))
    }

    /// Whether a user is in a group.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn is_in_group(&mut self, user: &str, group: &str) -> Result<bool, Stop> {
        let account = self.get::<Account>(kind::ACCOUNT, user)?;
        Ok(account.is_some_and(|account| account.groups.iter().any(|own| own == group)))
    }
}

fn list(text: &str) -> Vec<String> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}
