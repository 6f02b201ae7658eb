//! The typed value of a cell: as its column's schema says it, else found by its content.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::units::{Bytes, Speed, Timespan};

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
    /// How much a line carries: `10 Gbit/s`.
    Speed(Speed),
    /// A duration: `30 s`.
    Duration(Timespan),
    /// Nothing: the cell is empty or holds a dash.
    Missing,
}

impl Value {
    /// Reads a cell's text, without emphasis and backticks, where no schema says what it is.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if is_missing(text) {
            return Self::Missing;
        }
        flag(text)
            .or_else(|| number(text))
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

    /// The whole number that it holds.
    #[must_use]
    pub const fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The number of bytes that it holds.
    #[must_use]
    pub const fn size(&self) -> Option<u64> {
        match self {
            Self::Size(Bytes(bytes)) => Some(*bytes),
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
            Self::Speed(speed) => write!(f, "{speed}"),
            Self::Duration(span) => write!(f, "{span}"),
            Self::Missing => Ok(()),
        }
    }
}

/// Whether a cell's text says that there's nothing.
pub(super) fn is_missing(text: &str) -> bool {
    matches!(text, "" | "-" | "–" | "—")
}

pub(super) fn flag(text: &str) -> Option<Value> {
    let is = |word| text.eq_ignore_ascii_case(word);
    (is("yes") || is("no")).then(|| Value::Flag(is("yes")))
}

/// A number with leading zeros is an id, and stays text.
fn number(text: &str) -> Option<Value> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(Value::Integer(number))
}

fn address(text: &str) -> Option<Value> {
    let single = || text.parse().ok().map(Value::Address);
    single().or_else(|| network(text)).or_else(|| {
        let net = text.parse().ok()?;
        Some(Value::Interface(net))
    })
}

/// A network, of more than one address.
pub(super) fn network(text: &str) -> Option<Value> {
    let net: IpNet = text.parse().ok()?;
    let is_one = net.prefix_len() < net.max_prefix_len() && net.trunc() == net;
    is_one.then_some(Value::Network(net))
}

/// An address in its network; of two addresses in a network, both may be a machine's.
pub(super) fn interface(text: &str) -> Option<Value> {
    let net: IpNet = text.parse().ok()?;
    let is_network = net.prefix_len() + 1 < net.max_prefix_len() && net.trunc() == net;
    (!is_network).then_some(Value::Interface(net))
}

/// A MAC address, with colons or dashes.
pub(super) fn mac(text: &str) -> Option<Value> {
    let text = text.replace('-', ":");
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
