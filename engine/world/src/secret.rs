//! Secrets: values that print as `***` and are redacted wherever text leaves the program.

use std::{
    fmt,
    sync::{Arc, RwLock},
};

use base64::Engine as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};

/// What a secret prints as.
pub const MASK: &str = "***";

/// The shortest secret that is masked, in characters.
const SHORTEST: usize = 4;

/// Words of homelab's own output, which says them of everybody: a mask in their place would tell the secret.
const OWN_WORDS: &[&str] = &[
    "apply",
    "create",
    "delete",
    "update",
    "changed",
    "done",
    "failed",
    "false",
    "file",
    "host",
    "install",
    "live",
    "none",
    "null",
    "opaque",
    "operation",
    "plan",
    "planned",
    "predicted",
    "proxmox",
    "read",
    "refused",
    "root",
    "root@pam",
    "step",
    "succeeded",
    "task",
    "true",
    "twin",
    "unknown",
    "version",
];

/// The key under which a secret travels inside the program as JSON; see [`Secret::reveal_json`].
const TAG: &str = "$secret";

/// A value that must not be seen: it prints and serialises as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    name: Arc<str>,
    value: Arc<str>,
}

impl Secret {
    /// A secret called `name` (the environment variable that holds it, or what it is).
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }

    /// The name under which it was asked for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value itself; for the wire, never for text that a person or a file gets.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.value
    }

    /// Why a value can't be kept out of what homelab prints; nothing for most.
    #[must_use]
    pub fn weakness(value: &str) -> Option<&'static str> {
        if value.chars().count() < SHORTEST {
            Some("it has fewer than four characters, which stand in other words too")
        } else if OWN_WORDS.contains(&value) {
            Some("it's a word that homelab itself prints")
        } else if value.contains('\0') {
            Some("it holds a zero byte, which no host takes")
        } else {
            None
        }
    }

    /// The value as tagged JSON, for decoding arguments inside the program.
    ///
    /// Only this form can be deserialised: text in a file can't become a `Secret` by chance.
    #[must_use]
    pub fn reveal_json(&self) -> serde_json::Value {
        serde_json::json!({ TAG: [&*self.name, &*self.value] })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.name)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Tagged {
            #[serde(rename = "$secret")]
            parts: (String, String),
        }
        let Tagged { parts } = Tagged::deserialize(deserializer)
            .map_err(|_| D::Error::custom("a secret is needed here: secret(\"NAME\")"))?;
        Ok(Self::new(parts.0, parts.1))
    }
}

/// Knows every secret of a run and removes them, in any usual encoding, from text.
#[derive(Clone, Default)]
pub struct Redactor {
    needles: Arc<RwLock<Vec<String>>>,
}

impl Redactor {
    /// Remembers a secret and its percent-, twice percent-, JSON- and base64-encoded forms.
    pub fn register(&self, secret: &Secret) {
        let plain = secret.expose();
        // A shorter one would be found in every other word, and what is masked would give it away.
        if plain.chars().count() < SHORTEST {
            return;
        }
        let percent = utf8_percent_encode(plain, NON_ALPHANUMERIC).to_string();
        let form: String = form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        let json = serde_json::Value::from(plain).to_string();
        let mut forms = vec![
            plain.to_owned(),
            utf8_percent_encode(&percent, NON_ALPHANUMERIC).to_string(),
            form_urlencoded::byte_serialize(form.as_bytes()).collect(),
            percent,
            form,
            json[1..json.len() - 1].to_owned(),
        ];
        forms.extend(base64_forms(plain.as_bytes()));
        let Ok(mut needles) = self.needles.write() else {
            return;
        };
        needles.extend(forms);
        needles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        needles.dedup();
    }

    /// Hides what tells of a text that a secret stands in: its SHA-256 in hexadecimal, by which words could be tried.
    pub fn hide_digest(&self, text: &[u8]) {
        let holds = std::str::from_utf8(text).is_ok_and(|text| self.finds(text));
        if holds && let Ok(mut needles) = self.needles.write() {
            let digest = hex::encode(Sha256::digest(text));
            if !needles.contains(&digest) {
                needles.insert(0, digest);
            }
        }
    }

