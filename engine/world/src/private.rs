//! What a lab keeps for itself: folders and files that nobody but their owner may read.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

/// Makes a folder that only its owner may enter (0700); one that is there is closed, with the files in it (0600).
///
/// Folders in it stay as they are: nobody else gets to them, and a script may have made what lies there.
///
/// # Errors
/// It can't be made, read or closed: it belongs to somebody else.
pub fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    close(path, 0o700)?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            close(&entry.path(), 0o600)?;
        }
    }
    Ok(())
}

/// Opens a file for reading and writing; one that isn't there is made for its owner alone (0600).
///
/// # Errors
/// It can't be made or opened.
pub fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.mode(0o600).open(path)
}

/// Writes a whole file for its owner alone.
///
/// # Errors
/// It can't be made or written.
pub fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = file(path)?;
    file.set_len(0)?;
    file.write_all(text)
}

/// Gives a mode to what has another. What another process removed meanwhile needs none.
fn close(path: &Path, mode: u32) -> io::Result<()> {
    let closed = || {
        if fs::symlink_metadata(path)?.permissions().mode() & 0o777 == mode {
            return Ok(());
        }
        fs::set_permissions(path, Permissions::from_mode(mode))
    };
    match closed() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_was_open_to_others_is_closed() {
        let lab = tempfile::tempdir().unwrap();
        let state = lab.path().join(".homelab");
        let (inner, old) = (state.join("via"), state.join("old"));
        fs::create_dir_all(&inner).unwrap();
        fs::write(&old, "x").unwrap();
        for path in [&state, &inner, &old] {
            fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
        }
        folder(&state).unwrap();
        assert_eq!(
            (mode(&state), mode(&inner), mode(&old)),
            (0o700, 0o755, 0o600)
        );
        let new = state.join("new");
        write(&new, b"long text").unwrap();
        write(&new, b"text").unwrap();
        assert_eq!(
            (mode(&new), fs::read(&new).unwrap()),
            (0o600, b"text".to_vec())
        );
    }

    #[test]
    fn the_lab_around_it_stays_as_it_is() {
        let lab = tempfile::tempdir().unwrap();
        fs::set_permissions(lab.path(), Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", lab.path().join("link")).unwrap();
        folder(&lab.path().join("state")).unwrap();
        assert_eq!(mode(lab.path()), 0o755);
    }
}
