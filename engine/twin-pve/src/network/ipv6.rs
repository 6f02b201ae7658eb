//! Which IPv6 addresses a host may have.

use model::{
    Stop,
    interfaces::{Interface, set},
};
use std::net::Ipv6Addr;

/// What an address of a range is, by the names of IANA's registry. A longer prefix wins.
const TYPES: &[(&str, u32, &str)] = &[
    ("::", 128, "UNSPECIFIED"),
    ("::1", 128, "LOOPBACK"),
    ("::ffff:0:0", 96, "IPV4MAP"),
    ("100::", 64, "DISCARD"),
    ("2001:2::", 48, "BMWG"),
    ("2001:db8::", 32, "DOCUMENTATION"),
    ("2001:10::", 28, "ORCHID"),
    ("2001::", 32, "TEREDO"),
    ("2002::", 16, "6TO4"),
    ("fe80::", 10, "LINK-LOCAL-UNICAST"),
    ("ff00::", 8, "MULTICAST"),
    ("fc00::", 7, "UNIQUE-LOCAL-UNICAST"),
    ("2000::", 3, "GLOBAL-UNICAST"),
    ("::", 0, "RESERVED"),
];

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix.min(128)).unwrap_or(0)
}

fn type_of(address: Ipv6Addr) -> &'static str {
    let bits = u128::from(address);
    let fits = |network: &str, prefix: u32| {
        network
            .parse::<Ipv6Addr>()
            .is_ok_and(|network| bits & mask(prefix) == u128::from(network))
    };
    TYPES
        .iter()
        .find(|(network, prefix, _)| fits(network, *prefix))
        .map_or("RESERVED", |(.., name)| name)
}

/// The address that was sent has to be one that a host may have.
pub(super) fn check_host(sent: &Interface) -> Result<(), Stop> {
    let Some(text) = set(sent, "address6") else {
        return Ok(());
    };
    let Ok(address) = text.parse::<Ipv6Addr>() else {
        let words = format!("{text} is not a valid host IPv6 address.");
        return Err(Stop::invalid_one("address", words));
    };
    let prefix = set(sent, "netmask6").and_then(|prefix| prefix.parse().ok());
    let found = if prefix.is_some_and(|prefix| mask(prefix) == u128::from(address)) {
        "ANYCAST"
    } else {
        type_of(address)
    };
    if found.ends_with("-UNICAST") {
        return Ok(());
    }
    let words = format!("{text} with type '{found}', cannot be used as host IPv6 address.");
    Err(Stop::invalid_one("address", words))
}

#[cfg(test)]
mod tests {
    use super::type_of;

    #[test]
    fn tells_what_an_address_is() {
        for (address, expected) in [
            ("fd00:90::1", "UNIQUE-LOCAL-UNICAST"),
            ("2a01:4f8::1", "GLOBAL-UNICAST"),
            ("2001:db8::1", "DOCUMENTATION"),
            ("2001::5", "TEREDO"),
            ("2002:a00::1", "6TO4"),
            ("fe80::1", "LINK-LOCAL-UNICAST"),
            ("ff02::1", "MULTICAST"),
            ("::1", "LOOPBACK"),
            ("::", "UNSPECIFIED"),
            ("4000::1", "RESERVED"),
        ] {
            assert_eq!(type_of(address.parse().unwrap()), expected, "{address}");
        }
    }
}
