//! Users and groups, as their rows have them.

use model::{Stop, kind};
pub(super) use world::host::verb::{Group, User as Account};

use crate::Host;

impl Host<'_, '_> {
    /// A user's home; none if there is no such user.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn home(&mut self, user: &str) -> Result<Option<String>, Stop> {
        let account = self.get::<Account>(kind::ACCOUNT, user)?;
        Ok(account.map(|account| account.home))
    }

    /// Whether a user is in a group.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn is_in_group(&mut self, user: &str, group: &str) -> Result<bool, Stop> {
        let account = self.get::<Account>(kind::ACCOUNT, user)?;
        Ok(account.is_some_and(|account| account.groups.iter().any(|own| own == group)))
    }
}

/// The items of a list with commas.
pub(super) fn list(text: &str) -> Vec<String> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}
