//! How a host resolves a name: by its file of hosts, else by the first of its name servers that answers.

use ipnet::IpNet;
use model::{Key, Stop, kind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use world::host::{Verb, verb::Resolve};

use super::{
    Handler, Host,
    reach::{Owner, gateways, reached},
    typed::{Said, answers},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! { own Resolve => resolve };

/// The address of all that is outside the lab: one that is kept for examples.
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 80));

/// What name servers know beside the nodes, and where they are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Names {
    /// The domain of the nodes.
    pub domain: String,
    /// The name servers that docs name, beside the gateways.
    pub servers: Vec<IpAddr>,
    /// A name outside the lab; empty if there is none.
    pub outside: String,
}

impl Names {
    /// The names of the lab that a host is in.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn read(host: &mut Host<'_, '_>) -> Result<Self, Stop> {
        let key = Key::new("", kind::NAMES, kind::NAMES);
        Ok(host.tx.read(&key)?.unwrap_or_default())
    }

    /// Whether a name server is at an address.
    pub(super) fn has_server(&self, address: IpAddr) -> bool {
        self.servers.contains(&address)
    }
}

/// Where a name server stands: one outside doesn't know the lab's own names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    Inside,
    Outside,
}

/// Whether a host gets answers about names from an address.
///
/// # Errors
/// The rows' fault.
pub(super) fn is_answered(host: &mut Host<'_, '_>, address: IpAddr) -> Result<bool, Stop> {
    Ok(match reached(host, address, None)? {
        None => false,
        Some(Owner::Gateway) => true,
        Some(_) => Names::read(host)?.has_server(address),
    })
}

fn resolve(host: &mut Host<'_, '_>, Resolve { name }: Resolve) -> Said<Vec<String>> {
    let name = name.to_ascii_lowercase();
    let found = match name.parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_) => known(host, &name)?,
    };
    Ok(found.iter().map(IpAddr::to_string).collect())
}

fn known(host: &mut Host<'_, '_>, name: &str) -> Result<Vec<IpAddr>, Stop> {
    let file = host.get::<Value>(kind::HOSTS, kind::HOSTS)?;
    let file = file.unwrap_or_default();
    let own = in_file(file["data"].as_str().unwrap_or_default(), name);
    if !own.is_empty() {
        return Ok(own);
    }
    let resolver = host.get::<Value>(kind::DNS, kind::DNS)?.unwrap_or_default();
    let Some(server) = answering(host, &resolver)? else {
        return Ok(Vec::new());
    };
    let search = resolver["search"].as_str().unwrap_or_default();
    for candidate in candidates(name, search) {
        if let Some(address) = asked(host, server, &candidate)? {
            return Ok(vec![address]);
        }
    }
    Ok(Vec::new())
}

/// The addresses of a name in the text of `/etc/hosts`.
fn in_file(text: &str, name: &str) -> Vec<IpAddr> {
    let address = |line: &str| {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let address = words.next()?.parse().ok()?;
        words
            .any(|word| word.eq_ignore_ascii_case(name))
            .then_some(address)
    };
    text.lines().filter_map(address).collect()
}

/// The first of a host's name servers that answers it. What that one doesn't know, no other is asked.
fn answering(host: &mut Host<'_, '_>, resolver: &Value) -> Result<Option<Server>, Stop> {
    if host.is_operator() {
        return Ok(Some(Server::Inside));
    }
    for field in ["dns1", "dns2", "dns3"] {
        let server = resolver[field].as_str().and_then(|text| text.parse().ok());
        let Some(server) = server else { continue };
        if is_answered(host, server)? {
            let networks = gateways(host)?;
            let has = |network: &str| {
                network
                    .parse::<IpNet>()
                    .is_ok_and(|network| network.contains(&server))
            };
            let is_inside = networks.iter().any(|own| has(&own.network));
            return Ok(Some(if is_inside {
                Server::Inside
            } else {
                Server::Outside
            }));
        }
    }
    Ok(None)
}

/// The whole names that may be meant, in the order in which they're asked for.
fn candidates(name: &str, search: &str) -> Vec<String> {
    let whole = name.trim_end_matches('.').to_owned();
    if name.ends_with('.') || search.is_empty() {
        return vec![whole];
    }
    let within = format!("{whole}.{}", search.to_ascii_lowercase());
    if whole.contains('.') {
        vec![whole, within]
    } else {
        vec![within, whole]
    }
}

/// What a name server says of a whole name.
fn asked(host: &mut Host<'_, '_>, server: Server, name: &str) -> Result<Option<IpAddr>, Stop> {
    let names = Names::read(host)?;
    if !names.outside.is_empty() && names.outside.eq_ignore_ascii_case(name) {
        return Ok(Some(OUTSIDE));
    }
    if server == Server::Outside {
        return Ok(None);
    }
    let domain = format!(".{}", names.domain.to_ascii_lowercase());
    let node = match domain.as_str() {
        "." => Some(name),
        domain => name.strip_suffix(domain),
    };
    let rows = host.tx.rows.scan("", kind::NODE)?;
    let row = rows
        .into_iter()
        .find(|(own, _)| Some(own.to_ascii_lowercase().as_str()) == node);
    Ok(row.and_then(|(_, row)| {
        let address = row["address"].as_str()?.split('/').next()?;
        address.parse().ok()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_in_the_file_of_hosts() {
        let text = "127.0.0.1 localhost.localdomain localhost\n10.0.0.1 a.lab a # the node b\n# 10.0.0.2 b\n\n::1 c a\n";
        let found = |name| in_file(text, name);
        assert_eq!(found("localhost"), ["127.0.0.1".parse::<IpAddr>().unwrap()]);
        assert_eq!(found("A").len(), 2);
        assert!(found("b").is_empty() && found("lab").is_empty());
    }

    #[test]
    fn asks_for_whole_names_as_resolvers_do() {
        for (name, search, wanted) in [
            ("a", "lab.test", vec!["a.lab.test", "a"]),
            ("a.b", "lab.test", vec!["a.b", "a.b.lab.test"]),
            ("a.", "lab.test", vec!["a"]),
            ("a", "", vec!["a"]),
        ] {
            assert_eq!(candidates(name, search), wanted, "{name} in {search}");
        }
    }
}
