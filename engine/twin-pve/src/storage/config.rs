//! A storage's configuration: what is checked when it's made or changed.

use model::{
    Params, Stop,
    node::{
        plugin::{Plugin, Rule},
        storages::Storage,
    },
    params::{split_list, text_of},
};
use serde_json::Value;

use crate::published::declaration;

/// What is secret, kept in files of its own, and never read back.
const SECRET: &[&str] = &["password", "encryption-key", "master-pubkey", "keyring"];

/// Whether an option is kept outside the configuration for a type.
pub(super) fn is_secret(plugin: &Plugin, option: &str) -> bool {
    SECRET.contains(&option) && plugin.rule(option).is_some()
}

/// Decodes the parameters of a storage that is made.
///
/// # Errors
/// What doesn't fit the type.
pub(super) fn creation(plugin: &Plugin, id: &str, params: &Params) -> Result<Storage, Stop> {
    let mut storage = Storage::new();
    storage.insert("type".to_owned(), plugin.name.into());
    let mounted = matches!(plugin.name, "nfs" | "cifs" | "cephfs");
    if mounted && !params.has("path") {
        storage.insert("path".to_owned(), format!("/mnt/pve/{id}").into());
    }
    for (name, value) in params.except(&["type", "storage"]) {
        if is_secret(plugin, name) || (name == "nodes" && text_of(value).as_deref() == Some("")) {
            continue;
        }
        if plugin.rule(name).is_none() {
            return Err(Stop::fail(format!("unexpected property '{name}'")));
        }
        storage.insert(name.to_owned(), decode(plugin, name, value)?);
    }
    if let Some(missing) = plugin.required().find(|name| !storage.contains_key(*name)) {
        return Err(Stop::fail(format!(
            "missing value for required option '{missing}'"
        )));
    }
    Ok(storage)
}

/// Changes a storage by the parameters of an update.
///
/// # Errors
/// What doesn't fit the type, or can't change.
pub(super) fn change(plugin: &Plugin, storage: &mut Storage, params: &Params) -> Result<(), Stop> {
    let mut set = Storage::new();
    for (name, value) in params.except(&["storage", "digest", "delete"]) {
        if is_secret(plugin, name) {
            continue;
        }
        match plugin.rule(name) {
            None => return Err(Stop::fail(format!("unexpected property '{name}'"))),
            Some(rule) if rule.is_fixed() => {
                let words = format!("can't change value of fixed parameter '{name}'");
                return Err(Stop::fail(words));
            }
            Some(_) => set.insert(name.to_owned(), decode(plugin, name, value)?),
        };
    }
    for name in params.list("delete") {
        let refusal = match plugin.rule(&name) {
            None => Some(format!("no such option '{name}'")),
            Some(rule) if !rule.is_optional() => {
                Some(format!("unable to delete required option '{name}'"))
            }
            Some(Rule::FixedOptional) => Some(format!("unable to delete fixed option '{name}'")),
            Some(_) if set.contains_key(&name) => Some(format!(
                "cannot set and delete property '{name}' at the same time!"
            )),
            Some(_) => None,
        };
        if let Some(words) = refusal {
            return Err(Stop::fail(words));
        }
        storage.shift_remove(&name);
    }
    storage.extend(set);
    Ok(())
}

/// A value as it's kept: numbers as numbers, lists without what occurs twice.
fn decode(plugin: &Plugin, name: &str, value: &Value) -> Result<Value, Stop> {
    let text = text_of(value).unwrap_or_default();
    match name {
        "content" => content(plugin, &text).map(Value::from),
        "nodes" => Ok(unique(&split_list(&text)).into()),
        _ => Ok(typed(name, text)),
    }
}

/// A value in its declared type.
fn typed(name: &str, text: String) -> Value {
    match declaration("POST /storage").params.get(name) {
        Some(param) => param.typed(text),
        None => text.into(),
    }
}

fn unique(items: &[String]) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for item in items {
        if !kept.contains(&item.as_str()) {
            kept.push(item);
        }
    }
    kept.join(",")
}

