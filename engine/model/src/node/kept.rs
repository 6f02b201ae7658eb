//! What Proxmox keeps active on a node: shares that it mounts, targets that it's logged in to. Its status daemon does
//! so every few seconds, and so does whoever asks for a storage's state.

use super::{
    activate::activate,
    appliances,
    storages::{self, Storage, property},
};
use crate::{Stop, Tx, stop::known};

/// A storage and its id.
type Named = (String, Storage);

/// The storages of a type that are meant for the asked node, by id; whether they can be used is another question. Where
/// nobody logged in to the API that shows them, no plan changes them either, and what the host itself shows is all.
fn meant(tx: &mut Tx<'_>, kind: &str) -> Result<Vec<Named>, Stop> {
    let all = known(storages::all(tx))?.unwrap_or_default().into_iter();
    let own = all.filter(|(_, storage)| {
        property(storage, "type") == kind
            && storages::is_on(storage, &tx.node)
            && storages::flag(storage, "disable") != Some(true)
    });
    Ok(own.collect())
}

/// The share that Proxmox has mounted at a path of the asked node; none if no storage has that path, or its server
/// doesn't let it.
///
/// # Errors
/// The rows' fault.
pub fn share_at(tx: &mut Tx<'_>, path: &str) -> Result<Option<String>, Stop> {
    for (id, storage) in meant(tx, "nfs")? {
        let own = match property(&storage, "path") {
            own if own.is_empty() => format!("/mnt/pve/{id}"),
            own => own,
        };
        let is_meant = own.trim_end_matches('/') == path.trim_end_matches('/');
        if is_meant && is_active(tx, &id, &storage)? {
            let (server, export) = (property(&storage, "server"), property(&storage, "export"));
            return Ok(Some(format!("{server}:{export}")));
        }
    }
    Ok(None)
}

/// Whether Proxmox has the asked node logged in to a target at a portal.
///
/// # Errors
/// The rows' fault.
pub fn has_session(tx: &mut Tx<'_>, target: &str, portal: &str) -> Result<bool, Stop> {
    for (id, storage) in meant(tx, "iscsi")? {
        let own = property(&storage, "portal");
        let is_meant = property(&storage, "target") == target
            && appliances::portal_host(&own) == appliances::portal_host(portal);
        if !is_meant || !is_active(tx, &id, &storage)? {
            continue;
        }
        // Proxmox knows no words for CHAP.
        let offered = appliances::targets(tx, &own)?.unwrap_or_default();
        let is_offered = offered.iter().any(|offered| offered == target);
        if is_offered && appliances::chap(tx, &own, target)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_active(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<bool, Stop> {
    match activate(tx, id, storage) {
        Ok(()) => Ok(true),
        Err(Stop::Api(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}
