//! Who is asked, and as whom.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Secret, secret::MASK};

/// A node whose API can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The node's name.
    pub name: String,
    /// Its address or host name, without prefix; with a port if it isn't 8006.
    pub address: String,
    /// The SHA-256 fingerprint of its certificate, colon form, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// As whom a request is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The literal root user, by ticket: some calls are closed to every token.
    Root,
    /// An API token.
    Token {
        /// The token's full id, `user@realm!name`.
        id: String,
        /// Its secret; empty once it was recorded, then the [`Api`](super::Api) must know it.
        #[serde(deserialize_with = "recorded_secret")]
        secret: Secret,
    },
}

/// Reads a recorded secret: the mask stands for a value that has to come from elsewhere.
fn recorded_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    if value.as_str() == Some(MASK) {
        return Ok(Secret::new("recorded", ""));
    }
    serde_json::from_value(value).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_a_token_without_its_secret() {
        let token = Identity::Token {
            id: "homelab@pve!run".to_owned(),
            secret: Secret::new("TOKEN", "0000-1111"),
        };
        let text = serde_json::to_string(&token).unwrap();
        assert!(!text.contains("0000-1111"), "{text}");
        let Identity::Token { id, secret } = serde_json::from_str(&text).unwrap() else {
            panic!("{text}");
        };
        assert_eq!((id.as_str(), secret.expose()), ("homelab@pve!run", ""));
        assert_eq!(serde_json::to_string(&Identity::Root).unwrap(), "\"root\"");
    }
}
