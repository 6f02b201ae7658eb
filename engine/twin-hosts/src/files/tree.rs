//! Folders with all that is in them.

use model::Stop;

use crate::{Host, entry::What};

impl Host<'_, '_> {
    /// Takes away what is at a path, a folder with all that is in it.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn take_tree(&mut self, path: &str) -> Result<(), Stop> {
        let Some(entry) = self.entry(path)? else {
            return Ok(());
        };
        if matches!(entry.what, What::Directory { .. }) {
            for name in self.names_in(path)? {
                self.take_tree(&format!("{path}/{name}"))?;
            }
        }
        self.take_away(path)
    }

    /// Moves what is at a path, a folder with all that is in it.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn move_tree(&mut self, from: &str, to: &str) -> Result<(), Stop> {
        let Some(entry) = self.entry(from)? else {
            return Ok(());
        };
        let is_folder = matches!(entry.what, What::Directory { .. });
        self.place(to, entry)?;
        if is_folder {
            for name in self.names_in(from)? {
                self.move_tree(&format!("{from}/{name}"), &format!("{to}/{name}"))?;
            }
        }
        self.take_away(from)
    }
}