/// What a storage may hold; types that it can't hold are left out, as Proxmox does with a warning.
fn content(plugin: &Plugin, text: &str) -> Result<String, Stop> {
    let mut kept = split_list(text);
    kept.retain(|kind| plugin.content.contains(&kind.as_str()));
    let kept = unique(&kept);
    if kept.contains("none") && kept != "none" {
        return Err(Stop::fail(
            "unable to combine 'none' with other content types",
        ));
    }
    if !kept.is_empty() {
        return Ok(kept);
    }
    if plugin.content.contains(&"none") {
        Ok("none".to_owned())
    } else {
        Err(Stop::fail("storage does not support content type 'none'"))
    }
}

#[cfg(test)]
mod tests {
    use model::node::plugin::PLUGINS;
    use serde_json::json;

    use super::*;

    fn names(call: &str) -> Vec<&'static str> {
        let params = &declaration(call).params;
        params.keys().map(String::as_str).collect()
    }

    #[test]
    fn every_option_is_declared_and_the_changeable_ones_can_be_changed() {
        let (create, update) = (names("POST /storage"), names("PUT /storage/{storage}"));
        for plugin in PLUGINS {
            for option in plugin.options() {
                assert!(create.contains(&option), "{} {option}", plugin.name);
                if !plugin.rule(option).unwrap().is_fixed() {
                    assert!(update.contains(&option), "{} {option}", plugin.name);
                }
            }
        }
    }

    #[test]
    fn what_can_be_changed_can_be_changed_of_some_type() {
        for option in names("PUT /storage/{storage}") {
            if matches!(option, "storage" | "digest" | "delete") {
                continue;
            }
            let changeable =
                |plugin: &Plugin| plugin.rule(option).is_some_and(|rule| !rule.is_fixed());
            assert!(PLUGINS.iter().any(changeable), "{option}");
        }
    }

    fn made(kind: &str, params: Value) -> Result<Storage, String> {
        let plugin = Plugin::named(kind).unwrap();
        let params = Params(params.as_object().cloned().unwrap());
        creation(plugin, "one", &params).map_err(|stop| stop.message().to_owned())
    }

    #[test]
    fn decodes_by_type() {
        let nfs = made(
            "nfs",
            json!({ "server": "10.0.0.2", "export": "/x", "content": "iso;backup,iso", "nodes": "b a b", "disable": "1" }),
        );
        assert_eq!(
            Value::Object(nfs.unwrap()),
            json!({ "type": "nfs", "path": "/mnt/pve/one", "server": "10.0.0.2", "export": "/x", "content": "iso,backup",
                "nodes": "b,a", "disable": 1 })
        );
        for (kind, params, words) in [
            (
                "nfs",
                json!({ "server": "a" }),
                "missing value for required option 'export'",
            ),
            (
                "dir",
                json!({ "path": "/x", "vgname": "y" }),
                "unexpected property 'vgname'",
            ),
            (
                "dir",
                json!({ "path": "/x", "content": "none,iso" }),
                "unable to combine 'none' with other content types",
            ),
            (
                "lvm",
                json!({ "vgname": "x", "content": "iso" }),
                "storage does not support content type 'none'",
            ),
        ] {
            assert_eq!(made(kind, params).unwrap_err(), words);
        }
    }

    #[test]
    fn changes_what_may_change() {
        let change = |params: Value| {
            let mut storage = made(
                "lvm",
                json!({ "vgname": "x", "base": "san:1", "shared": "1" }),
            )
            .unwrap();
            let params = Params(params.as_object().cloned().unwrap());
            let changed = super::change(Plugin::named("lvm").unwrap(), &mut storage, &params);
            changed
                .map(|()| storage)
                .map_err(|stop| stop.message().to_owned())
        };
        assert!(
            !change(json!({ "delete": "shared" }))
                .unwrap()
                .contains_key("shared")
        );
        for (params, words) in [
            (json!({ "server": "a" }), "unexpected property 'server'"),
            (
                json!({ "delete": "vgname" }),
                "unable to delete required option 'vgname'",
            ),
            (
                json!({ "delete": "base" }),
                "unable to delete fixed option 'base'",
            ),
            (json!({ "delete": "nope" }), "no such option 'nope'"),
            (
                json!({ "delete": "shared", "shared": 0 }),
                "cannot set and delete property 'shared' at the same time!",
            ),
        ] {
            assert_eq!(change(params).unwrap_err(), words);
        }
    }
}