    /// The text with every registered secret replaced by `***`.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let Ok(needles) = self.needles.read() else {
            return MASK.to_owned();
        };
        let mut out = text.to_owned();
        for needle in needles.iter() {
            if out.contains(needle.as_str()) {
                out = out.replace(needle.as_str(), MASK);
            }
        }
        out
    }

    /// The text that a secret stands in, with `***` in its place; all of it is the secret where none is found.
    #[must_use]
    pub fn masked(&self, secret: &Secret) -> String {
        if self.finds(secret.expose()) {
            self.redact(secret.expose())
        } else {
            MASK.to_owned()
        }
    }

    /// Whether a text holds a registered secret in any form.
    #[must_use]
    pub fn finds(&self, text: &str) -> bool {
        let Ok(needles) = self.needles.read() else {
            return true;
        };
        needles.iter().any(|needle| text.contains(needle.as_str()))
    }

    /// Whether no secret is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needles.read().is_ok_and(|needles| needles.is_empty())
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

/// The base64 text of `bytes` at each of the three offsets that it can have inside a longer text,
/// without the characters that depend on its neighbours.
fn base64_forms(bytes: &[u8]) -> Vec<String> {
    let engines = [
        base64::engine::general_purpose::STANDARD_NO_PAD,
        base64::engine::general_purpose::URL_SAFE_NO_PAD,
    ];
    let mut forms = Vec::new();
    for engine in engines {
        for offset in 0..3_usize {
            let mut padded = vec![0; offset];
            padded.extend_from_slice(bytes);
            let whole = padded.len() / 3 * 3;
            let text = engine.encode(&padded[..whole]);
            let start = [0, 2, 3][offset];
            // A short core would match ordinary text.
            if text.len() >= start + 8 {
                forms.push(text[start..].to_owned());
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_text_with_a_secret_is_hidden() {
        let redactor = Redactor::default();
        redactor.register(&Secret::new("PASSWORD", "correct-horse"));
        for (text, is_hidden) in [("password=correct-horse\n", true), ("password=\n", false)] {
            redactor.hide_digest(text.as_bytes());
            let digest = hex::encode(Sha256::digest(text));
            assert_eq!(redactor.finds(&digest), is_hidden, "{text}");
        }
    }

    #[test]
    fn text_around_a_secret_is_shown() {
        let redactor = Redactor::default();
        let text = Secret::new("PASSWORD", "the password is correct-horse");
        assert_eq!(redactor.masked(&text), MASK);
        redactor.register(&Secret::new("PASSWORD", "correct-horse"));
        assert_eq!(redactor.masked(&text), "the password is ***");
    }

    #[test]
    fn redacts_every_encoding_of_a_secret() {
        let redactor = Redactor::default();
        let secret = Secret::new("PASSWORD", "p&ss \"wörd\"/%+long");
        redactor.register(&secret);
        let plain = secret.expose();
        let percent = utf8_percent_encode(plain, NON_ALPHANUMERIC).to_string();
        let twice = utf8_percent_encode(&percent, NON_ALPHANUMERIC).to_string();
        let json = serde_json::json!({ "x": plain }).to_string();
        let engine = base64::engine::general_purpose::STANDARD;
        for text in [plain.to_owned(), percent, twice, json] {
            let clean = redactor.redact(&text);
            assert!(clean.contains(MASK), "{clean}");
            assert!(
                !clean.contains("wörd") && !clean.contains("w%C3"),
                "{clean}"
            );
        }
        for prefix in ["", "a", "ab"] {
            let text = engine.encode(format!("{prefix}{plain}tail"));
            assert!(
                redactor.redact(&text).contains(MASK),
                "offset {}",
                prefix.len()
            );
        }
    }

    #[test]
    fn prints_and_serialises_as_a_mask() {
        let secret = Secret::new("TOKEN", "hunter2hunter2");
        assert_eq!(secret.to_string(), MASK);
        assert_eq!(format!("{secret:?}"), "Secret(TOKEN)");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"***\"");
        let back: Secret = serde_json::from_value(secret.reveal_json()).unwrap();
        assert_eq!(back, secret);
        assert!(serde_json::from_str::<Secret>("\"hunter2\"").is_err());
    }
}
