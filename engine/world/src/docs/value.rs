//! The typed value of a cell, found by its content.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::units::{Bytes, Timespan};

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "value")]
pub enum Value {
    /// Any text that is nothing else.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// `yes` or `no`.
    Flag(bool),
    /// An address: `10.10.10.1`.
    Address(IpAddr),
    /// An address with its network's prefix: `10.10.10.11/24`.
    Interface(IpNet),
    /// A network: `10.10.10.0/24`.
    Network(IpNet),
    /// A MAC address, in lower case.
    Mac(String),
    /// A size: `64 GiB`.
    Size(Bytes),
    /// A duration: `30 s`.
    Duration(Timespan),
    /// Nothing: the cell is empty or holds a dash.
    Missing,
}

impl Value {
    /// Reads a cell's text, without emphasis and backticks.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "" | "-" | "–" | "—" => return Self::Missing,
            _ if text.eq_ignore_ascii_case("yes") => return Self::Flag(true),
            _ if text.eq_ignore_ascii_case("no") => return Self::Flag(false),
            _ => {}
        }
        number(text)
            .or_else(|| address(text))
            .or_else(|| mac(text))
            .or_else(|| measure(text))
            .unwrap_or_else(|| Self::Text(text.to_owned()))
    }

    /// The address that it holds, with or without a prefix.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Interface(net) => Some(net.addr()),
            _ => None,
        }
    }

    /// Whether the cell is empty.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Mac(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Flag(flag) => f.write_str(if *flag { "yes" } else { "no" }),
            Self::Address(address) => write!(f, "{address}"),
            Self::Interface(net) | Self::Network(net) => write!(f, "{net}"),
            Self::Size(size) => write!(f, "{size}"),
            Self::Duration(span) => write!(f, "{span}"),
            Self::Missing => Ok(()),
        }
    }
}

/// A number with leading zeros is an id, and stays text.
fn number(text: &str) -> Option<Value> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(Value::Integer(number))
}

fn address(text: &str) -> Option<Value> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(Value::Address(address));
    }
    let net: IpNet = text.parse().ok()?;
    let single = net.prefix_len() == net.max_prefix_len();
    Some(if !single && net.trunc() == net {
        Value::Network(net)
    } else {
        Value::Interface(net)
    })
}

fn mac(text: &str) -> Option<Value> {
    let parts: Vec<&str> = text.split(':').collect();
    let pair = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
    (parts.len() == 6 && parts.iter().all(pair)).then(|| Value::Mac(text.to_ascii_lowercase()))
}

/// A blank must stand before the unit: `4d` is more likely a model than four days.
fn measure(text: &str) -> Option<Value> {
    text.contains(' ').then_some(())?;
    let size = text.parse().map(Value::Size).ok();
    size.or_else(|| text.parse().map(Value::Duration).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_type_by_content() {
        let table = [
            ("", "Missing"),
            ("–", "Missing"),
            ("yes", "Flag(true)"),
            ("No", "Flag(false)"),
            ("42", "Integer(42)"),
            ("007", "Text"),
            ("9.2", "Text"),
            ("10.10.10.1", "Address"),
            ("10.10.10.11/24", "Interface"),
            ("10.10.10.0/24", "Network"),
            ("10.10.10.1/32", "Interface"),
            ("fd00::/64", "Network"),
            ("fd00::1", "Address"),
            ("10.10.10.300", "Text"),
            ("BC:24:11:00:00:01", "Mac"),
            ("0000:01:00.0", "Text"),
            ("64 GiB", "Size"),
            ("30 s", "Duration"),
            ("4d", "Text"),
            ("0x030000", "Text"),
        ];
        for (text, name) in table {
            let value = Value::parse(text);
            assert!(format!("{value:?}").starts_with(name), "{text}: {value:?}");
        }
    }
}
