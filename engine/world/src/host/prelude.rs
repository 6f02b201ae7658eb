//! The prelude: one function per verb in POSIX sh, and how a shell gets it.

use super::frame::{escape, unescape};

/// The functions that a host's `sh` gets once per connection: one a verb, in POSIX sh.
pub const PRELUDE: &str = concat!(
    include_str!("prelude/serve.sh"),
    include_str!("prelude/track.sh"),
    include_str!("prelude/files.sh"),
    include_str!("prelude/units.sh"),
    include_str!("prelude/guard.sh"),
    include_str!("prelude/reach.sh"),
    include_str!("prelude/command.sh"),
    include_str!("prelude/accounts.sh"),
    include_str!("prelude/checked.sh"),
    include_str!("prelude/fetch.sh"),
    include_str!("prelude/packages.sh"),
    include_str!("prelude/system.sh"),
    include_str!("prelude/pci.sh"),
    include_str!("prelude/kernel.sh"),
    include_str!("prelude/boot.sh"),
    include_str!("prelude/mounts.sh"),
    include_str!("prelude/iscsi.sh"),
    include_str!("prelude/lvm.sh"),
    include_str!("prelude/measure.sh"),
);

/// What runs on a host: a shell that reads the prelude from the first line of its input, so that calls may follow
/// in the same packet, and nothing of them is seen in a list of processes.
pub const BOOTSTRAP: &str = r#"IFS= read -r hl; eval "$(printf %b "$hl")""#;

/// The command that is run over SSH: it means the same in every login shell.
#[must_use]
pub fn remote_command() -> String {
    format!("exec sh -c '{BOOTSTRAP}'")
}

/// The last line of what a shell is started with.
const SERVE: &str = "\nhl_serve ";

/// What a shell is started with: the prelude, and the mark that ends its replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The mark: letters and digits.
    pub mark: String,
}

impl Start {
    /// The line that a shell is sent first.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = String::with_capacity(PRELUDE.len() * 2);
        escape(PRELUDE.as_bytes(), &mut line);
        escape(format!("{SERVE}{}", self.mark).as_bytes(), &mut line);
        line.push('\n');
        line
    }

    /// The start that a line holds; none if it's no start, or one with another prelude.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let text = String::from_utf8(unescape(line.trim_end_matches('\n'))).ok()?;
        let mark = text.strip_prefix(PRELUDE)?.strip_prefix(SERVE)?;
        let is_mark = !mark.is_empty() && mark.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_mark.then(|| Self {
            mark: mark.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_known_by_its_prelude() {
        let start = Start {
            mark: "abc123".to_owned(),
        };
        let line = start.line();
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(Start::read(&line), Some(start));
        assert_eq!(
            Start::read(&line.replacen("hl_serve", "hl_server", 1)),
            None
        );
        assert_eq!(Start::read("echo hello\n"), None);
    }
}
