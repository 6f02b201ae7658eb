//! Who may do what: roles, groups, users, permissions, tokens.

pub(crate) mod acl;
pub(crate) mod group;
pub(crate) mod role;
pub(crate) mod token;
pub(crate) mod user;
