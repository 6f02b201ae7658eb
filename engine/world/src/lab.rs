//! The user's repository: where it is, and where its parts are.

use std::path::{Path, PathBuf};

use crate::code::{self, Code};

/// A lab: the nearest folder upward with `docs/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lab {
    root: PathBuf,
}

/// Why there is no lab.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabError {
    /// Neither the folder nor one above it has `docs/`.
    #[error(
        "{} isn't in a lab: neither it nor a folder above it has docs/",
        start.display()
    )]
    NotALab {
        /// Where the search began.
        start: PathBuf,
    },
    /// The folder where the search should begin can't be read.
    #[error("{} can't be read: {cause}; start in a folder that is there", start.display())]
    Unreadable {
        /// Where the search should have begun.
        start: PathBuf,
        /// What the system said.
        cause: String,
    },
}

impl LabError {
    /// The stable code of the class: `homelab::lab::not_a_lab`.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NotALab { .. } => code::lab::not_a_lab,
            Self::Unreadable { .. } => code::lab::unreadable,
        }
    }
}

impl Lab {
    /// Finds the lab that `start` lies in.
    ///
    /// # Errors
    /// `start` can't be read, or no folder upward has `docs/`.
    pub fn find(start: &Path) -> Result<Self, LabError> {
        let whole = start.canonicalize().map_err(|cause| LabError::Unreadable {
            start: start.to_owned(),
            cause: cause.to_string(),
        })?;
        let root = whole
            .ancestors()
            .find(|folder| folder.join("docs").is_dir());
        root.map(|root| Self {
            root: root.to_owned(),
        })
        .ok_or(LabError::NotALab {
            start: whole.clone(),
        })
    }

    /// The lab's folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The tables of facts.
    #[must_use]
    pub fn docs(&self) -> PathBuf {
        self.root.join("docs")
    }

    /// The runbooks.
    #[must_use]
    pub fn runbooks(&self) -> PathBuf {
        self.root.join("runbooks")
    }

    /// The lab's own modules, which win over the embedded ones.
    #[must_use]
    pub fn stdlib(&self) -> PathBuf {
        self.root.join("stdlib")
    }

    /// The applications.
    #[must_use]
    pub fn applications(&self) -> PathBuf {
        self.root.join("applications")
    }

    /// What differs between labs, and secrets.
    #[must_use]
    pub fn envrc(&self) -> PathBuf {
        self.root.join(".envrc")
    }

    /// The committed example of `.envrc`.
    #[must_use]
    pub fn envrc_example(&self) -> PathBuf {
        self.root.join(".envrc.example")
    }

    /// The journal and the twin.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.root.join(".homelab")
    }

    /// What the twin starts with besides the docs.
    #[must_use]
    pub fn twin_script(&self) -> PathBuf {
        self.root.join("twin.rhai")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest_folder_with_docs() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("a/b");
        std::fs::create_dir_all(inner.join("c")).unwrap();
        let error = Lab::find(&inner).unwrap_err();
        assert!(error.to_string().contains("isn't in a lab"), "{error}");
        std::fs::create_dir(outer.path().join("docs")).unwrap();
        let root = outer.path().canonicalize().unwrap();
        assert_eq!(Lab::find(&inner).unwrap().root(), root);
        std::fs::create_dir(outer.path().join("a/docs")).unwrap();
        let lab = Lab::find(&inner.join("c")).unwrap();
        assert_eq!(lab.root(), root.join("a"));
        assert_eq!(lab.envrc(), root.join("a/.envrc"));
        assert!(matches!(
            Lab::find(&outer.path().join("x")),
            Err(LabError::Unreadable { .. })
        ));
    }
}
