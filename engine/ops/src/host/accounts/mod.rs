//! Users, groups and the keys that log in.

pub(crate) mod authorized_key;
pub(crate) mod group;
mod keys;
mod probe;
pub(crate) mod user;

pub(super) use self::keys::Key;
