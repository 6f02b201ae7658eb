//! The SSH key by which a served twin knows homelab, where OpenSSH looks for one.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Keeps a private key below the folder that is home to the connections of a served twin.
///
/// # Errors
/// The folder can't be written.
pub(crate) fn keep(home: &Path, key: &str) -> io::Result<()> {
    let folder = home.join(".ssh");
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)?;
    let mut open = OpenOptions::new();
    open.write(true).create(true).truncate(true).mode(0o600);
    open.open(folder.join("id_ed25519"))?
        .write_all(key.as_bytes())
}
