//! The cluster's storages as their configuration says, and which of them are meant for a node.

use serde_json::{Map, Value, json};

use super::{appliances, plugin::Plugin};
use crate::{
    Stop, Tx, kind, node_domain,
    params::{is_true, split_list, text_of},
};

/// A storage's properties, as the API names them.
pub type Storage = Map<String, Value>;

/// Every storage of the cluster, as the API reads it, sorted by id.
///
/// # Errors
/// The rows' fault.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<(String, Storage)>, Stop> {
    let rows = tx.scan::<Storage>(kind::STORAGE)?;
    let mut all: Vec<(String, Storage)> = rows
        .into_iter()
        .map(|(id, storage)| {
            let storage = read(&id, storage);
            (id, storage)
        })
        .collect();
    if !all.iter().any(|(id, _)| id == "local") {
        all.insert(0, ("local".to_owned(), default_local()));
    }
    Ok(all)
}

/// A storage as the API reads it.
///
/// # Errors
/// The rows' fault.
pub fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Storage>, Stop> {
    let row = tx.get::<Storage>(kind::STORAGE, id)?;
    let default = || (id == "local").then(default_local);
    Ok(row.map(|storage| read(id, storage)).or_else(default))
}

/// A storage that has to be there.
///
/// # Errors
/// 500 in the API's words, or the rows' fault.
pub fn known(tx: &mut Tx<'_>, id: &str) -> Result<Storage, Stop> {
    find(tx, id)?.ok_or_else(|| Stop::fail(format!("storage '{id}' does not exist")))
}

/// A storage as the API reads it: with what its type adds.
fn read(id: &str, mut storage: Storage) -> Storage {
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
#[must_use]
pub fn plugin_of(storage: &Storage) -> Option<&'static Plugin> {
    Plugin::named(storage.get("type")?.as_str()?)
}

/// `local` where nobody has defined it.
fn default_local() -> Storage {
    let local = json!({
        "type": "dir", "path": "/var/lib/vz", "prune-backups": "keep-all=1",
        "content": "backup,images,import,iso,rootdir,snippets,vztmpl",
    });
    local.as_object().cloned().unwrap_or_default()
}

/// A property as text; empty if it isn't there.
#[must_use]
pub fn property(storage: &Storage, name: &str) -> String {
    storage.get(name).and_then(text_of).unwrap_or_default()
}

/// Whether a flag is set; `yes` and the like count too.
#[must_use]
pub fn flag(storage: &Storage, name: &str) -> Option<bool> {
    let text = storage.get(name).and_then(text_of)?;
    Some(is_true(&text))
}

/// Whether a storage holds a type of content.
#[must_use]
pub fn holds(storage: &Storage, kind: &str) -> bool {
    split_list(&property(storage, "content"))
        .iter()
        .any(|held| held == kind)
}

/// Whether a storage is meant for a node.
#[must_use]
pub fn is_on(storage: &Storage, node: &str) -> bool {
    let nodes = split_list(&property(storage, "nodes"));
    nodes.is_empty() || nodes.iter().any(|name| name == node)
}

/// Needs a storage to be meant for the asked node.
///
/// # Errors
/// 500 in the API's words.
pub fn check_enabled(tx: &Tx<'_>, id: &str, storage: &Storage) -> Result<(), Stop> {
    if flag(storage, "disable") == Some(true) {
        return Err(Stop::fail(format!("storage '{id}' is disabled")));
    }
    if !is_on(storage, &tx.node) {
        return Err(Stop::fail(format!(
            "storage '{id}' is not available on node '{}'",
            tx.node
        )));
    }
    Ok(())
}

/// Whether the asked node is logged in to the iSCSI target to which a device belongs.
///
/// # Errors
/// The rows' fault.
pub fn is_logged_in(tx: &mut Tx<'_>, device: &str) -> Result<bool, Stop> {
    let Some(device) = device.strip_prefix("/dev/disk/by-id/") else {
        return Ok(false);
    };
    for (id, storage) in all(tx)? {
        if property(&storage, "type") != "iscsi" || check_enabled(tx, &id, &storage).is_err() {
            continue;
        }
        let (portal, target) = (property(&storage, "portal"), property(&storage, "target"));
        let luns = appliances::luns(tx, &portal, &target)?;
        if luns.iter().any(|lun| lun.device == device) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The domain in which the contents of a storage are kept.
///
/// # Errors
/// The rows' fault.
pub fn content_domain(tx: &mut Tx<'_>, storage: &Storage) -> Result<String, Stop> {
    if flag(storage, "shared") == Some(true)
        || plugin_of(storage).is_some_and(|plugin| plugin.is_shared)
    {
        tx.cluster()
    } else {
        Ok(node_domain(&tx.node))
    }
}
