//! A file of docs with edits: it's replaced as a whole, and keeps its mode.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

/// A document of docs: as it was read, and as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its name: `HARDWARE`.
    pub name: String,
    /// Its text as it was read.
    pub before: String,
    /// Its text with the edits.
    pub after: String,
}

/// Why a document wasn't written; its file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// Somebody else changed it.
    #[error("it was changed since it was read")]
    Changed,
    /// It can't be written.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Document {
    /// Reads a document from a folder, without edits.
    ///
    /// # Errors
    /// Its file isn't there, or can't be read as text.
    pub fn read(folder: &Path, name: &str) -> io::Result<Self> {
        let text = fs::read_to_string(folder.join(format!("{name}.md")))?;
        Ok(Self {
            name: name.to_owned(),
            before: text.clone(),
            after: text,
        })
    }

    /// Its file, relative to the lab.
    #[must_use]
    pub fn file(&self) -> String {
        format!("docs/{}.md", self.name)
    }

    /// Writes it into a folder, where it lies as it was read.
    ///
    /// # Errors
    /// The file was changed since it was read, or can't be written; it's as it was then.
    pub fn write(&self, folder: &Path) -> Result<(), NotWritten> {
        // A link stays one: the file that it leads to is replaced.
        let path: PathBuf = folder.join(format!("{}.md", self.name)).canonicalize()?;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(self.after.as_bytes())?;
        new.as_file()
            .set_permissions(fs::metadata(&path)?.permissions())?;
        new.as_file().sync_all()?;
        if fs::read(&path)? != self.before.as_bytes() {
            return Err(NotWritten::Changed);
        }
        new.persist(&path).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

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
        document().write(folder.path()).unwrap();
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
        let error = document().write(folder.path()).unwrap_err();
        assert!(matches!(error, NotWritten::Changed), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "other\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
