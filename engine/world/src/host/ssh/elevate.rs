//! How a login becomes root: sudo, which gets a password only behind a prompt that nobody else can have written.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt};

use super::pipe::{Input, Pipe, Streams};
use crate::{
    Secret,
    host::{COMMAND, HostError},
};

/// How much that comes before a mark is kept: its end.
const KEPT: usize = 8 << 10;

/// The command that starts a shell as root without a password.
pub(super) const AS_ROOT: &str = "exec sudo -n -- sh";

/// How a command starts homelab's shell, for who plays the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// As the user who logged in.
    Login,
    /// As root, without a password.
    Root,
    /// As root, with a password if it has to be; `inside` is said first by the shell that is let in.
    Asked {
        /// The mark.
        inside: String,
    },
}

impl Started {
    /// How a command starts the shell; none if it's another command.
    #[must_use]
    pub fn by(command: &str) -> Option<Self> {
        match command {
            COMMAND => Some(Self::Login),
            AS_ROOT => Some(Self::Root),
            command => {
                let marks = command.strip_prefix(ASKS)?;
                let inside = marks.split(' ').next()?.to_owned();
                Some(Self::Asked { inside })
            }
        }
    }
}

/// The command that may ask for a password, up to its marks: what the shell says first, and what sudo asks with. In
/// single quotes nothing means anything to any login shell: there is no quote, backslash or `!` inside.
const ASKS: &str = "exec sh -c 'if sudo -n true 2>/dev/null; then exec sudo -n -- sh -c \"echo $1; exec sh\"; fi; \
                    exec sudo -S -p $2 -- sh -c \"echo $1; exec sh\"' sh ";

/// A sudo that may ask for a password.
pub(super) struct Sudo<'a> {
    /// What it asks with.
    pub(super) prompt: String,
    /// What the shell says first when sudo has let it in.
    pub(super) inside: String,
    pub(super) password: &'a Secret,
    pub(super) host: &'a str,
    pub(super) user: &'a str,
}

impl Sudo<'_> {
    /// The command that starts a shell as root, and says first whether a password is needed.
    pub(super) fn command(&self) -> String {
        format!("{ASKS}{} {}", self.inside, self.prompt)
    }

    /// Gives the password if it's asked for, and returns when the shell is root's.
    pub(super) async fn enter(&self, streams: &mut Streams) -> Result<(), HostError> {
        let (mut printed, mut said) = (Vec::new(), Vec::new());
        let mut answer = Some(self.password);
        loop {
            let found = tokio::select! {
                found = until(&mut streams.output, &self.inside, &mut printed) => Found::inside(found),
                found = until(&mut streams.error, &self.prompt, &mut said) => Found::prompt(found),
            };
            match (found, answer.take()) {
                (Found::Inside, _) => return Ok(()),
                (Found::Prompt, Some(password)) => {
                    said.clear();
                    give(&mut streams.input, password).await;
                }
                // Asked a second time: the password is wrong.
                (Found::Prompt, None) => break,
                (Found::End, _) => {
                    until(&mut streams.error, &self.prompt, &mut said).await;
                    break;
                }
            }
        }
        said.splice(0..0, printed);
        Err(self.refused(&String::from_utf8_lossy(&said)))
    }

    fn refused(&self, said: &str) -> HostError {
        let lines: Vec<&str> = said
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        no_root(self.host, self.user, &lines.join("; "))
    }
}

/// What was found first.
enum Found {
    Inside,
    Prompt,
    End,
}

impl Found {
    fn inside(is_there: bool) -> Self {
        if is_there { Self::Inside } else { Self::End }
    }

    fn prompt(is_there: bool) -> Self {
        if is_there { Self::Prompt } else { Self::End }
    }
}

/// The error of a shell that isn't root's. Without a word of sudo it's the login's shell that doesn't start.
pub(super) fn no_root(host: &str, user: &str, said: &str) -> HostError {
    let (host, user, cause) = (host.to_owned(), user.to_owned(), said.to_owned());
    if said.contains("sudo") || said.contains("try again") {
        HostError::NoRoot { host, user, cause }
    } else {
        HostError::NoShell { host, user, cause }
    }
}

async fn give(input: &mut Input, password: &Secret) {
    let line = format!("{}\n", password.expose());
    // Where it can't be written, sudo has ended, and its words say why.
    drop(input.write_all(line.as_bytes()).await);
    drop(input.flush().await);
}

/// Reads until a mark was read, or the end; keeps what came before.
async fn until(from: &mut Pipe, mark: &str, kept: &mut Vec<u8>) -> bool {
    loop {
        let count = match from.fill_buf().await {
            Ok(bytes) if !bytes.is_empty() => {
                kept.extend_from_slice(bytes);
                bytes.len()
            }
            _ => return false,
        };
        from.consume(count);
        if let Some(at) = memchr::memmem::find(kept, mark.as_bytes()) {
            kept.truncate(at);
            return true;
        }
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_plays_a_host_knows_how_the_shell_is_started() {
        let password = Secret::new("P", "p");
        let sudo = Sudo {
            prompt: "hlprompt".to_owned(),
            inside: "hlinside".to_owned(),
            password: &password,
            host: "a",
            user: "b",
        };
        let inside = "hlinside".to_owned();
        assert_eq!(
            Started::by(&sudo.command()),
            Some(Started::Asked { inside })
        );
        assert_eq!(Started::by(AS_ROOT), Some(Started::Root));
        assert_eq!(Started::by(COMMAND), Some(Started::Login));
        assert_eq!(Started::by("uptime"), None);
    }
}
