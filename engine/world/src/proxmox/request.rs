//! A request as data: it can be printed, recorded, predicted or sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Secret;

/// An HTTP method of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or starts something.
    Post,
    /// Changes.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A parameter's value. Lists repeat the key; a secret is sent, but prints and serialises as `***`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Param {
    /// Text, a number or a boolean (`1`, `0`) as text.
    Text(String),
    /// An array parameter.
    List(Vec<String>),
    /// A secret.
    Secret(Secret),
}

impl<'de> Deserialize<'de> for Param {
    /// Reads recorded parameters; a secret was recorded as its mask and comes back as that text.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Recorded {
            Text(String),
            List(Vec<String>),
        }
        Ok(match Recorded::deserialize(deserializer)? {
            Recorded::Text(text) => Self::Text(text),
            Recorded::List(list) => Self::List(list),
        })
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Param {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<bool> for Param {
    fn from(value: bool) -> Self {
        Self::Text(u8::from(value).to_string())
    }
}

impl From<i64> for Param {
    fn from(value: i64) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<Vec<String>> for Param {
    fn from(list: Vec<String>) -> Self {
        Self::List(list)
    }
}

impl From<Secret> for Param {
    fn from(secret: Secret) -> Self {
        Self::Secret(secret)
    }
}

/// One call of the API, without node address and credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path below `/api2/json`, each part percent-encoded: `/access/users/homelab%40pve`.
    pub path: String,
    /// Parameters in the order in which they are sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<(String, Param)>,
}

impl Request {
    /// A request without parameters. `path` is made with [`path`](Self::path) where parts aren't plain.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            params: Vec::new(),
        }
    }

    /// A `GET`.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::Get, path)
    }

    /// A `POST`.
    #[must_use]
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::Post, path)
    }

    /// A `PUT`.
    #[must_use]
    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::Put, path)
    }

    /// A `DELETE`.
    #[must_use]
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::Delete, path)
    }

    /// The same request with one more parameter.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Param>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// The same request with a parameter if there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<Param>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A path of `parts`, each percent-encoded: `path(&["access", "users", "a@pve"])`.
    #[must_use]
    pub fn path(parts: &[&str]) -> String {
        parts
            .iter()
            .map(|part| format!("/{}", escape(part)))
            .collect()
    }

    /// The parameters form-urlencoded, secrets included: for the wire only.
    #[must_use]
    pub fn form(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.params {
            match value {
                Param::Text(text) => {
                    form.append_pair(name, text);
                }
                Param::List(list) => {
                    form.extend_pairs(list.iter().map(|item| (name, item)));
                }
                Param::Secret(secret) => {
                    form.append_pair(name, secret.expose());
                }
            }
        }
        form.finish()
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Percent-encodes one part of a path; the characters that Proxmox's ids use stay as they are.
#[must_use]
pub(crate) fn escape(part: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const PART: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    utf8_percent_encode(part, PART).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_parts_and_parameters() {
        let request = Request::put(Request::path(&["access", "users", "a b@pve"]))
            .with("groups", "x,y")
            .with("map", vec!["a=1".to_owned(), "b=2".to_owned()])
            .with("password", Secret::new("P", "s&t"));
        assert_eq!(request.path, "/access/users/a%20b%40pve");
        assert_eq!(
            request.form(),
            "groups=x%2Cy&map=a%3D1&map=b%3D2&password=s%26t"
        );
        let recorded = serde_json::to_string(&request).unwrap();
        assert!(
            !recorded.contains("s&t") && recorded.contains("***"),
            "{recorded}"
        );
    }
}
