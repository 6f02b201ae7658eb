//! The one way by which a host leaves its networks.

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    host::verb::{Interfaces, NetworkLine},
};

use crate::{field::HostAddress, info::Effect, operate::Operate};

/// Sees that a host leaves its networks by one gateway and interface, and by no other. IPv6 has a default route of its
/// own: it's looked at where the gateway is one of IPv6. Answers `gateway` and `interface`.
///
/// Errors: it has another default route, a second one, or none.
///
/// ```rhai
/// host::default_route("pve1", #{ gateway: "10.10.10.1", interface: "vmbr0" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefaultRouteSpec {
    /// The host.
    host: String,
    /// The gateway that it must leave by. Without one there may be no default route at all.
    gateway: Option<HostAddress>,
    /// The interface that it must leave by. Default: any.
    interface: Option<String>,
}

impl Operate for DefaultRouteSpec {
    const NAME: &str = "host::default_route";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("default route of {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let lines = operation.ask(&self.host, Interfaces {}).await?;
        let ways = ways(&lines, self.gateway.as_ref());
        if !is_wanted(&ways, &self) {
            return Err(other_way(&self, &ways));
        }
        let mut fields = Fields::new();
        let way = ways.first();
        fields.insert("gateway".to_owned(), json!(way.map(|way| way.gateway)));
        fields.insert("interface".to_owned(), json!(way.map(|way| way.interface)));
        Ok(fields)
    }
}

/// A default route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way<'a> {
    gateway: &'a str,
    interface: &'a str,
}

impl Way<'_> {
    fn shown(&self) -> String {
        match self.gateway {
            "-" => self.interface.to_owned(),
            gateway => format!("{gateway} over {}", self.interface),
        }
    }
}

/// The default routes of the gateway's family; those without a gateway are of any.
fn ways<'a>(lines: &'a [NetworkLine], gateway: Option<&HostAddress>) -> Vec<Way<'a>> {
    let is_ipv6 = gateway.is_some_and(|gateway| gateway.0.contains(':'));
    let way = |line: &'a NetworkLine| match line {
        NetworkLine::Route {
            destination,
            gateway,
            interface,
        } if destination == "default" => Some(Way {
            gateway: gateway.as_deref().unwrap_or("-"),
            interface: interface.as_deref().unwrap_or("-"),
        }),
        _ => None,
    };
    let of_family = |way: &Way<'_>| way.gateway == "-" || way.gateway.contains(':') == is_ipv6;
    lines.iter().filter_map(way).filter(of_family).collect()
}

fn is_wanted(ways: &[Way<'_>], spec: &DefaultRouteSpec) -> bool {
    match (&spec.gateway, ways) {
        (None, []) => true,
        (Some(gateway), [way]) => {
            let interface = spec.interface.as_deref();
            way.gateway == gateway.0 && interface.is_none_or(|wanted| wanted == way.interface)
        }
        _ => false,
    }
}

fn other_way(spec: &DefaultRouteSpec, ways: &[Way<'_>]) -> Halt {
    let wanted = spec.gateway.as_ref().map(|gateway| {
        let interface = spec.interface.as_deref().unwrap_or("any interface");
        format!("{gateway} over {interface}")
    });
    let has: Vec<String> = ways.iter().map(Way::shown).collect();
    let or_none = |text: String| {
        if text.is_empty() {
            "none".to_owned()
        } else {
            text
        }
    };
    Failure::new(
        code::host::other_way,
        format!("{} has another default route than documented", spec.host),
    )
    .cause(format!(
        "documented: {}",
        or_none(wanted.unwrap_or_default())
    ))
    .cause(format!("it has: {}", or_none(has.join(" and "))))
    .help("correct the gateway in docs/NETWORK.md, VLANs, or /etc/network/interfaces on the host")
    .into()
}

#[cfg(test)]
mod tests {
    use world::host::{Reply, Told};

    use super::*;

    const TEXT: &str = "interface vmbr0 - 1500 UP\nroute default 10.0.0.1 vmbr0\nroute 10.0.0.0/24 - vmbr0\n\
        route default fe80::1 vmbr0\n";

    fn spec(gateway: Option<&str>, interface: Option<&str>) -> DefaultRouteSpec {
        DefaultRouteSpec {
            host: "a".to_owned(),
            gateway: gateway.map(|text| HostAddress(text.to_owned())),
            interface: interface.map(str::to_owned),
        }
    }

    fn holds(text: &str, spec: &DefaultRouteSpec) -> bool {
        let lines: Vec<NetworkLine> = Told::of(&Reply::success(text.to_owned())).unwrap();
        is_wanted(&ways(&lines, spec.gateway.as_ref()), spec)
    }

    #[test]
    fn one_way_is_wanted_and_no_second() {
        let wanted = spec(Some("10.0.0.1"), Some("vmbr0"));
        assert!(holds(TEXT, &wanted));
        for second in ["route default 10.0.1.1 vmbr1\n", "route default - ppp0\n"] {
            assert!(!holds(&format!("{TEXT}{second}"), &wanted), "{second}");
        }
        assert!(!holds("", &wanted));
        assert!(holds(TEXT, &spec(Some("10.0.0.1"), None)));
        assert!(!holds(TEXT, &spec(Some("10.0.0.2"), None)));
        assert!(!holds(TEXT, &spec(Some("10.0.0.1"), Some("vmbr1"))));
    }

    #[test]
    fn each_family_has_its_own() {
        assert!(holds(TEXT, &spec(Some("fe80::1"), Some("vmbr0"))));
        assert!(holds("route default fe80::1 vmbr0\n", &spec(None, None)));
        assert!(!holds(TEXT, &spec(None, None)));
    }
}
