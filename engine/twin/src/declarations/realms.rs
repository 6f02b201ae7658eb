//! The declarations of realms and of second factors that a client may ask for.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Groups, Param, Permission};

/// `POST /access/domains`.
pub(crate) const POST_ACCESS_DOMAINS: Declaration = Declaration::new(
    Method::Post,
    "/access/domains",
    &[
        Param::string("acr-values")
            .pattern(r#"^[^\x00-\x1F\x7F <>#"]*$"#)
            .optional(),
        Param::string("audiences")
            .pattern(r#"^[^\x00-\x1F\x7F <>#"]*$"#)
            .optional(),
        Param::boolean("autocreate").default("0").optional(),
        Param::string("base_dn").max_length(256).optional(),
        Param::string("bind_dn").max_length(256).optional(),
        Param::string("capath").default("/etc/ssl/certs").optional(),
        Param::boolean("case-sensitive").default("1").optional(),
        Param::string("cert").optional(),
        Param::string("certkey").optional(),
        Param::boolean("check-connection").default("0").optional(),
        Param::string("client-id").max_length(256).optional(),
        Param::string("client-key").max_length(256).optional(),
        Param::string("comment").max_length(4096).optional(),
        Param::boolean("default").optional(),
        Param::string("domain")
            .pattern(r#"\S+"#)
            .max_length(256)
            .optional(),
        Param::string("filter").max_length(2048).optional(),
        Param::string("group_classes")
            .format("ldap-simple-attr-list")
            .default("groupOfNames, group, univentionGroup, ipausergroup")
            .optional(),
        Param::string("group_dn").max_length(256).optional(),
        Param::string("group_filter").max_length(2048).optional(),
        Param::string("group_name_attr")
            .format("ldap-simple-attr")
            .max_length(256)
            .optional(),
        Param::boolean("groups-autocreate").default("0").optional(),
        Param::string("groups-claim")
            .pattern(r#"(?^:[A-Za-z0-9\.\-_]+)"#)
            .max_length(256)
            .optional(),
        Param::boolean("groups-overwrite").default("0").optional(),
        Param::string("issuer-url").max_length(256).optional(),
        Param::string("mode")
            .values(&["ldap", "ldaps", "ldap+starttls"])
            .default("ldap")
            .optional(),
        Param::string("password").optional(),
        Param::integer("port")
            .minimum(1.0)
            .maximum(65535.0)
            .optional(),
        Param::string("prompt")
            .pattern(r#"(?:none|login|consent|select_account|\S+)"#)
            .optional(),
        Param::boolean("query-userinfo").default("1").optional(),
        Param::string("realm").format("pve-realm").max_length(32),
        Param::string("scopes").default("email profile").optional(),
        Param::boolean("secure").optional(),
        Param::string("server1")
            .format("address")
            .max_length(256)
            .optional(),
        Param::string("server2")
            .format("address")
            .max_length(256)
            .optional(),
        Param::string("sslversion")
            .values(&["tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3"])
            .optional(),
        Param::string("sync-defaults-options")
            .format("realm-sync-options")
            .optional(),
        Param::string("sync_attributes")
            .pattern(r#"\w+=[^,]+(,\s*\w+=[^,]+)*"#)
            .optional(),
        Param::string("tfa")
            .format("pve-tfa-config")
            .max_length(128)
            .optional(),
        Param::string("type").values(&["ad", "ldap", "openid", "pam", "pve"]),
        Param::string("user_attr")
            .pattern(r#"\S{2,}"#)
            .max_length(256)
            .optional(),
        Param::string("user_classes")
            .format("ldap-simple-attr-list")
            .default("inetorgperson, posixaccount, person, user")
            .optional(),
        Param::string("username-claim").optional(),
        Param::boolean("verify").default("0").optional(),
    ],
    Permission::Check(Check::Perm("/access/realm", &["Realm.Allocate"])),
)
.protected();

/// `DELETE /access/domains/{realm}`.
pub(crate) const DELETE_ACCESS_DOMAINS_REALM: Declaration = Declaration::new(
    Method::Delete,
    "/access/domains/{realm}",
    &[Param::string("realm").format("pve-realm").max_length(32)],
    Permission::Check(Check::Perm("/access/realm", &["Realm.Allocate"])),
)
.protected();

/// `PUT /access/domains/{realm}`.
pub(crate) const PUT_ACCESS_DOMAINS_REALM: Declaration = Declaration::new(
    Method::Put,
    "/access/domains/{realm}",
    &[
        Param::string("acr-values")
            .pattern(r#"^[^\x00-\x1F\x7F <>#"]*$"#)
            .optional(),
        Param::string("audiences")
            .pattern(r#"^[^\x00-\x1F\x7F <>#"]*$"#)
            .optional(),
        Param::boolean("autocreate").default("0").optional(),
        Param::string("base_dn").max_length(256).optional(),
        Param::string("bind_dn").max_length(256).optional(),
        Param::string("capath").default("/etc/ssl/certs").optional(),
        Param::boolean("case-sensitive").default("1").optional(),
        Param::string("cert").optional(),
        Param::string("certkey").optional(),
        Param::boolean("check-connection").default("0").optional(),
        Param::string("client-id").max_length(256).optional(),
        Param::string("client-key").max_length(256).optional(),
        Param::string("comment").max_length(4096).optional(),
        Param::boolean("default").optional(),
        Param::string("delete")
            .format("pve-configid-list")
            .max_length(4096)
            .optional(),
        Param::string("digest").max_length(64).optional(),
        Param::string("domain")
            .pattern(r#"\S+"#)
            .max_length(256)
            .optional(),
        Param::string("filter").max_length(2048).optional(),
        Param::string("group_classes")
            .format("ldap-simple-attr-list")
            .default("groupOfNames, group, univentionGroup, ipausergroup")
            .optional(),
        Param::string("group_dn").max_length(256).optional(),
        Param::string("group_filter").max_length(2048).optional(),
        Param::string("group_name_attr")
            .format("ldap-simple-attr")
            .max_length(256)
            .optional(),
        Param::boolean("groups-autocreate").default("0").optional(),
        Param::string("groups-claim")
            .pattern(r#"(?^:[A-Za-z0-9\.\-_]+)"#)
            .max_length(256)
            .optional(),
        Param::boolean("groups-overwrite").default("0").optional(),
        Param::string("issuer-url").max_length(256).optional(),
        Param::string("mode")
            .values(&["ldap", "ldaps", "ldap+starttls"])
            .default("ldap")
            .optional(),
        Param::string("password").optional(),
        Param::integer("port")
            .minimum(1.0)
            .maximum(65535.0)
            .optional(),
        Param::string("prompt")
            .pattern(r#"(?:none|login|consent|select_account|\S+)"#)
            .optional(),
        Param::boolean("query-userinfo").default("1").optional(),
        Param::string("realm").format("pve-realm").max_length(32),
        Param::string("scopes").default("email profile").optional(),
        Param::boolean("secure").optional(),
        Param::string("server1")
            .format("address")
            .max_length(256)
            .optional(),
        Param::string("server2")
            .format("address")
            .max_length(256)
            .optional(),
        Param::string("sslversion")
            .values(&["tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3"])
            .optional(),
        Param::string("sync-defaults-options")
            .format("realm-sync-options")
            .optional(),
        Param::string("sync_attributes")
            .pattern(r#"\w+=[^,]+(,\s*\w+=[^,]+)*"#)
            .optional(),
        Param::string("tfa")
            .format("pve-tfa-config")
            .max_length(128)
            .optional(),
        Param::string("user_attr")
            .pattern(r#"\S{2,}"#)
            .max_length(256)
            .optional(),
        Param::string("user_classes")
            .format("ldap-simple-attr-list")
            .default("inetorgperson, posixaccount, person, user")
            .optional(),
        Param::boolean("verify").default("0").optional(),
    ],
    Permission::Check(Check::Perm("/access/realm", &["Realm.Allocate"])),
)
.protected();

/// `GET /access/openid`.
pub(crate) const GET_ACCESS_OPENID: Declaration =
    Declaration::new(Method::Get, "/access/openid", &[], Permission::All);

/// `GET /access/tfa`.
pub(crate) const GET_ACCESS_TFA: Declaration =
    Declaration::new(Method::Get, "/access/tfa", &[], Permission::All).protected();

/// `GET /access/tfa/{userid}`.
pub(crate) const GET_ACCESS_TFA_USERID: Declaration = Declaration::new(
    Method::Get,
    "/access/tfa/{userid}",
    &[Param::string("userid").format("pve-userid").max_length(64)],
    Permission::Check(Check::Or(&[
        Check::UserSelf,
        Check::UserGroup(&["User.Modify", "Sys.Audit"], Groups::None),
    ])),
)
.protected();

/// `GET /access/users/{userid}/tfa`.
pub(crate) const GET_ACCESS_USERS_USERID_TFA: Declaration = Declaration::new(
    Method::Get,
    "/access/users/{userid}/tfa",
    &[
        Param::boolean("multiple").default("0").optional(),
        Param::string("userid").format("pve-userid").max_length(64),
    ],
    Permission::Check(Check::Or(&[
        Check::UserSelf,
        Check::UserGroup(&["User.Modify", "Sys.Audit"], Groups::None),
    ])),
)
.protected();
