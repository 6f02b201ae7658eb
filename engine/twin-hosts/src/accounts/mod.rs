//! Users and groups, as `getent` tells of them and `useradd` and its kin change them.

mod account;
mod base;
mod group;
mod ids;
mod options;
mod user;

use world::host::{Verb, verb};

use self::account::{Account, Group, list};
pub(super) use self::base::plant;
use model::{Stop, kind};

use super::{
    Filling, Handler, Host,
    typed::{answers, filling},
};

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

impl Host<'_, '_> {
    /// Whether there is a user.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn has_user(&mut self, name: &str) -> Result<bool, Stop> {
        Ok(self.get::<Account>(kind::ACCOUNT, name)?.is_some())
    }

    /// Whether there is a group.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn has_group(&mut self, name: &str) -> Result<bool, Stop> {
        Ok(self.get::<Group>(kind::UNIX_GROUP, name)?.is_some())
    }
}

pub(super) const FILLINGS: &[Filling] = &[
    filling!(kind::ACCOUNT, |name| verb::Users::new(name), |told| told
        .known),
    filling!(kind::UNIX_GROUP, |name| verb::Groups::new(name), |told| {
        told.known
    }),
    ids::FILLING,
];
