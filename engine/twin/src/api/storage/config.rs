//! A storage's configuration: what is checked when it's made or changed, and how it reads.

use serde_json::{Map, Value, json};

use super::plugin::{Plugin, Rule};
use crate::{
    api::declaration,
    model::{
        Params, Stop,
        params::{split_list, text_of},
    },
};

/// What is secret, kept in files of its own, and never read back.
const SECRET: &[&str] = &["password", "encryption-key", "master-pubkey", "keyring"];

/// Whether an option is kept outside the configuration for a type.
pub(super) fn is_secret(plugin: &Plugin, option: &str) -> bool {
    SECRET.contains(&option) && plugin.rule(option).is_some()
}

/// A storage's properties, as the API names them.
pub(crate) type Storage = Map<String, Value>;

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

/// A storage as the API reads it: with what its type adds.
pub(super) fn read(id: &str, mut storage: Storage) -> Storage {
    if let Some(plugin) = plugin_of(&storage) {
        if plugin.is_shared {
            storage.insert("shared".to_owned(), 1.into());
        }
        if !storage.contains_key("content") {
            storage.insert("content".to_owned(), plugin.default_content.into());
        }
    }
    if id == "local" {
        storage.shift_remove("nodes");
    }
    storage
}

/// The type of a storage.
pub(super) fn plugin_of(storage: &Storage) -> Option<&'static Plugin> {
    Plugin::named(storage.get("type")?.as_str()?)
}

/// `local` where nobody has defined it.
pub(super) fn default_local() -> Storage {
    let local = json!({
        "type": "dir", "path": "/var/lib/vz", "prune-backups": "keep-all=1",
        "content": "backup,images,import,iso,rootdir,snippets,vztmpl",
    });
    local.as_object().cloned().unwrap_or_default()
}

/// A property as text; empty if it isn't there.
pub(super) fn property(storage: &Storage, name: &str) -> String {
    storage.get(name).and_then(text_of).unwrap_or_default()
}

/// Whether a flag is set; `yes` and the like count too.
pub(super) fn flag(storage: &Storage, name: &str) -> Option<bool> {
    let text = storage.get(name).and_then(text_of)?;
    Some(crate::model::params::is_true(&text))
}

/// Whether a storage holds a type of content.
pub(super) fn holds(storage: &Storage, kind: &str) -> bool {
    split_list(&property(storage, "content"))
        .iter()
        .any(|held| held == kind)
}

/// Whether a storage is meant for a node.
pub(super) fn is_on(storage: &Storage, node: &str) -> bool {
    let nodes = split_list(&property(storage, "nodes"));
    nodes.is_empty() || nodes.iter().any(|name| name == node)
}

#[cfg(test)]
mod tests {
    use super::*;

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
