//! Settings that the program which reads them checks before they take their place.

use super::{Attributes, Printed};

super::asks! { CHECKED:
    /// As `write`, but what reads the file checks it first: `sshd` with `sshd -t`, `unit` with `systemd-analyze verify`.
    WRITE_CHECKED = Write(FILES) "write_checked" WriteChecked { path, attributes: Attributes, check } < bytes => ();
    /// Checks a calendar event; where nothing can, each is right.
    CALENDAR = Read(FILES) "calendar" Calendar { event } => ();
    /// sshd's settings as they take effect, as `sshd -T` prints them; status 69 if there is no sshd.
    SSHD_SETTINGS = Read(FILES) "sshd_settings" SshdSettings {} => Vec<Setting>;
}

/// A setting of sshd: `NAME VALUE`, its name in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Printed for Setting {
    fn print(&self) -> String {
        format!("{} {}", self.name, self.value)
            .trim_end()
            .to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once(' ').unwrap_or((text, ""));
        Some(Self {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::codec::tests::same, *};

    #[test]
    fn a_line_says_what_made_it() {
        let setting = same::<Setting>("subsystem sftp /usr/lib/openssh/sftp-server");
        assert_eq!(setting.value, "sftp /usr/lib/openssh/sftp-server");
        assert_eq!(same::<Setting>("port").value, "");
    }
}
