//! Lines of `authorized_keys`.

use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::STANDARD_NO_PAD,
};
use sha2::{Digest as _, Sha256};

/// A key: two are the same if type and blob are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::host) struct Key {
    /// What it may do: `restrict,command="…"`; empty for everything.
    pub(super) options: String,
    /// Its type: `ssh-ed25519`.
    kind: String,
    /// The key itself in Base64.
    blob: String,
    /// Whose it is.
    pub(super) comment: String,
}

impl Key {
    /// Reads a line; none for one that is no key, such as a comment.
    pub(in crate::host) fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (options, rest) = if is_type(line.split([' ', '\t']).next()?) {
            ("", line)
        } else {
            let end = options_end(line)?;
            (&line[..end], line[end..].trim_start())
        };
        let mut words = rest.splitn(3, [' ', '\t']);
        let (kind, blob) = (words.next()?, words.next()?);
        let is_key = is_type(kind) && STANDARD.decode(blob).is_ok();
        is_key.then(|| Self {
            options: options.to_owned(),
            kind: kind.to_owned(),
            blob: blob.to_owned(),
            comment: words.next().unwrap_or_default().trim().to_owned(),
        })
    }

    /// Whether it's the same key.
    pub(in crate::host) fn is(&self, other: &Self) -> bool {
        self.kind == other.kind && self.blob == other.blob
    }

    /// Its line.
    pub(super) fn line(&self) -> String {
        let parts = [&self.options, &self.kind, &self.blob, &self.comment];
        let parts: Vec<&str> = parts.iter().map(|part| part.as_str()).collect();
        let full = parts.into_iter().filter(|part| !part.is_empty());
        full.collect::<Vec<_>>().join(" ")
    }

    /// How it's shown: type, fingerprint, comment, options.
    pub(in crate::host) fn shown(&self) -> String {
        let bytes = STANDARD.decode(&self.blob).unwrap_or_default();
        let sum = STANDARD_NO_PAD.encode(Sha256::digest(bytes));
        let mut shown = format!("{} SHA256:{sum}", self.kind);
        for (before, part) in [(" ", &self.comment), (" with ", &self.options)] {
            if !part.is_empty() {
                shown.push_str(before);
                shown.push_str(part);
            }
        }
        shown
    }
}

fn is_type(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]
        .iter()
        .any(|start| word.starts_with(start))
}

/// Where options end: at the first space outside quotes.
fn options_end(line: &str) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, letter) in line.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ' ' | '\t' if !is_quoted => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_of_keys() {
        let key = Key::parse("ssh-ed25519 AAAA a person").unwrap();
        assert_eq!(
            (key.comment.as_str(), key.options.as_str()),
            ("a person", "")
        );
        assert_eq!(key.line(), "ssh-ed25519 AAAA a person");
        let key = Key::parse(r#"restrict,command="echo \"a b\"" ssh-rsa AAAA"#).unwrap();
        assert_eq!(key.options, r#"restrict,command="echo \"a b\"""#);
        assert!(key.shown().contains(" with restrict"));
        for line in ["", "# ssh-rsa AAAA", "nonsense", "ssh-rsa", "ssh-rsa !!"] {
            assert_eq!(Key::parse(line), None, "{line}");
        }
    }
}
