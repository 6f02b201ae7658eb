//! The declarations of users, groups, roles, tokens, rights, realms and tickets.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Groups, Param, Permission};

/// `GET /access`.
pub(crate) const GET_ACCESS: Declaration =
    Declaration::new(Method::Get, "/access", &[], Permission::All);

/// `GET /access/acl`.
pub(crate) const GET_ACCESS_ACL: Declaration =
    Declaration::new(Method::Get, "/access/acl", &[], Permission::All);

/// `PUT /access/acl`.
pub(crate) const PUT_ACCESS_ACL: Declaration = Declaration::new(
    Method::Put,
    "/access/acl",
    &[
        Param::boolean("delete").optional(),
        Param::string("groups")
            .format("pve-groupid-list")
            .optional(),
        Param::string("path"),
        Param::boolean("propagate").default("1").optional(),
        Param::string("roles").format("pve-roleid-list"),
        Param::string("tokens")
            .format("pve-tokenid-list")
            .optional(),
        Param::string("users").format("pve-userid-list").optional(),
    ],
    Permission::Check(Check::Modify("{path}")),
)
.protected();

/// `GET /access/domains`.
pub(crate) const GET_ACCESS_DOMAINS: Declaration =
    Declaration::new(Method::Get, "/access/domains", &[], Permission::World);

/// `GET /access/domains/{realm}`.
pub(crate) const GET_ACCESS_DOMAINS_REALM: Declaration = Declaration::new(
    Method::Get,
    "/access/domains/{realm}",
    &[Param::string("realm").format("pve-realm").max_length(32)],
    Permission::Check(Check::Any(
        "/access/realm",
        &["Realm.Allocate", "Sys.Audit"],
    )),
);

/// `GET /access/groups`.
pub(crate) const GET_ACCESS_GROUPS: Declaration =
    Declaration::new(Method::Get, "/access/groups", &[], Permission::All);

/// `POST /access/groups`.
pub(crate) const POST_ACCESS_GROUPS: Declaration = Declaration::new(
    Method::Post,
    "/access/groups",
    &[
        Param::string("comment").optional(),
        Param::string("groupid").format("pve-groupid"),
    ],
    Permission::Check(Check::Perm("/access/groups", &["Group.Allocate"])),
)
.protected();

/// `DELETE /access/groups/{groupid}`.
pub(crate) const DELETE_ACCESS_GROUPS_GROUPID: Declaration = Declaration::new(
    Method::Delete,
    "/access/groups/{groupid}",
    &[Param::string("groupid").format("pve-groupid")],
    Permission::Check(Check::Perm("/access/groups", &["Group.Allocate"])),
)
.protected();

/// `GET /access/groups/{groupid}`.
pub(crate) const GET_ACCESS_GROUPS_GROUPID: Declaration = Declaration::new(
    Method::Get,
    "/access/groups/{groupid}",
    &[Param::string("groupid").format("pve-groupid")],
    Permission::Check(Check::Any(
        "/access/groups",
        &["Sys.Audit", "Group.Allocate"],
    )),
);

/// `PUT /access/groups/{groupid}`.
pub(crate) const PUT_ACCESS_GROUPS_GROUPID: Declaration = Declaration::new(
    Method::Put,
    "/access/groups/{groupid}",
    &[
        Param::string("comment").optional(),
        Param::string("groupid").format("pve-groupid"),
    ],
    Permission::Check(Check::Perm("/access/groups", &["Group.Allocate"])),
)
.protected();

/// `PUT /access/password`.
pub(crate) const PUT_ACCESS_PASSWORD: Declaration = Declaration::new(
    Method::Put,
    "/access/password",
    &[
        Param::string("confirmation-password")
            .min_length(5)
            .max_length(64)
            .optional(),
        Param::string("password").min_length(8).max_length(64),
        Param::string("userid").format("pve-userid").max_length(64),
    ],
    Permission::Check(Check::Or(&[
        Check::UserSelf,
        Check::And(&[
            Check::UserRealm("Realm.AllocateUser"),
            Check::UserGroup(&["User.Modify"], Groups::None),
        ]),
    ])),
)
.ticket_only()
.protected();

