//! Types of fields that name what a host has: paths, modes, accounts.

use std::{borrow::Cow, fmt, ops::Deref};

use formats::path::canonical;
use runbook::failure::Failure;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use world::{code, host::OPERATOR};

/// A path on a host in the one way to write it: `/srv//b/./c` is `/srv/b/c`. Only that of a folder may end with a slash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct HostPath<const MAY_BE_FOLDER: bool>(String);

/// The path of a file.
pub(crate) type FilePath = HostPath<false>;

/// The path of a folder, or of anything.
pub(crate) type FolderPath = HostPath<true>;

/// A mode in octal, without leading zeros: `644`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Mode(String);

/// The name of a user or a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct AccountName(String);

impl<const MAY_BE_FOLDER: bool> HostPath<MAY_BE_FOLDER> {
    /// Needs it to be a path on a host: only those of the operator's own machine may count from the lab's folder.
    ///
    /// # Errors
    /// It's relative.
    pub(crate) fn on(&self, host: &str) -> Result<(), Failure> {
        if self.starts_with('/') || host == OPERATOR {
            return Ok(());
        }
        let text = format!("'{self}' is no path on {host}: it doesn't begin with a slash");
        Err(Failure::new(code::runbook::argument, text).help("write it from the root: /etc/motd"))
    }

    fn read(text: String) -> Result<Self, String> {
        let is_folder = text.ends_with('/') || matches!(text.rsplit('/').next(), Some("." | ".."));
        if text.is_empty() {
            Err("a path is needed".to_owned())
        } else if text.contains(['\0', '\n', '\r']) {
            Err(format!(
                "{text:?} is no path: it has an end of a line or of a text in it"
            ))
        } else if is_folder && !MAY_BE_FOLDER {
            Err(format!(
                "'{text}' is the path of a folder, and a file's is needed"
            ))
        } else {
            Ok(Self(match canonical(&text) {
                Cow::Borrowed(plain) if plain == text => text,
                plain => plain.into_owned(),
            }))
        }
    }
}

impl Mode {
    fn read(value: &Value) -> Result<Self, String> {
        let digits = value.as_str().map(|text| text.trim_start_matches('0'));
        let is_mode = |digits: &&str| {
            digits.len() <= 4 && digits.bytes().all(|digit| (b'0'..=b'7').contains(&digit))
        };
        match (value.as_str(), digits.filter(is_mode)) {
            (Some(text), Some("")) if !text.is_empty() => Ok(Self("0".to_owned())),
            (Some(_), Some(digits)) if !digits.is_empty() => Ok(Self(digits.to_owned())),
            _ => Err(format!(
                "{value} is no mode: up to four octal digits as text, such as \"644\""
            )),
        }
    }
}

impl AccountName {
    fn read(text: &str) -> Result<Self, String> {
        let is_other = |letter: char| {
            letter.is_whitespace() || letter.is_control() || ":,/\\".contains(letter)
        };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number || text.starts_with('-') || text.contains(is_other) {
            return Err(format!("{text:?} is no name of a user or a group"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de, const MAY_BE_FOLDER: bool> Deserialize<'de> for HostPath<MAY_BE_FOLDER> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for AccountName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Lets a type be read and shown as the text that it is.
macro_rules! text {
    ($name:ty, $word:literal $(, const $parameter:ident)?) => {
        impl$(<const $parameter: bool>)? Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl$(<const $parameter: bool>)? fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl$(<const $parameter: bool>)? From<&$name> for String {
            fn from(text: &$name) -> Self {
                text.0.clone()
            }
        }

        impl$(<const $parameter: bool>)? JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                $word.into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string" })
            }
        }
    };
}

text!(HostPath<MAY_BE_FOLDER>, "HostPath", const MAY_BE_FOLDER);
text!(Mode, "Mode");
text!(AccountName, "AccountName");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_is_written_in_one_way() {
        let file = |text| FilePath::read(str::to_owned(text)).map(|path| path.0);
        let folder = |text| FolderPath::read(str::to_owned(text)).map(|path| path.0);
        assert_eq!(file("//srv/./a"), Ok("/srv/a".to_owned()));
        assert_eq!(folder("/srv//a/"), Ok("/srv/a".to_owned()));
        assert_eq!(folder("/"), Ok("/".to_owned()));
        for text in ["", "/", "/a/", "/a/.", "/a/..", "/a\nb", "/a\r", "/a\0"] {
            assert!(file(text).is_err(), "{text:?}");
        }
        for (path, host, is_taken) in [
            ("/a", "pve1", true),
            ("a", "pve1", false),
            ("none", "pve1", false),
            ("a", OPERATOR, true),
        ] {
            assert_eq!(
                FilePath::read(path.to_owned()).unwrap().on(host).is_ok(),
                is_taken,
                "{path} {host}"
            );
        }
    }

    #[test]
    fn a_mode_is_up_to_four_octal_digits() {
        for (text, mode) in [
            ("644", "644"),
            ("0644", "644"),
            ("4755", "4755"),
            ("07777", "7777"),
            ("0", "0"),
            ("000", "0"),
        ] {
            assert_eq!(&*Mode::read(&json!(text)).unwrap(), mode);
        }
        for value in [
            json!("999"),
            json!(""),
            json!("u+x"),
            json!("10000"),
            json!("-"),
            json!(644),
            json!(null),
        ] {
            assert!(Mode::read(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn an_account_has_a_name_and_no_number() {
        assert!(
            ["root", "www-data", "_apt", "a.b", "4f"]
                .iter()
                .all(|name| AccountName::read(name).is_ok())
        );
        for name in ["", "1000", "-r", "a:b", "a b", "a\n", "a/b", "a,b"] {
            assert!(AccountName::read(name).is_err(), "{name:?}");
        }
    }
}
