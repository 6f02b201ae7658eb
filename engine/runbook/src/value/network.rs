//! Addresses and networks in scripts.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;
use rhai::{Engine, plugin::*};

/// An address: `10.10.10.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub IpAddr);

/// An address with the prefix of its network: `10.10.10.11/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceAddress(pub IpNet);

/// A network: `10.10.10.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(pub IpNet);

macro_rules! shown {
    ($($type:ty),+) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}
shown!(Address, InterfaceAddress, Network);

/// Registers the three types and their functions.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Address>("Address");
    engine.register_type_with_name::<InterfaceAddress>("InterfaceAddress");
    engine.register_type_with_name::<Network>("Network");
    engine.register_global_module(exported_module!(addresses).into());
    engine.register_global_module(exported_module!(interfaces).into());
    engine.register_global_module(exported_module!(networks).into());
}

#[expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "Rhai exports public functions, and unwraps in what it generates"
)]
#[export_module]
mod addresses {
    use rhai::EvalAltResult;

    /// Reads an address: `address("10.10.10.1")`.
    #[rhai_fn(return_raw)]
    pub fn address(text: &str) -> Result<Address, Box<EvalAltResult>> {
        text.parse()
            .map(Address)
            .map_err(|_| format!("'{text}' isn't an address like 10.10.10.1").into())
    }

    /// Returns whether both are the same address.
    #[rhai_fn(name = "==")]
    pub fn equal(left: Address, right: Address) -> bool {
        left == right
    }

    /// Returns whether the text is this address.
    #[rhai_fn(name = "==")]
    pub fn equal_text(left: Address, right: &str) -> bool {
        left.to_string() == right
    }

    /// Returns whether they are different addresses.
    #[rhai_fn(name = "!=")]
    pub fn different(left: Address, right: Address) -> bool {
        left != right
    }

    /// Returns whether the text isn't this address.
    #[rhai_fn(name = "!=")]
    pub fn different_text(left: Address, right: &str) -> bool {
        left.to_string() != right
    }

    /// Returns the address as text.
    #[rhai_fn(name = "to_string", name = "to_debug")]
    pub fn text(address: Address) -> String {
        address.to_string()
    }

    /// Returns whether it's an IPv6 address.
    #[rhai_fn(get = "is_ipv6", pure)]
    pub fn is_ipv6(address: &mut Address) -> bool {
        address.0.is_ipv6()
    }
}

#[expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "Rhai exports public functions, and unwraps in what it generates"
)]
#[export_module]
mod interfaces {
    use rhai::{EvalAltResult, INT};

    /// Reads an address with its prefix: `interface_address("10.10.10.11/24")`.
    #[rhai_fn(return_raw)]
    pub fn interface_address(text: &str) -> Result<InterfaceAddress, Box<EvalAltResult>> {
        let parsed = text.parse().map(InterfaceAddress);
        parsed.map_err(|_| {
            format!("'{text}' isn't an address with a prefix like 10.10.10.11/24").into()
        })
    }

    /// Returns whether both are the same address with the same prefix.
    #[rhai_fn(name = "==")]
    pub fn equal(left: InterfaceAddress, right: InterfaceAddress) -> bool {
        left == right
    }

    /// Returns whether the text is this address with this prefix.
    #[rhai_fn(name = "==")]
    pub fn equal_text(left: InterfaceAddress, right: &str) -> bool {
        left.to_string() == right
    }

    /// Returns whether they differ in the address or the prefix.
    #[rhai_fn(name = "!=")]
    pub fn different(left: InterfaceAddress, right: InterfaceAddress) -> bool {
        left != right
    }

    /// Returns whether the text isn't this address with this prefix.
    #[rhai_fn(name = "!=")]
    pub fn different_text(left: InterfaceAddress, right: &str) -> bool {
        left.to_string() != right
    }

    /// Returns the address with its prefix as text.
    #[rhai_fn(name = "to_string", name = "to_debug")]
    pub fn text(interface: InterfaceAddress) -> String {
        interface.to_string()
    }

    /// Returns the address without the prefix.
    #[rhai_fn(get = "address", pure)]
    pub fn address(interface: &mut InterfaceAddress) -> Address {
        Address(interface.0.addr())
    }

