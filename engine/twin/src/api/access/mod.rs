//! Users, groups, roles, tokens, rights, realms and tickets.

mod acl;
mod groups;
mod realm_options;
mod realms;
mod rights;
mod roles;
mod second_factor;
mod ticket;
mod tokens;
mod users;

pub(crate) use ticket::{accepts_password, password_digest};

use serde_json::Value;

use crate::{
    declarations::{access as d, realms as r},
    model::{Params, Stop, Tx, declare::Endpoint},
};

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(&d::GET_ACCESS, list),
    Endpoint::new(&d::GET_ACCESS_ACL, acl::list),
    Endpoint::new(&d::PUT_ACCESS_ACL, acl::update),
    Endpoint::new(&d::GET_ACCESS_DOMAINS, realms::list),
    Endpoint::new(&r::POST_ACCESS_DOMAINS, realms::create),
    Endpoint::new(&d::GET_ACCESS_DOMAINS_REALM, realms::show),
    Endpoint::new(&r::PUT_ACCESS_DOMAINS_REALM, realms::update),
    Endpoint::new(&r::DELETE_ACCESS_DOMAINS_REALM, realms::remove),
    Endpoint::new(&d::GET_ACCESS_GROUPS, groups::list),
    Endpoint::new(&d::POST_ACCESS_GROUPS, groups::create),
    Endpoint::new(&d::GET_ACCESS_GROUPS_GROUPID, groups::show),
    Endpoint::new(&d::PUT_ACCESS_GROUPS_GROUPID, groups::update),
    Endpoint::new(&d::DELETE_ACCESS_GROUPS_GROUPID, groups::remove),
    Endpoint::new(&r::GET_ACCESS_OPENID, |_, _| {
        Ok(super::index("subdir", &["auth-url", "login"]))
    }),
    Endpoint::new(&d::PUT_ACCESS_PASSWORD, ticket::change_password),
    Endpoint::new(&d::GET_ACCESS_PERMISSIONS, rights::list),
    Endpoint::new(&d::GET_ACCESS_ROLES, roles::list),
    Endpoint::new(&d::POST_ACCESS_ROLES, roles::create),
    Endpoint::new(&d::GET_ACCESS_ROLES_ROLEID, roles::show),
    Endpoint::new(&d::PUT_ACCESS_ROLES_ROLEID, roles::update),
    Endpoint::new(&d::DELETE_ACCESS_ROLES_ROLEID, roles::remove),
    Endpoint::new(&r::GET_ACCESS_TFA, second_factor::none),
    Endpoint::new(&r::GET_ACCESS_TFA_USERID, second_factor::of_user),
    Endpoint::new(&d::GET_ACCESS_TICKET, ticket::nothing),
    Endpoint::new(&d::POST_ACCESS_TICKET, ticket::create),
    Endpoint::new(&d::GET_ACCESS_USERS, users::list),
    Endpoint::new(&d::POST_ACCESS_USERS, users::create),
    Endpoint::new(&d::GET_ACCESS_USERS_USERID, users::show),
    Endpoint::new(&d::PUT_ACCESS_USERS_USERID, users::update),
    Endpoint::new(&d::DELETE_ACCESS_USERS_USERID, users::remove),
    Endpoint::new(&r::GET_ACCESS_USERS_USERID_TFA, second_factor::kinds),
    Endpoint::new(&d::GET_ACCESS_USERS_USERID_TOKEN, tokens::list),
    Endpoint::new(&d::GET_ACCESS_USERS_USERID_TOKEN_TOKENID, tokens::show),
    Endpoint::new(&d::POST_ACCESS_USERS_USERID_TOKEN_TOKENID, tokens::create),
    Endpoint::new(&d::PUT_ACCESS_USERS_USERID_TOKEN_TOKENID, tokens::update),
    Endpoint::new(&d::DELETE_ACCESS_USERS_USERID_TOKEN_TOKENID, tokens::remove),
];

fn list(_: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let names = [
        "users",
        "groups",
        "roles",
        "acl",
        "domains",
        "openid",
        "tfa",
        "vncticket",
        "ticket",
        "password",
        "permissions",
    ];
    Ok(super::index("subdir", &names))
}
