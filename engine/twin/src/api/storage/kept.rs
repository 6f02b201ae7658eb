//! What Proxmox keeps active on a node: shares that it mounts, targets that it's logged in to. Its status daemon does
//! so every few seconds, and so does whoever asks for a storage's state.

use super::{
    activate,
    config::{self, Storage, property},
    crud, remote,
};
use crate::model::{Stop, Tx};

/// A storage and its id.
pub(crate) type Named = (String, Storage);

/// The storages of a type that are meant for the asked node, by id; whether they can be used is another question.
///
/// # Errors
/// The rows' fault.
pub(crate) fn meant(tx: &mut Tx<'_>, kind: &str) -> Result<Vec<Named>, Stop> {
    let all = crud::all(tx)?.into_iter();
    let own = all.filter(|(_, storage)| {
        property(storage, "type") == kind
            && config::is_on(storage, &tx.node)
            && config::flag(storage, "disable") != Some(true)
    });
    Ok(own.collect())
}

/// The share that a storage has mounted at a path; none if it's another path, or its server doesn't let it.
///
/// # Errors
/// The rows' fault.
pub(crate) fn mounted(
    tx: &mut Tx<'_>,
    (id, storage): &Named,
    path: &str,
) -> Result<Option<String>, Stop> {
    let own = match property(storage, "path") {
        own if own.is_empty() => format!("/mnt/pve/{id}"),
        own => own,
    };
    if own.trim_end_matches('/') != path.trim_end_matches('/') || !is_active(tx, id, storage)? {
        return Ok(None);
    }
    let (server, export) = (property(storage, "server"), property(storage, "export"));
    Ok(Some(format!("{server}:{export}")))
}

/// Whether a storage is logged in to a target at a portal.
///
/// # Errors
/// The rows' fault.
pub(crate) fn has_session(
    tx: &mut Tx<'_>,
    (id, storage): &Named,
    target: &str,
    portal: &str,
) -> Result<bool, Stop> {
    let own = property(storage, "portal");
    if property(storage, "target") != target
        || remote::portal_host(&own) != remote::portal_host(portal)
        || !is_active(tx, id, storage)?
    {
        return Ok(false);
    }
    // Proxmox knows no words for CHAP.
    let offered = remote::targets(tx, &own)?.unwrap_or_default();
    Ok(
        offered.iter().any(|offered| offered == target)
            && remote::chap(tx, &own, target)?.is_none(),
    )
}

fn is_active(tx: &mut Tx<'_>, id: &str, storage: &Storage) -> Result<bool, Stop> {
    match activate::activate(tx, id, storage) {
        Ok(()) => Ok(true),
        Err(Stop::Api(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}
