//! What a host has mounted and is logged in to because Proxmox keeps the storages of its cluster active.

use super::{Host, own};
use crate::{api::storage::kept, model::Stop};

impl Host<'_, '_> {
    /// The share that Proxmox mounts at a path.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn share_at(&mut self, path: &str) -> Result<Option<String>, Stop> {
        for storage in self.storages("nfs")? {
            if let Some(share) = kept::mounted(self.tx, &storage, path)? {
                return Ok(Some(share));
            }
        }
        Ok(None)
    }

    /// Whether Proxmox logs in to a target at a portal.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn is_storage(&mut self, target: &str, portal: &str) -> Result<bool, Stop> {
        for storage in self.storages("iscsi")? {
            if kept::has_session(self.tx, &storage, target, portal)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The storages of a type that are meant for the host. Where nobody logged in to the API that shows them, no plan
    /// changes them either, and what the host itself shows is all.
    fn storages(&mut self, kind: &str) -> Result<Vec<kept::Named>, Stop> {
        if self.is_operator() {
            return Ok(Vec::new());
        }
        match kept::meant(self.tx, kind) {
            Err(stop) if own::is_unknown(&stop) => Ok(Vec::new()),
            storages => storages,
        }
    }
}
