//! The comparison of every declaration with Proxmox's published API.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use crate::{
    api::ENDPOINTS,
    model::{
        declare::{Check, Declaration, Format, Groups, Param, Permission, Type},
        params::text_of,
    },
};

fn whole(value: &Value) -> Option<String> {
    text_of(value)
}

/// A declared parameter as the published API writes it: every field as text.
fn param(param: &Param) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    if param.kind == Type::Alias {
        put("alias", param.alias.map(str::to_owned));
        put("keyAlias", param.key_alias.map(str::to_owned));
        return fields;
    }
    put("type", Some(param.kind.name().to_owned()));
    match param.format {
        Format::Any => {}
        Format::Named(name) => put("format", Some(name.to_owned())),
        Format::Properties(properties) => {
            put("format", Some(format!("{:?}", declared(properties))))
        }
    }
    put("pattern", param.pattern.map(str::to_owned));
    put(
        "enum",
        (!param.values.is_empty()).then(|| param.values.join(",")),
    );
    put("minimum", param.minimum.map(|number| number.to_string()));
    put("maximum", param.maximum.map(|number| number.to_string()));
    put(
        "minLength",
        param.min_length.map(|number| number.to_string()),
    );
    put(
        "maxLength",
        param.max_length.map(|number| number.to_string()),
    );
    put("default", param.default.map(str::to_owned));
    put("default_key", param.default_key.then(|| "1".to_owned()));
    put("requires", param.requires.map(str::to_owned));
    put("optional", param.optional.then(|| "1".to_owned()));
    put(
        "items",
        param.items.map(|each| format!("{:?}", self::param(each))),
    );
    fields
}

type Fields = BTreeMap<String, BTreeMap<String, String>>;

fn declared(params: &[Param]) -> Fields {
    params
        .iter()
        .map(|each| (each.name.to_owned(), param(each)))
        .collect()
}

fn published(properties: &Value) -> Fields {
    let all = properties.as_object().into_iter().flatten();
    all.map(|(name, fields)| (name.clone(), published_param(fields)))
        .collect()
}

fn published_param(published_fields: &Value) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (name, value) in published_fields.as_object().into_iter().flatten() {
        let text = match (name.as_str(), value) {
            ("optional" | "default_key", value) if whole(value).as_deref() == Some("0") => continue,
            // Fields of a later schema draft that the daemons don't look at.
            ("min" | "max", _) | ("enum", Value::Null) => continue,
            ("format", Value::Object(_)) => format!("{:?}", published(value)),
            ("items", each) => format!("{:?}", published_param(each)),
            ("enum", Value::Array(values)) => values
                .iter()
                .filter_map(whole)
                .collect::<Vec<_>>()
                .join(","),
            ("minimum" | "maximum", value) => whole(value)
                .and_then(|text| text.parse::<f64>().ok())
                .map_or_else(String::new, |number| number.to_string()),
            (_, value) => whole(value).unwrap_or_else(|| value.to_string()),
        };
        fields.insert(name.clone(), text);
    }
    fields
}

fn check(check: Check) -> Value {
    let list = |items: &[&str]| Value::from(items.to_vec());
    match check {
        Check::Perm(path, privileges) => vec!["perm".into(), path.into(), list(privileges)],
        Check::Any(path, privileges) => {
            vec![
                "perm".into(),
                path.into(),
                list(privileges),
                "any".into(),
                1.into(),
            ]
        }
        Check::PermIf(path, privileges, needed) => {
            vec![
                "perm".into(),
                path.into(),
                list(privileges),
                "require_param".into(),
                needed.into(),
            ]
        }
        Check::And(checks) => std::iter::once("and".into())
            .chain(checks.iter().map(|each| self::check(*each)))
            .collect(),
        Check::Or(checks) => std::iter::once("or".into())
            .chain(checks.iter().map(|each| self::check(*each)))
            .collect(),
        Check::UserSelf => vec!["userid-param".into(), "self".into()],
        Check::UserRealm(privilege) => vec!["userid-param".into(), privilege.into()],
        Check::UserGroup(privileges, groups) => {
            let mut parts: Vec<Value> = vec!["userid-group".into(), list(privileges)];
            match groups {
                Groups::None => {}
                Groups::Create => parts.extend(["groups_param".into(), "create".into()]),
                Groups::Update => parts.extend(["groups_param".into(), "update".into()]),
            }
            parts
        }
        Check::Modify(path) => vec!["perm-modify".into(), path.into()],
    }
    .into()
}

fn permission_fits(declaration: &Declaration, published: &Value) -> bool {
    let user = published["user"].as_str();
    match declaration.permission {
        Permission::World => user == Some("world"),
        Permission::All => user == Some("all"),
        Permission::Root => published.is_null(),
        Permission::Check(declared) => published["check"] == check(declared),
    }
}

/// What the daemons were recorded to answer although the published API leaves it out.
const UNPUBLISHED: &[&str] = &["POST /nodes/{node}/suspendall"];

fn differences(declaration: &Declaration, published_api: &Value) -> Vec<String> {
    let name = format!("{} {}", declaration.method, declaration.path);
    if UNPUBLISHED.contains(&name.as_str()) {
        return Vec::new();
    }
    let all = published_api["api"].as_array().into_iter().flatten();
    let found = all.into_iter().find(|endpoint| {
        endpoint["method"] == declaration.method.as_str() && endpoint["path"] == declaration.path
    });
    let Some(found) = found else {
        return vec![format!("{name}: not published")];
    };
    let mut wrong = Vec::new();
    let (ours, theirs) = (
        declared(declaration.params),
        published(&found["parameters"]["properties"]),
    );
    for parameter in ours
        .keys()
        .chain(theirs.keys().filter(|key| !ours.contains_key(*key)))
    {
        if ours.get(parameter) != theirs.get(parameter) {
            let (ours, theirs) = (ours.get(parameter), theirs.get(parameter));
            wrong.push(format!(
                "{name} {parameter}: declared {ours:?}, published {theirs:?}"
            ));
        }
    }
    if !permission_fits(declaration, &found["permissions"]) {
        wrong.push(format!("{name}: permission {}", found["permissions"]));
    }
    for (what, ours, theirs) in [
        (
            "allowtoken",
            declaration.token_allowed,
            &found["allowtoken"],
        ),
        ("protected", declaration.protected, &found["protected"]),
    ] {
        if ours != (whole(theirs).as_deref() == Some("1")) {
            wrong.push(format!("{name}: {what}"));
        }
    }
    if declaration.proxied != (found["proxyto"] == "node") {
        wrong.push(format!("{name}: proxyto"));
    }
    wrong
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the published API isn't part of the repository"
)]
fn every_declaration_equals_the_published_api() {
    let Ok(path) = std::env::var("HOMELAB_API_SCHEMA") else {
        eprintln!("left out: HOMELAB_API_SCHEMA doesn't name the published API");
        return;
    };
    let published: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let endpoints: Vec<_> = ENDPOINTS.iter().copied().flatten().collect();
    let wrong: Vec<String> = endpoints
        .iter()
        .flat_map(|endpoint| differences(endpoint.declaration, &published))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    eprintln!("{} declarations equal the published API", endpoints.len());
}
