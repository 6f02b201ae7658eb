//! The SSH key by which a served twin knows homelab, where OpenSSH looks for one.

use std::{io, path::Path};

use world::private;

/// Keeps a private key below the folder that is home to the connections of a served twin.
///
/// # Errors
/// The folder can't be written.
pub(crate) fn keep(home: &Path, key: &str) -> io::Result<()> {
    let folder = home.join(".ssh");
    private::folder(&folder)?;
    private::write(&folder.join("id_ed25519"), key.as_bytes())
}
