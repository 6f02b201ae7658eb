//! Writing edited docs: each file is replaced as a whole, and keeps its mode.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use runbook::failure::Failure;
use world::code;

use super::offer::Document;
use crate::exit::refused;

/// Writes a document into a folder.
///
/// # Errors
/// The file was changed since it was read, or can't be written; it's as it was then.
pub(crate) fn write(document: &Document, folder: &Path) -> Result<(), Failure> {
    let file = document.file();
    let path = folder.join(format!("{}.md", document.name));
    replace(&path, document).map_err(|error| match error {
        NotWritten::Changed => refused(
            code::docs::changed,
            format!("{file} was changed while its edits were made; it wasn't written"),
        )
        .help("look at the diff again: `homelab docs sync`"),
        NotWritten::System(error) => {
            refused(code::lab::unwritable, format!("{file} can't be written"))
                .cause(error.to_string())
                .help("make room, or give write permission")
        }
    })
}

enum NotWritten {
    Changed,
    System(io::Error),
}

impl From<io::Error> for NotWritten {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

fn replace(path: &Path, document: &Document) -> Result<(), NotWritten> {
    // A link stays one: the file that it leads to is replaced.
    let path: PathBuf = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(document.after.as_bytes())?;
    new.as_file()
        .set_permissions(fs::metadata(&path)?.permissions())?;
    new.as_file().sync_all()?;
    if fs::read(&path)? != document.before.as_bytes() {
        return Err(NotWritten::Changed);
    }
    new.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use world::code;

    use super::*;

    fn document() -> Document {
        Document {
            name: "D".to_owned(),
            before: "old\n".to_owned(),
            after: "new\n".to_owned(),
        }
    }

    #[test]
    fn keeps_the_mode_and_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real.md");
        fs::write(&real, "old\n").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("D.md");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write(&document(), folder.path()).unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "new\n");
        let mode = fs::metadata(&real).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_was_changed_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("D.md");
        fs::write(&file, "other\n").unwrap();
        let failure = write(&document(), folder.path()).unwrap_err();
        assert_eq!(failure.code, code::docs::changed);
        assert_eq!(fs::read_to_string(&file).unwrap(), "other\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
