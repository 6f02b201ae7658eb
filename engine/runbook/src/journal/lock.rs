//! One run at a time in one world. The operating system holds the lock, so a dead owner holds none.

use std::{
    fs::{File, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
};

/// Held while a run is under way; released when it is dropped or its process ends, however it ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file holds the lock")] File);

/// Why the lock isn't to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("another run is under way in this world: {0}")]
    Held(String),
    /// The lock file can't be written.
    #[error("the lock file {file} can't be used: {cause}")]
    Unusable {
        /// The lock file.
        file: String,
        /// What the system said.
        cause: String,
    },
}

impl Lock {
    /// Takes the lock of a world; `owner` is what a second one is told: `process 4711, run of phase1`.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn take(file: &Path, owner: &str) -> Result<Self, LockError> {
        let unusable = |error: std::io::Error| LockError::Unusable {
            file: file.display().to_string(),
            cause: error.to_string(),
        };
        if let Some(folder) = file.parent() {
            world::private::folder(folder).map_err(unusable)?;
        }
        let mut handle = world::private::file(file).map_err(unusable)?;
        match handle.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                handle.read_to_string(&mut holder).map_err(unusable)?;
                return Err(LockError::Held(holder.trim().to_owned()));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        handle.set_len(0).map_err(unusable)?;
        handle.rewind().map_err(unusable)?;
        writeln!(handle, "{owner}").map_err(unusable)?;
        Ok(Self(handle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_refused_and_told_who_holds_it() {
        let folder = std::env::temp_dir().join(format!("homelab-lock-{}", std::process::id()));
        let file = folder.join("world.lock");
        let first = Lock::take(&file, "process 1").unwrap();
        match Lock::take(&file, "process 2") {
            Err(LockError::Held(holder)) => assert_eq!(holder, "process 1"),
            other => panic!("{other:?}"),
        }
        drop(first);
        Lock::take(&file, "process 3").unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
