//! Who may log in as root: by a key of its `authorized_keys`, and by a password where sshd takes one.

use formats::authorized_keys::{self, holds};
use model::{Fault, Key, Rows, Stop, host_effect, kind};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Host, checked, guard};

/// Where the keys stand that log in as root, if sshd is told no other place.
pub const KEYS: &str = "/root/.ssh/authorized_keys";

/// How homelab itself gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By its key.
    Key,
    /// By a password.
    Password,
    /// Not at all.
    Closed,
}

/// What sshd goes by: what its files said when it was last started or told to read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// Where it listens.
    ports: Vec<u16>,
    /// Whether it takes root's password.
    passwords: bool,
    /// Whether root may log in at all.
    root: bool,
    /// The file that holds a user's keys, as sshd is told.
    keys: String,
}

impl Listening {
    /// Whether a connection to a port is taken. A lab whose docs name another port than 22 has it so from the start, as
    /// long as no settings say anything.
    pub fn takes(&self, port: u16) -> bool {
        self.ports == [PORT] || self.ports.contains(&port)
    }

    /// By the lines that `sshd -T` prints; by what sshd does by itself where it has no settings.
    fn by(settings: &str) -> Self {
        let values = |name: &str| -> Vec<&str> {
            let pairs = settings.lines().filter_map(|line| line.split_once(' '));
            let own = pairs.filter(|(own, _)| *own == name);
            own.map(|(_, value)| value).collect()
        };
        let is = |name: &str, value: &str| values(name).first() == Some(&value);
        let ports: Vec<u16> = values("port")
            .iter()
            .filter_map(|port| port.parse().ok())
            .collect();
        let keys = values("authorizedkeysfile");
        Self {
            ports: if ports.is_empty() { vec![PORT] } else { ports },
            passwords: settings.is_empty()
                || (is("permitrootlogin", "yes") && is("passwordauthentication", "yes")),
            root: !is("permitrootlogin", "no"),
            keys: keys.first().map_or(OWN_KEYS, |keys| keys).to_owned(),
        }
    }
}

/// Where sshd listens by itself.
const PORT: u16 = 22;

/// The files of a user's keys, as sshd looks for them by itself.
const OWN_KEYS: &str = ".ssh/authorized_keys .ssh/authorized_keys2";

/// Lets sshd of a new host have read its files.
///
/// # Errors
/// The rows' fault.
pub(super) fn plant(rows: &mut dyn Rows, domain: &str, settings: &str) -> Result<(), Fault> {
    let listening = Listening::by(settings);
    rows.put(
        &Key::new(domain, kind::SSHD, host_effect::SSHD),
        json!(listening),
    )
}

impl Host<'_, '_> {
    /// The keys that log a user in, in the files where sshd looks for them; none if there is no such user, or he may
    /// not log in.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn authorized_keys(&mut self, user: &str) -> Result<Option<String>, Stop> {
        let sshd = self.listening()?;
        self.keys_by(&sshd, user)
    }

    fn keys_by(&mut self, sshd: &Listening, user: &str) -> Result<Option<String>, Stop> {
        let Some(home) = self.home(user)?.filter(|_| user != "root" || sshd.root) else {
            return Ok(None);
        };
        let mut keys = String::new();
        for file in sshd.keys.split_whitespace() {
            let file = file.replace("%h", &home).replace("%u", user);
            let path = match file.starts_with('/') {
                true => file,
                false => format!("{home}/{file}"),
            };
            let text = self.text(&path)?.unwrap_or_default();
            keys.extend(text.lines().flat_map(|line| [line, "\n"]));
        }
        Ok(Some(keys))
    }

    /// How homelab gets in as root by what sshd goes by, with its key `TYPE BASE64`, or with none.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn way_in(&mut self, sshd: &Listening, key: &str) -> Result<Way, Stop> {
        let keys = self.keys_by(sshd, "root")?.unwrap_or_default();
        let key = authorized_keys::Key::read(key);
        Ok(match () {
            () if key.is_some_and(|key| holds(&*keys, &key)) => Way::Key,
            () if sshd.passwords => Way::Password,
            () => Way::Closed,
        })
    }

    /// Whether sshd takes root's password.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn takes_passwords(&mut self) -> Result<bool, Stop> {
        Ok(self.listening()?.passwords)
    }

    /// What sshd goes by. A guard whose time has come reverts also where nobody gets in.
    ///
    /// # Errors
    /// The rows' fault.
    pub fn listening(&mut self) -> Result<Listening, Stop> {
        let name = self.name().to_owned();
        guard::advance(self.tx, &name)?;
        match self.get(kind::SSHD, host_effect::SSHD)? {
            Some(listening) => Ok(listening),
            None => Ok(Listening::by(&checked::sshd_settings(self)?)),
        }
    }

    /// sshd reads its files.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn read_sshd_settings(&mut self) -> Result<(), Stop> {
        let listening = Listening::by(&checked::sshd_settings(self)?);
        self.put(kind::SSHD, host_effect::SSHD, &listening)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sshd_goes_by_its_settings() {
        let by = Listening::by(
            "port 22\nport 2222\npermitrootlogin without-password\npasswordauthentication yes\n",
        );
        assert_eq!(
            (by.ports, by.passwords, by.root),
            (vec![22, 2222], false, true)
        );
        let by = Listening::by(
            "permitrootlogin no\npasswordauthentication yes\nauthorizedkeysfile /keys/%u\n",
        );
        assert_eq!((by.ports, by.passwords, by.root), (vec![22], false, false));
        assert_eq!(by.keys, "/keys/%u");
        assert!(Listening::by("").passwords);
    }
}
