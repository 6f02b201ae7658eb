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

pub(crate) use ticket::accepts_password;
pub use ticket::password_digest;

use model::{Params, Stop, Tx, published::Endpoint};
use serde_json::Value;

pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /access", list),
    Endpoint::new("GET /access/acl", acl::list),
    Endpoint::new("PUT /access/acl", acl::update),
    Endpoint::new("GET /access/domains", realms::list),
    Endpoint::new("POST /access/domains", realms::create),
    Endpoint::new("GET /access/domains/{realm}", realms::show),
    Endpoint::new("PUT /access/domains/{realm}", realms::update),
    Endpoint::new("DELETE /access/domains/{realm}", realms::remove),
    Endpoint::new("GET /access/groups", groups::list),
    Endpoint::new("POST /access/groups", groups::create),
    Endpoint::new("GET /access/groups/{groupid}", groups::show),
    Endpoint::new("PUT /access/groups/{groupid}", groups::update),
    Endpoint::new("DELETE /access/groups/{groupid}", groups::remove),
    Endpoint::new("GET /access/openid", |_, _| {
        Ok(crate::index("subdir", &["auth-url", "login"]))
    }),
    Endpoint::new("PUT /access/password", ticket::change_password),
    Endpoint::new("GET /access/permissions", rights::list),
    Endpoint::new("GET /access/roles", roles::list),
    Endpoint::new("POST /access/roles", roles::create),
    Endpoint::new("GET /access/roles/{roleid}", roles::show),
    Endpoint::new("PUT /access/roles/{roleid}", roles::update),
    Endpoint::new("DELETE /access/roles/{roleid}", roles::remove),
    Endpoint::new("GET /access/tfa", second_factor::none),
    Endpoint::new("GET /access/tfa/{userid}", second_factor::of_user),
    Endpoint::new("GET /access/ticket", ticket::nothing),
    Endpoint::new("POST /access/ticket", ticket::create),
    Endpoint::new("GET /access/users", users::list),
    Endpoint::new("POST /access/users", users::create),
    Endpoint::new("GET /access/users/{userid}", users::show),
    Endpoint::new("PUT /access/users/{userid}", users::update),
    Endpoint::new("DELETE /access/users/{userid}", users::remove),
    Endpoint::new("GET /access/users/{userid}/tfa", second_factor::kinds),
    Endpoint::new("GET /access/users/{userid}/token", tokens::list),
    Endpoint::new("GET /access/users/{userid}/token/{tokenid}", tokens::show),
    Endpoint::new(
        "POST /access/users/{userid}/token/{tokenid}",
        tokens::create,
    ),
    Endpoint::new("PUT /access/users/{userid}/token/{tokenid}", tokens::update),
    Endpoint::new(
        "DELETE /access/users/{userid}/token/{tokenid}",
        tokens::remove,
    ),
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
    Ok(crate::index("subdir", &names))
}

#[cfg(test)]
mod tests;
