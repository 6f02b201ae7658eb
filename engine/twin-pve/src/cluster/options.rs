//! `/cluster/options`: the datacenter's options, kept as the API shows them.

use model::{
    Params, Stop, Tx, kind,
    params::{split_list, text_of},
    permission, property,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

use super::nextid;
use crate::published::declaration;

/// The prefix of generated MAC addresses where none is set.
const MAC_PREFIX: &str = "BC:24:11";
/// The options that are shown as objects. The other property strings are shown as they are.
const OBJECTS: &[&str] = &[
    "crs",
    "ha",
    "migration",
    "next-id",
    "notify",
    "replication",
    "tag-style",
    "u2f",
    "user-tag-access",
    "webauthn",
];
/// What those see who may see no more.
const OPEN: &[&str] = &["console", "consent-text", "tag-style"];

/// The options as they are set.
pub(super) fn read(tx: &mut Tx<'_>) -> Result<Map<String, Value>, Stop> {
    Ok(tx.get(kind::CLUSTER, "options")?.unwrap_or_default())
}

pub(super) fn show(tx: &mut Tx<'_>, _: &Params) -> Result<Value, Stop> {
    let mut options = read(tx)?;
    let tags = allowed_tags(tx, &options)?;
    if permission::has_any(tx, "/", &["Sys.Audit"])? {
        options.entry("mac_prefix").or_insert(MAC_PREFIX.into());
        options.entry("description").or_insert("".into());
    } else {
        options.retain(|name, _| OPEN.contains(&name.as_str()));
    }
    let tags: Vec<Value> = tags.into_iter().map(Value::from).collect();
    options.insert("allowed-tags".to_owned(), tags.into());
    Ok(Value::Object(options))
}

/// The tags that the caller may give to guests, of those that are named anywhere.
fn allowed_tags(tx: &mut Tx<'_>, options: &Map<String, Value>) -> Result<BTreeSet<String>, Stop> {
    let registered = list(options.get("registered-tags"));
    let access = options.get("user-tag-access");
    let mode = access
        .and_then(|access| access["user-allow"].as_str())
        .unwrap_or("free");
    let may_all = permission::has_any(tx, "/", &["Sys.Modify"])?;
    let mut tags = BTreeSet::new();
    if mode != "none" || may_all {
        tags.extend(list(access.map(|access| &access["user-allow-list"])));
    }
    if matches!(mode, "free" | "existing") || may_all {
        for (vmid, guest) in tx.scan::<Value>(kind::GUEST)? {
            if may_all || permission::has_any(tx, &format!("/vms/{vmid}"), &["VM.Audit"])? {
                let text = guest["config"]["tags"].as_str().unwrap_or_default();
                tags.extend(split_list(text));
            }
        }
    }
    for tag in registered {
        if may_all {
            tags.insert(tag);
        } else {
            tags.remove(&tag);
        }
    }
    Ok(tags)
}

fn list(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

pub(super) fn update(tx: &mut Tx<'_>, params: &Params) -> Result<Value, Stop> {
    let mut options = read(tx)?;
    // What isn't set anew is written as it's kept: sorted.
    sort_tags(&mut options);
    for (name, value) in params.except(&["delete"]) {
        let text = text_of(value).unwrap_or_default();
        options.insert(name.to_owned(), shown(name, &text)?);
    }
    for name in params.list("delete") {
        options.shift_remove(&name);
    }
    settle(&mut options)?;
    tx.put(kind::CLUSTER, "options", &options)?;
    Ok(Value::Null)
}

/// An option as it's shown.
fn shown(name: &str, text: &str) -> Result<Value, Stop> {
    if name == "registered-tags" {
        return Ok(tags(text));
    }
    if name == "description" {
        let lines = text.trim_end_matches('\n').split('\n');
        let kept: String = lines.map(|line| format!("{line}\n")).collect();
        return Ok(if text.is_empty() { "" } else { &*kept }.into());
    }
    if !OBJECTS.contains(&name) {
        return Ok(text.into());
    }
    let properties = declaration("PUT /cluster/options").properties(name);
    let mut parsed = property::parse(properties, text, name).map_err(Stop::fail)?;
    if let Some(allowed) = parsed.get_mut("user-allow-list")
        && let Some(text) = allowed.as_str()
    {
        *allowed = tags(text);
    }
    Ok(Value::Object(parsed))
}

fn tags(text: &str) -> Value {
    text.split(';').collect::<Vec<_>>().into()
}

fn sort_tags(options: &mut Map<String, Value>) {
    let sort = |value: &mut Value| {
        if let Some(items) = value.as_array_mut() {
            items.sort_by_key(|item| item.as_str().map(str::to_owned));
        }
    };
    if let Some(registered) = options.get_mut("registered-tags") {
        sort(registered);
    }
    if let Some(access) = options
        .get_mut("user-tag-access")
        .and_then(Value::as_object_mut)
        && let Some(allowed) = access.get_mut("user-allow-list")
    {
        sort(allowed);
    }
}

/// What is always so when the options are written.
fn settle(options: &mut Map<String, Value>) -> Result<(), Stop> {
    if !options.contains_key("migration")
        && let Some(insecure) = options.shift_remove("migration_unsecure")
    {
        let kind = if insecure == "1" {
            "insecure"
        } else {
            "secure"
        };
        options.insert("migration".to_owned(), serde_json::json!({ "type": kind }));
    }
    if options.get("console") == Some(&"applet".into()) {
        options.insert("console".to_owned(), "html5".into());
    }
    let is_default = |prefix: &Value| {
        prefix
            .as_str()
            .is_some_and(|prefix| prefix.eq_ignore_ascii_case(MAC_PREFIX))
    };
    if options.get("mac_prefix").is_some_and(is_default) {
        options.shift_remove("mac_prefix");
    }
    if options.get("description") == Some(&"".into()) {
        options.shift_remove("description");
    }
    if let Some(range) = options.get("next-id").and_then(Value::as_object) {
        let (lower, upper) = nextid::bounds(Some(range));
        if lower > upper {
            return Err(Stop::fail(format!(
                "lower ({lower}) <= upper ({upper}) boundary rule broken"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_options_as_the_api_does() {
        for (name, sent, shown_as) in [
            ("max_workers", "3", json!("3")),
            ("description", "one\ntwo\n\n", json!("one\ntwo\n")),
            ("description", "", json!("")),
            ("registered-tags", "prod;dev", json!(["prod", "dev"])),
            ("bwlimit", "migration=1000", json!("migration=1000")),
            ("migration", "insecure", json!({ "type": "insecure" })),
            (
                "user-tag-access",
                "user-allow=list,user-allow-list=b;a",
                json!({ "user-allow": "list", "user-allow-list": ["b", "a"] }),
            ),
            (
                "next-id",
                "lower=200,upper=300",
                json!({ "lower": "200", "upper": "300" }),
            ),
        ] {
            assert_eq!(shown(name, sent).unwrap(), shown_as, "{name}={sent}");
        }
    }

    #[test]
    fn settles_what_is_old_or_the_default() {
        let mut options = json!({
            "migration_unsecure": "1", "console": "applet", "mac_prefix": "bc:24:11",
        });
        let options = options.as_object_mut().unwrap();
        settle(options).unwrap();
        assert_eq!(
            Value::Object(options.clone()),
            json!({ "console": "html5", "migration": { "type": "insecure" } })
        );
        options.insert("next-id".to_owned(), json!({ "upper": "50" }));
        let stop = settle(options).unwrap_err();
        assert_eq!(
            stop.message(),
            "lower (100) <= upper (50) boundary rule broken"
        );
    }
}
