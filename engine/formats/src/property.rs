//! Property strings: comma separated `key=value` with one default key that may go unnamed.

use std::fmt;

/// A part of a property string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its key; none for one that goes unnamed.
    pub key: Option<&'a str>,
    /// Its value.
    pub value: &'a str,
}

/// The parts of a property string, as they stand there. What can't be a key is a part of a value.
pub fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let is_key = |key: &str| {
        let key = key.trim();
        let is_in_key = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !key.is_empty() && key.chars().all(is_in_key)
    };
    let parts = text.split(',').filter(|part| !part.trim().is_empty());
    parts.map(move |part| match part.split_once('=') {
        Some((key, value)) if is_key(key) => Part {
            key: Some(key),
            value,
        },
        _ => Part {
            key: None,
            value: part,
        },
    })
}

/// Reads a boolean in any of Proxmox's spellings.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "on" | "yes" | "true" => Some(true),
        "0" | "off" | "no" | "false" | "" => Some(false),
        _ => None,
    }
}

/// A property string as values: order, default key and the spelling of booleans make no difference.
#[derive(Clone, Debug, Default)]
pub struct PropertyString {
    default_key: Option<String>,
    pairs: Vec<(String, String)>,
}

/// Text that isn't a property string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PropertyError {
    /// A key stands twice.
    #[error("'{text}' names '{key}' twice; keep one of the two")]
    Duplicate {
        /// The whole text.
        text: String,
        /// The key.
        key: String,
    },
    /// A value has no key, and there is no default key that it could belong to.
    #[error("'{value}' in '{text}' has no key; write key={value}")]
    NoKey {
        /// The whole text.
        text: String,
        /// The value.
        value: String,
    },
}

impl PropertyString {
    /// An empty one whose default key is `default_key`.
    #[must_use]
    pub fn new(default_key: Option<&str>) -> Self {
        Self {
            default_key: default_key.map(str::to_owned),
            pairs: Vec::new(),
        }
    }

    /// Parses `text`; a part without `=` is the value of `default_key`.
    ///
    /// # Errors
    /// A key stands twice, or a value has no key.
    pub fn parse(text: &str, default_key: Option<&str>) -> Result<Self, PropertyError> {
        let mut parsed = Self::new(default_key);
        for part in parts(text) {
            let value = part.value.trim();
            let key = part.key.map(str::trim).or(default_key);
            let key = key.ok_or_else(|| PropertyError::NoKey {
                text: text.to_owned(),
                value: value.to_owned(),
            })?;
            if parsed.get(key).is_some() {
                return Err(PropertyError::Duplicate {
                    text: text.to_owned(),
                    key: key.to_owned(),
                });
            }
            parsed.pairs.push((key.to_owned(), value.to_owned()));
        }
        Ok(parsed)
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Sets `key`, in its place if it is there, else at the end.
    pub fn set(&mut self, key: &str, value: &str) {
        match self.pairs.iter_mut().find(|(name, _)| name == key) {
            Some(pair) => value.clone_into(&mut pair.1),
            None => self.pairs.push((key.to_owned(), value.to_owned())),
        }
    }

    /// Removes `key`; nothing happens if it isn't there.
    pub fn remove(&mut self, key: &str) {
        self.pairs.retain(|(name, _)| name != key);
    }

    /// The keys with their values, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// This one with the values of `wanted` laid over it; keys that `wanted` doesn't name are kept.
    #[must_use]
    pub fn merge(&self, wanted: &Self) -> Self {
        let mut merged = self.clone();
        for (key, value) in wanted.pairs() {
            merged.set(key, value);
        }
        merged
    }

    /// Whether everything that `wanted` names is so here; other keys make no difference.
    #[must_use]
    pub fn satisfies(&self, wanted: &Self) -> bool {
        wanted
            .pairs()
            .all(|(key, value)| self.get(key).is_some_and(|own| same_value(own, value)))
    }
}

impl PartialEq for PropertyString {
    fn eq(&self, other: &Self) -> bool {
        self.pairs.len() == other.pairs.len() && self.satisfies(other)
    }
}

impl fmt::Display for PropertyString {
    /// The default key's value comes first and without its key, as Proxmox writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = self.default_key.as_deref();
        let bare = default
            .and_then(|key| self.get(key))
            .filter(|value| !value.contains('='));
        let mut parts: Vec<String> = bare.iter().map(|value| (*value).to_owned()).collect();
        parts.extend(
            self.pairs()
                .filter(|(key, _)| bare.is_none() || Some(*key) != default)
                .map(|(key, value)| format!("{key}={value}")),
        );
        f.write_str(&parts.join(","))
    }
}

/// Compares two values: equal text, or both spell the same boolean with one of them in words.
fn same_value(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    if a.is_empty() || b.is_empty() {
        return false;
    }
    matches!((boolean(a), boolean(b)), (Some(a), Some(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, key: Option<&str>) -> PropertyString {
        PropertyString::parse(text, key).unwrap()
    }

    #[test]
    fn compares_as_values() {
        let table = [
            (
                "virtio,bridge=vmbr0,tag=20",
                "bridge=vmbr0,tag=20,model=virtio",
                "model",
                true,
            ),
            (
                "1,fstrim_cloned_disks=1",
                "enabled=on,fstrim_cloned_disks=yes",
                "enabled",
                true,
            ),
            (
                "local-lvm:32,discard=on",
                "discard=1,file=local-lvm:32",
                "file",
                true,
            ),
            (
                "address=10.0.0.1,priority=2",
                "10.0.0.1,priority=2",
                "address",
                true,
            ),
            (
                "keep-last=3,keep-daily=7",
                "keep-daily=7,keep-last=3",
                "",
                true,
            ),
            ("keep-last=3", "keep-last=3,keep-daily=7", "", false),
            ("virtio,bridge=vmbr0", "virtio,bridge=vmbr1", "model", false),
            ("a=0", "a=", "", false),
        ];
        for (left, right, key, same) in table {
            let key = Some(key).filter(|key| !key.is_empty());
            assert_eq!(
                parse(left, key) == parse(right, key),
                same,
                "{left} and {right}"
            );
        }
    }

    #[test]
    fn keeps_unknown_keys_when_merging() {
        let stored = parse("virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1", None);
        let merged = stored.merge(&parse("bridge=vmbr1,tag=30", None));
        assert_eq!(
            merged.to_string(),
            "virtio=BC:24:11:00:00:01,bridge=vmbr1,firewall=1,tag=30"
        );
        assert!(
            merged.satisfies(&parse("tag=30", None)) && !stored.satisfies(&parse("tag=30", None))
        );
    }

    #[test]
    fn prints_the_default_key_first_and_bare() {
        assert_eq!(
            parse("tag=20,model=virtio", Some("model")).to_string(),
            "virtio,tag=20"
        );
    }

    #[test]
    fn refuses_a_key_twice_and_a_value_without_key() {
        assert!(matches!(
            PropertyString::parse("a=1,a=2", None),
            Err(PropertyError::Duplicate { key, .. }) if key == "a"
        ));
        assert!(matches!(
            PropertyString::parse("x,a=2", None),
            Err(PropertyError::NoKey { value, .. }) if value == "x"
        ));
    }
}
