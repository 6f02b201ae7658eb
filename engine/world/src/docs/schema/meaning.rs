//! When two texts of one type say the same.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::docs::Cell;

/// What a cell means: texts that differ may say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Any text; how many blanks stand in it doesn't matter.
    Text,
    /// The same, of one thing alone: a serial number.
    Serial,
    /// A SHA-256 in hexadecimal, with colons or without, in either case.
    Fingerprint,
    /// A host key as OpenSSH prints it; `SHA256:` and the padding may be left out.
    HostKey,
    /// A MAC address, with colons or dashes, in either case.
    Mac,
    /// A version; docs may leave out its last parts: `9.2` is `9.2.1`.
    Version,
    /// An address; docs may leave out its prefix.
    Address,
    /// Hexadecimal identifiers, in either case.
    Hex,
    /// A path; slashes at its end or behind each other make no difference.
    Path,
}

impl Meaning {
    /// What should stand in a cell for a learned value; nothing if the cell says the same already.
    #[must_use]
    pub fn correction(self, cell: Option<&Cell>, learned: &str) -> Option<String> {
        let documented = cell.filter(|cell| !cell.value.is_missing());
        let Some(documented) = documented.map(|cell| cell.text.as_str()) else {
            return Some(learned.to_owned());
        };
        let written = self.as_detailed_as(documented, learned);
        (!self.is_same(documented, &written)).then_some(written)
    }

    /// Whether it tells one thing from all others: no two rows can say the same.
    #[must_use]
    pub const fn identifies(self) -> bool {
        matches!(self, Self::Serial | Self::Mac)
    }

    /// Whether two texts say the same.
    #[must_use]
    pub fn is_same(self, one: &str, other: &str) -> bool {
        match self {
            Self::Text | Self::Serial => one.split_whitespace().eq(other.split_whitespace()),
            Self::Version => one.trim() == other.trim(),
            Self::Address => address(one) == address(other),
            _ => self.bare(one) == self.bare(other),
        }
    }

    /// A text without what may be written in another way.
    #[must_use]
    pub fn bare(self, text: &str) -> String {
        let text = text.trim();
        match self {
            Self::Fingerprint => hexadecimal(text.trim_start_matches("SHA256:"), &[':', ' ']),
            Self::Mac => hexadecimal(text, &[':', '-']),
            Self::Hex => text.to_ascii_lowercase(),
            Self::HostKey => {
                let text = text.trim_end_matches('=');
                text.strip_prefix("SHA256:").unwrap_or(text).to_owned()
            }
            Self::Path => {
                let parts = text.split('/').filter(|part| !part.is_empty());
                format!("/{}", parts.collect::<Vec<_>>().join("/"))
            }
            Self::Text | Self::Serial | Self::Version | Self::Address => text.to_owned(),
        }
    }

    /// The learned value, as detailed as docs write it: of a version as many parts, an address without its prefix.
    fn as_detailed_as(self, documented: &str, learned: &str) -> String {
        match self {
            Self::Version => {
                let parts = documented.split('.').count();
                let kept: Vec<&str> = learned.split('.').take(parts).collect();
                kept.join(".")
            }
            Self::Address if !documented.contains('/') => {
                learned.split('/').next().unwrap_or(learned).to_owned()
            }
            _ => learned.to_owned(),
        }
    }
}

fn hexadecimal(text: &str, left_out: &[char]) -> String {
    text.replace(left_out, "").to_ascii_lowercase()
}

/// An address with its prefix; a text that is none stays one.
fn address(text: &str) -> Result<(IpAddr, Option<u8>), String> {
    let text = text.trim();
    if let Ok(net) = text.parse::<IpNet>() {
        return Ok((net.addr(), Some(net.prefix_len())));
    }
    text.parse()
        .map(|address| (address, None))
        .map_err(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_needs_no_correction() {
        let table = [
            (Meaning::Fingerprint, "ab:CD", "AB:cd", None),
            (Meaning::Fingerprint, "abcd", "AB:CD", None),
            (Meaning::Fingerprint, "AB:CD", "AB:CE", Some("AB:CE")),
            (Meaning::Fingerprint, "-", "AB:CE", Some("AB:CE")),
            (Meaning::HostKey, "abc=", "SHA256:abc", None),
            (
                Meaning::HostKey,
                "SHA256:abC",
                "SHA256:abc",
                Some("SHA256:abc"),
            ),
            (Meaning::Mac, "3C-EC-EF-4A-10-20", "3c:ec:ef:4a:10:20", None),
            (
                Meaning::Mac,
                "",
                "3c:ec:ef:4a:10:20",
                Some("3c:ec:ef:4a:10:20"),
            ),
            (Meaning::Version, "9.2", "9.2.1", None),
            (Meaning::Version, "9.2", "9.3.1", Some("9.3")),
            (Meaning::Version, "9", "9.3.1", None),
            (Meaning::Version, "9.2.0", "9.2", Some("9.2")),
            (Meaning::Address, "10.0.0.1", "10.0.0.1/24", None),
            (
                Meaning::Address,
                "10.0.0.1/16",
                "10.0.0.1/24",
                Some("10.0.0.1/24"),
            ),
            (Meaning::Address, "fd00::1/64", "FD00:0::1/64", None),
            (
                Meaning::Address,
                "10.0.0.2",
                "10.0.0.1/24",
                Some("10.0.0.1"),
            ),
            (Meaning::Hex, "10DE:27b2", "10de:27B2", None),
            (Meaning::Text, "WD  Red ", "WD Red", None),
            (Meaning::Text, "wd red", "WD Red", Some("WD Red")),
        ];
        for (meaning, documented, learned, wanted) in table {
            let cell = Cell {
                text: documented.to_owned(),
                value: crate::docs::Value::parse(documented),
                line: 1,
                column: 1,
            };
            let found = meaning.correction(Some(&cell), learned);
            assert_eq!(found.as_deref(), wanted, "{documented} {learned}");
        }
        assert_eq!(Meaning::Text.correction(None, "x").as_deref(), Some("x"));
    }
}
