//! Users, groups and the keys that log in.

pub(crate) mod authorized_key;
pub(crate) mod group;
mod probe;
pub(crate) mod user;
