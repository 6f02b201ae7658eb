//! Keys that log in: lines of `authorized_keys`, and of `.pub` files.
//!
//! Why not `ssh-key`, which reads such files, too: it knows the types that it can compute with and no others, and writes
//! options and comments its own way. Here a key is what stands in the line.

use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::STANDARD_NO_PAD,
};
use sha2::{Digest as _, Sha256};

use crate::lines::Content;

/// A key: two are the same if type and blob are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// What it may do: `restrict,command="…"`; empty for everything.
    pub options: Vec<u8>,
    /// Its type: `ssh-ed25519`.
    kind: String,
    /// The key itself in Base64.
    blob: String,
    /// Whose it is.
    pub comment: Vec<u8>,
}

impl Key {
    /// Reads a line; none for one that is no key, such as a comment.
    #[must_use]
    pub fn read(line: &(impl Content + ?Sized)) -> Option<Self> {
        let line = line.bytes().trim_ascii();
        let first = line.split(is_blank).next()?;
        let (options, rest) = if is_type(first) {
            (b"".as_slice(), line)
        } else {
            let end = options_end(line)?;
            (&line[..end], line[end..].trim_ascii_start())
        };
        let mut words = rest.splitn(3, is_blank);
        let (kind, blob) = (words.next()?, words.next()?);
        let is_key = !line.starts_with(b"#") && is_type(kind) && STANDARD.decode(blob).is_ok();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        is_key.then_some(Self {
            options: options.to_owned(),
            kind: text(kind)?,
            blob: text(blob)?,
            comment: words.next().unwrap_or_default().trim_ascii().to_owned(),
        })
    }

    /// Whether it's the same key.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.kind == other.kind && self.blob == other.blob
    }

    /// Its line.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        let parts = [
            &*self.options,
            self.kind.as_bytes(),
            self.blob.as_bytes(),
            &*self.comment,
        ];
        let full: Vec<&[u8]> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        full.join(b" ".as_slice())
    }

    /// How it's shown: type, fingerprint, comment, options.
    #[must_use]
    pub fn shown(&self) -> String {
        let bytes = STANDARD.decode(&self.blob).unwrap_or_default();
        let sum = STANDARD_NO_PAD.encode(Sha256::digest(bytes));
        let mut shown = format!("{} SHA256:{sum}", self.kind);
        for (before, part) in [(" ", &self.comment), (" with ", &self.options)] {
            if !part.is_empty() {
                shown.push_str(before);
                shown.push_str(&String::from_utf8_lossy(part));
            }
        }
        shown
    }
}

/// Whether a file holds a key.
#[must_use]
pub fn holds(content: &(impl Content + ?Sized), key: &Key) -> bool {
    let mut lines = content.bytes().split(|byte| *byte == b'\n');
    lines.any(|line| Key::read(line).is_some_and(|own| own.is(key)))
}

fn is_blank(byte: &u8) -> bool {
    b" \t".contains(byte)
}

fn is_type(word: &[u8]) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]
        .iter()
        .any(|start| word.starts_with(start.as_bytes()))
}

/// What keys may do without a value; some are denied by `no-` before them.
const FLAGS: &[(&str, bool)] = &[
    ("restrict", false),
    ("cert-authority", false),
    ("agent-forwarding", true),
    ("port-forwarding", true),
    ("pty", true),
    ("touch-required", true),
    ("user-rc", true),
    ("verify-required", true),
    ("x11-forwarding", true),
];

/// What has a value in quotes.
const VALUED: &[&str] = &[
    "command",
    "environment",
    "expiry-time",
    "from",
    "permitlisten",
    "permitopen",
    "principals",
    "tunnel",
];

/// What sshd wouldn't understand of options, and refuse the key for: the option, or all from where it can't go on. None
/// where all is right.
#[must_use]
pub fn wrong_option(options: &str) -> Option<&str> {
    let mut rest = options;
    loop {
        let end = option_end(rest).filter(|end| is_option(&rest[..*end]));
        let Some(end) = end.filter(|_| !options.contains(['\n', '\r', '\0'])) else {
            return Some(rest);
        };
        if end == rest.len() {
            return None;
        }
        rest = &rest[end + 1..];
    }
}

/// Where the first option ends: at a comma outside quotes; none where a blank stands there, or quotes stay open.
fn option_end(options: &str) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, letter) in options.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ' ' | '\t' if !is_quoted => return None,
            ',' if !is_quoted => return Some(at),
            _ => {}
        }
    }
    (!is_quoted).then_some(options.len())
}

fn is_option(option: &str) -> bool {
    let option = option.to_ascii_lowercase();
    if let Some((name, value)) = option.split_once('=') {
        let quoted = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        return VALUED.contains(&name) && quoted.is_some();
    }
    FLAGS.iter().any(|(name, may_be_denied)| {
        option == *name || *may_be_denied && option.strip_prefix("no-") == Some(name)
    })
}

/// Where options end: at the first blank outside quotes.
fn options_end(line: &[u8]) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in line.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b' ' | b'\t' if !is_quoted => return Some(at),
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
        let key = Key::read("ssh-ed25519 AAAA a person").unwrap();
        assert_eq!(
            (&*key.comment, &*key.options),
            (b"a person".as_slice(), b"".as_slice())
        );
        assert_eq!(key.line(), b"ssh-ed25519 AAAA a person");
        let key = Key::read(r#"restrict,command="echo \"a b\"" ssh-rsa AAAA"#).unwrap();
        assert_eq!(key.options, br#"restrict,command="echo \"a b\"""#);
        assert!(key.shown().contains(" with restrict"));
        let key = Key::read(b" ssh-rsa\tAAAA f\xfcr\r".as_slice()).unwrap();
        assert_eq!(key.line(), b"ssh-rsa AAAA f\xfcr");
        for line in ["", "# ssh-rsa AAAA", "nonsense", "ssh-rsa", "ssh-rsa !!"] {
            assert_eq!(Key::read(line), None, "{line}");
        }
    }

    #[test]
    fn options_are_those_that_sshd_knows() {
        for options in [
            "restrict",
            r#"from="10.0.0.0/8,192.168.1.?",no-pty,X11-forwarding"#,
            r#"command="echo \"a, b\" \\",environment="A=b c""#,
            "No-Port-Forwarding",
        ] {
            assert_eq!(wrong_option(options), None, "{options}");
        }
        for (options, wrong) in [
            ("", ""),
            (r#"from="1.2.3.4"#, r#"from="1.2.3.4"#),
            ("restrict,no-ptty", "no-ptty"),
            ("restrict,", ""),
            ("restrict pty", "restrict pty"),
            ("from=1.2.3.4", "from=1.2.3.4"),
            ("no-restrict", "no-restrict"),
            ("pty=\"yes\"", "pty=\"yes\""),
            ("from=\"a\nb\"", "from=\"a\nb\""),
        ] {
            assert_eq!(wrong_option(options), Some(wrong), "{options}");
        }
    }

    #[test]
    fn a_key_is_known_by_type_and_blob() {
        let text = "# ssh-rsa CCCC\nrestrict ssh-rsa AAAA a\nssh-ed25519 BBBB ssh-rsa DDDD\r\n";
        for (key, is_there) in [
            ("ssh-rsa AAAA", true),
            ("ssh-ed25519 BBBB me", true),
            ("ssh-rsa BBBB", false),
            ("ssh-rsa CCCC", false),
            ("ssh-rsa DDDD", false),
        ] {
            assert_eq!(holds(text, &Key::read(key).unwrap()), is_there, "{key}");
        }
    }
}