    /// Returns the length of the prefix.
    #[rhai_fn(get = "prefix", pure)]
    pub fn prefix(interface: &mut InterfaceAddress) -> INT {
        INT::from(interface.0.prefix_len())
    }

    /// Returns the network that the address is in.
    #[rhai_fn(get = "network", pure)]
    pub fn network(interface: &mut InterfaceAddress) -> Network {
        Network(interface.0.trunc())
    }
}

#[expect(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "Rhai exports public functions, and unwraps in what it generates"
)]
#[export_module]
mod networks {
    use rhai::{EvalAltResult, INT};

    /// Reads a network: `network("10.10.10.0/24")`.
    #[rhai_fn(return_raw)]
    pub fn network(text: &str) -> Result<Network, Box<EvalAltResult>> {
        let parsed: Option<ipnet::IpNet> = text.parse().ok();
        let network = parsed.filter(|network| network.trunc() == *network);
        network
            .map(Network)
            .ok_or_else(|| format!("'{text}' isn't a network like 10.10.10.0/24").into())
    }

    /// Returns whether both are the same network.
    #[rhai_fn(name = "==")]
    pub fn equal(left: Network, right: Network) -> bool {
        left == right
    }

    /// Returns whether the text is this network.
    #[rhai_fn(name = "==")]
    pub fn equal_text(left: Network, right: &str) -> bool {
        left.to_string() == right
    }

    /// Returns whether they are different networks.
    #[rhai_fn(name = "!=")]
    pub fn different(left: Network, right: Network) -> bool {
        left != right
    }

    /// Returns whether the text isn't this network.
    #[rhai_fn(name = "!=")]
    pub fn different_text(left: Network, right: &str) -> bool {
        left.to_string() != right
    }

    /// Returns the network as text.
    #[rhai_fn(name = "to_string", name = "to_debug")]
    pub fn text(network: Network) -> String {
        network.to_string()
    }

    /// Returns the network's own address.
    #[rhai_fn(get = "address", pure)]
    pub fn address(network: &mut Network) -> Address {
        Address(network.0.network())
    }

    /// Returns the length of the prefix.
    #[rhai_fn(get = "prefix", pure)]
    pub fn prefix(network: &mut Network) -> INT {
        INT::from(network.0.prefix_len())
    }

    /// Returns whether the address is in the network.
    #[rhai_fn(name = "contains", pure)]
    pub fn contains(network: &mut Network, address: Address) -> bool {
        network.0.contains(&address.0)
    }

    /// Returns whether the address is in the network.
    #[rhai_fn(name = "contains", pure)]
    pub fn contains_interface(network: &mut Network, interface: InterfaceAddress) -> bool {
        network.0.contains(&interface.0.addr())
    }
}

#[cfg(test)]
mod tests {
    use crate::script::rewrite;

    #[test]
    fn compares_and_takes_apart() {
        let (engine, _) = rewrite::engine();
        let cases = [
            (
                r#"`${interface_address("10.0.0.9/24").address}`"#,
                "10.0.0.9",
            ),
            (
                r#"`${interface_address("10.0.0.9/24").network}`"#,
                "10.0.0.0/24",
            ),
            (r#"`${interface_address("10.0.0.9/24").prefix}`"#, "24"),
            (
                r#"`${address("10.0.0.9") in network("10.0.0.0/24")}`"#,
                "true",
            ),
            (
                r#"`${address("10.0.1.9") in network("10.0.0.0/24")}`"#,
                "false",
            ),
            (r#"`${address("10.0.0.9") == "10.0.0.9"}`"#, "true"),
            (r#"`${address("fe80::1") != address("fe80::2")}`"#, "true"),
            (r#""at " + address("10.0.0.9")"#, "at 10.0.0.9"),
        ];
        for (script, expected) in cases {
            let value = rewrite::run(&engine, script).unwrap();
            assert_eq!(value.into_string().unwrap(), expected, "{script}");
        }
        for script in [r#"address("10.0.0.300")"#, r#"network("10.0.0.9/24")"#] {
            assert!(rewrite::run(&engine, script).is_err(), "{script}");
        }
    }
}
