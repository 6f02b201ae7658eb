//! A lock in a file. The operating system holds it, so a dead owner holds none.

use std::{
    fs::{self, File, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::LeaseError;

/// How often a lock is tried that somebody without a name holds: he is about to write his name into it, or only looked
/// whether anybody holds it.
const NAMELESS: u32 = 1000;

/// Held until it's dropped or its process ends, however it ends. The file is removed with it.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// The open file holds the lock.
    file: File,
}

impl Lock {
    /// Takes the lock in a file; `owner` is what a second one is told. What dead owners of other locks left beside it is
    /// removed.
    ///
    /// # Errors
    /// Somebody holds it, or the file can't be written.
    pub fn take(path: &Path, owner: &str) -> Result<Self, LeaseError> {
        let unusable = |error: std::io::Error| LeaseError::Unusable {
            file: path.display().to_string(),
            cause: error.to_string(),
        };
        if let Some(folder) = path.parent() {
            crate::private::folder(folder).map_err(unusable)?;
            clean(folder, path);
        }
        let mut nameless = 0;
        let file = loop {
            let mut file = crate::private::file(path).map_err(unusable)?;
            match file.try_lock() {
                // Its last owner may have removed the file meanwhile: then the lock is another file's.
                Ok(()) if is_at(&file, path) => break file,
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut owner = String::new();
                    file.read_to_string(&mut owner).map_err(unusable)?;
                    if !owner.is_empty() || nameless == NAMELESS {
                        return Err(LeaseError::Held(owner.trim().to_owned()));
                    }
                    nameless += 1;
                    std::thread::yield_now();
                }
                Err(TryLockError::Error(error)) => return Err(unusable(error)),
            }
        };
        let lock = Self {
            path: path.to_owned(),
            file,
        };
        lock.say(owner).map_err(unusable)?;
        Ok(lock)
    }

    fn say(&self, owner: &str) -> std::io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{owner}")
    }

    /// Who holds the lock in a file, if anybody does.
    #[must_use]
    pub fn owner(path: &Path) -> Option<String> {
        let file = File::open(path).ok()?;
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| {
            // Who writes himself in just now has no name yet.
            fs::read_to_string(path)
                .unwrap_or_default()
                .trim()
                .to_owned()
        })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A file that can't be removed is locked by nobody: the next owner takes it.
        drop(fs::remove_file(&self.path));
    }
}

/// Whether an open file is the one at a path.
fn is_at(file: &File, path: &Path) -> bool {
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (open, there) = (file.metadata().map(id), fs::metadata(path).map(id));
    open.is_ok_and(|open| there.is_ok_and(|there| open == there))
}

/// Removes the locks in a folder that nobody holds, but for one. What can't be removed locks nobody out.
fn clean(folder: &Path, but: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let others =
        paths.filter(|path| path.extension().is_some_and(|is| is == "lock") && path != but);
    for path in others {
        if let Ok(file) = File::open(&path)
            && file.try_lock().is_ok()
        {
            drop(fs::remove_file(&path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_refused_and_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/world.lock");
        let first = Lock::take(&file, "process 1").unwrap();
        assert_eq!(Lock::owner(&file).as_deref(), Some("process 1"));
        match Lock::take(&file, "process 2") {
            Err(LeaseError::Held(holder)) => assert_eq!(holder, "process 1"),
            other => panic!("{other:?}"),
        }
        drop(first);
        assert_eq!((Lock::owner(&file), file.exists()), (None, false));
        Lock::take(&file, "process 3").unwrap();
    }

    #[test]
    fn what_dead_owners_left_is_removed_and_what_is_held_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let held = Lock::take(&at("held.lock"), "process 1").unwrap();
        fs::write(at("dead.lock"), "process 2\n").unwrap();
        fs::write(at("other"), "").unwrap();
        let _own = Lock::take(&at("own.lock"), "process 3").unwrap();
        let is_there =
            ["held.lock", "own.lock", "dead.lock", "other"].map(|name| at(name).exists());
        assert_eq!(is_there, [true, true, false, true]);
        drop(held);
    }
}
