//! Who may log in as root: by a key of its `authorized_keys`, and by a password where sshd takes one.

use super::{Host, checked};
use crate::model::Stop;

/// Where the keys stand that log in as root.
pub(crate) const KEYS: &str = "/root/.ssh/authorized_keys";

/// How homelab itself gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By its key.
    Key,
    /// By a password.
    Password,
    /// Not at all.
    Closed,
}

/// Whether a text of `authorized_keys` holds a key `TYPE BASE64`.
pub(crate) fn holds(text: &str, key: &str) -> bool {
    let wanted: Vec<&str> = key.split_whitespace().take(2).collect();
    let lines = text.lines().map(str::trim);
    let mut keys = lines.filter(|line| !line.starts_with('#'));
    wanted.len() == 2
        && keys.any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.windows(2).any(|pair| pair == wanted)
        })
}

impl Host<'_, '_> {
    /// A user's `authorized_keys`; none if there is no such user or file.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn authorized_keys(&mut self, user: &str) -> Result<Option<String>, Stop> {
        match self.home(user)? {
            Some(home) => self.text(&format!("{home}/.ssh/authorized_keys")),
            None => Ok(None),
        }
    }

    /// How homelab gets in, with its key `TYPE BASE64`, or with none.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn way_in(&mut self, key: &str) -> Result<Way, Stop> {
        let keys = self.text(KEYS)?.unwrap_or_default();
        Ok(match () {
            () if holds(&keys, key) => Way::Key,
            () if self.takes_passwords()? => Way::Password,
            () => Way::Closed,
        })
    }

    /// Whether sshd takes root's password.
    ///
    /// # Errors
    /// The rows' fault.
    pub(crate) fn takes_passwords(&mut self) -> Result<bool, Stop> {
        let settings = checked::sshd_settings(self)?;
        let is = |line: &str| settings.lines().any(|own| own == line);
        Ok(settings.is_empty() || (is("permitrootlogin yes") && is("passwordauthentication yes")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_type_and_blob() {
        let text = "# ssh-rsa CCCC\nrestrict ssh-rsa AAAA a\nssh-ed25519 BBBB\n";
        for (key, is_there) in [
            ("ssh-rsa AAAA", true),
            ("ssh-ed25519 BBBB me", true),
            ("ssh-rsa BBBB", false),
            ("ssh-rsa CCCC", false),
            ("", false),
        ] {
            assert_eq!(holds(text, key), is_there, "{key}");
        }
    }
}