/// `GET /access/permissions`.
pub(crate) const GET_ACCESS_PERMISSIONS: Declaration = Declaration::new(Method::Get, "/access/permissions", &[Param::string("path").optional(), Param::string("userid").pattern(r#"(?^:^(?^:[^\s:/]+)\@(?^:[A-Za-z][A-Za-z0-9\.\-_]+)(?:!(?^:[A-Za-z][A-Za-z0-9\.\-_]+))?$)"#).optional()], Permission::All);

/// `GET /access/roles`.
pub(crate) const GET_ACCESS_ROLES: Declaration =
    Declaration::new(Method::Get, "/access/roles", &[], Permission::All);

/// `POST /access/roles`.
pub(crate) const POST_ACCESS_ROLES: Declaration = Declaration::new(
    Method::Post,
    "/access/roles",
    &[
        Param::string("privs").format("pve-priv-list").optional(),
        Param::string("roleid").format("pve-roleid"),
    ],
    Permission::Check(Check::Perm("/access", &["Sys.Modify"])),
)
.protected();

/// `DELETE /access/roles/{roleid}`.
pub(crate) const DELETE_ACCESS_ROLES_ROLEID: Declaration = Declaration::new(
    Method::Delete,
    "/access/roles/{roleid}",
    &[Param::string("roleid").format("pve-roleid")],
    Permission::Check(Check::Perm("/access", &["Sys.Modify"])),
)
.protected();

/// `GET /access/roles/{roleid}`.
pub(crate) const GET_ACCESS_ROLES_ROLEID: Declaration = Declaration::new(
    Method::Get,
    "/access/roles/{roleid}",
    &[Param::string("roleid").format("pve-roleid")],
    Permission::All,
);

/// `PUT /access/roles/{roleid}`.
pub(crate) const PUT_ACCESS_ROLES_ROLEID: Declaration = Declaration::new(
    Method::Put,
    "/access/roles/{roleid}",
    &[
        Param::boolean("append").requires("privs").optional(),
        Param::string("privs").format("pve-priv-list").optional(),
        Param::string("roleid").format("pve-roleid"),
    ],
    Permission::Check(Check::Perm("/access", &["Sys.Modify"])),
)
.protected();

/// `GET /access/ticket`.
pub(crate) const GET_ACCESS_TICKET: Declaration =
    Declaration::new(Method::Get, "/access/ticket", &[], Permission::World);

/// `POST /access/ticket`.
pub(crate) const POST_ACCESS_TICKET: Declaration = Declaration::new(
    Method::Post,
    "/access/ticket",
    &[
        Param::boolean("new-format").default("1").optional(),
        Param::string("otp").optional(),
        Param::string("password"),
        Param::string("path")
            .max_length(64)
            .requires("privs")
            .optional(),
        Param::string("privs")
            .format("pve-priv-list")
            .max_length(64)
            .requires("path")
            .optional(),
        Param::string("realm")
            .format("pve-realm")
            .max_length(32)
            .optional(),
        Param::string("tfa-challenge").optional(),
        Param::string("username").max_length(64),
    ],
    Permission::World,
)
.ticket_only()
.protected();

/// `GET /access/users`.
pub(crate) const GET_ACCESS_USERS: Declaration = Declaration::new(
    Method::Get,
    "/access/users",
    &[
        Param::boolean("enabled").optional(),
        Param::boolean("full").default("0").optional(),
    ],
    Permission::All,
)
.protected();

/// `POST /access/users`.
pub(crate) const POST_ACCESS_USERS: Declaration = Declaration::new(
    Method::Post,
    "/access/users",
    &[
        Param::string("comment").max_length(2048).optional(),
        Param::string("email")
            .format("email-opt")
            .max_length(254)
            .optional(),
        Param::boolean("enable").default("1").optional(),
        Param::integer("expire").minimum(0.0).optional(),
        Param::string("firstname").max_length(1024).optional(),
        Param::string("groups")
            .format("pve-groupid-list")
            .optional(),
        Param::string("keys")
            .pattern("[0-9a-zA-Z!=]{0,4096}")
            .optional(),
        Param::string("lastname").max_length(1024).optional(),
        Param::string("password")
            .min_length(8)
            .max_length(64)
            .optional(),
        Param::string("userid").format("pve-userid").max_length(64),
    ],
    Permission::Check(Check::And(&[
        Check::UserRealm("Realm.AllocateUser"),
        Check::UserGroup(&["User.Modify"], Groups::Create),
    ])),
)
.protected();

/// `DELETE /access/users/{userid}`.
pub(crate) const DELETE_ACCESS_USERS_USERID: Declaration = Declaration::new(
    Method::Delete,
    "/access/users/{userid}",
    &[Param::string("userid").format("pve-userid").max_length(64)],
    Permission::Check(Check::And(&[
        Check::UserRealm("Realm.AllocateUser"),
        Check::UserGroup(&["User.Modify"], Groups::None),
    ])),
)
.protected();

/// `GET /access/users/{userid}`.
pub(crate) const GET_ACCESS_USERS_USERID: Declaration = Declaration::new(
    Method::Get,
    "/access/users/{userid}",
    &[Param::string("userid").format("pve-userid").max_length(64)],
    Permission::Check(Check::UserGroup(
        &["User.Modify", "Sys.Audit"],
        Groups::None,
    )),
);

/// `PUT /access/users/{userid}`.
pub(crate) const PUT_ACCESS_USERS_USERID: Declaration = Declaration::new(
    Method::Put,
    "/access/users/{userid}",
    &[
        Param::boolean("append").requires("groups").optional(),
        Param::string("comment").max_length(2048).optional(),
        Param::string("email")
            .format("email-opt")
            .max_length(254)
            .optional(),
        Param::boolean("enable").default("1").optional(),
        Param::integer("expire").minimum(0.0).optional(),
        Param::string("firstname").max_length(1024).optional(),
        Param::string("groups")
            .format("pve-groupid-list")
            .optional(),
        Param::string("keys")
            .pattern("[0-9a-zA-Z!=]{0,4096}")
            .optional(),
        Param::string("lastname").max_length(1024).optional(),
        Param::string("userid").format("pve-userid").max_length(64),
    ],
    Permission::Check(Check::UserGroup(&["User.Modify"], Groups::Update)),
)
.protected();

/// `GET /access/users/{userid}/token`.
pub(crate) const GET_ACCESS_USERS_USERID_TOKEN: Declaration = Declaration::new(
    Method::Get,
    "/access/users/{userid}/token",
    &[Param::string("userid").format("pve-userid").max_length(64)],
    Permission::Check(Check::Or(&[
        Check::UserSelf,
        Check::UserGroup(&["User.Modify"], Groups::None),
    ])),
);

/// `DELETE /access/users/{userid}/token/{tokenid}`.
pub(crate) const DELETE_ACCESS_USERS_USERID_TOKEN_TOKENID: Declaration = Declaration::new(
    Method::Delete,
    "/access/users/{userid}/token/{tokenid}",
    &[
        Param::string("tokenid").pattern(r#"(?^:[A-Za-z][A-Za-z0-9\.\-_]+)"#),
        Param::string("userid").format("pve-userid").max_length(64),
    ],
    Permission::Check(Check::Or(&[
        Check::UserSelf,
        Check::UserGroup(&["User.Modify"], Groups::None),
    ])),
)
.protected();

/// `GET /access/users/{userid}/token/{tokenid}`.
pub(crate) const GET_ACCESS_USERS_USERID_TOKEN_TOKENID: Declaration = Declaration::new(
    Method::Get,
    "/access/users/{userid}/token/{tokenid}",
    &[
        Param::string("tokenid").pattern(r#"(?^:[A-Za-z][A-Za-z0-9\.\-_]+)"#),
        Param::string("userid").format("pve-userid").max_length(64),
    ],
    Permission::Check(Check::Or(&[
        Check::UserSelf,
        Check::UserGroup(&["User.Modify"], Groups::None),
    ])),
);

/// `POST /access/users/{userid}/token/{tokenid}`.
pub(crate) const POST_ACCESS_USERS_USERID_TOKEN_TOKENID: Declaration = Declaration::new(
    Method::Post,
    "/access/users/{userid}/token/{tokenid}",
    &[
        Param::string("comment").optional(),
        Param::integer("expire")
            .minimum(0.0)
            .default("same as user")
            .optional(),
        Param::boolean("privsep").default("1").optional(),
        Param::string("tokenid").pattern(r#"(?^:[A-Za-z][A-Za-z0-9\.\-_]+)"#),
        Param::string("userid").format("pve-userid").max_length(64),
    ],
    Permission::Check(Check::Or(&[
        Check::UserSelf,
        Check::UserGroup(&["User.Modify"], Groups::None),
    ])),
)
.protected();

/// `PUT /access/users/{userid}/token/{tokenid}`.
pub(crate) const PUT_ACCESS_USERS_USERID_TOKEN_TOKENID: Declaration = Declaration::new(
    Method::Put,
    "/access/users/{userid}/token/{tokenid}",
    &[
        Param::string("comment").optional(),
        Param::string("delete")
            .format("pve-configid-list")
            .optional(),
        Param::integer("expire")
            .minimum(0.0)
            .default("same as user")
            .optional(),
        Param::boolean("privsep").default("1").optional(),
        Param::boolean("regenerate").default("0").optional(),
        Param::string("tokenid").pattern(r#"(?^:[A-Za-z][A-Za-z0-9\.\-_]+)"#),
        Param::string("userid").format("pve-userid").max_length(64),
    ],
    Permission::Check(Check::Or(&[
        Check::UserSelf,
        Check::UserGroup(&["User.Modify"], Groups::None),
    ])),
)
.protected();
