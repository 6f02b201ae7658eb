//! A node's name servers.

use runbook::{
    action::{Change, Condition},
    bridge::Fields,
    failure::Failure,
    halt::Halt,
    operation::Operation,
    write::Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{
    code,
    proxmox::{Identity, Method, Request},
};

use crate::{
    difference::{Difference, text},
    field::HostAddress,
    info::{Effect, Sent},
    operate::{Operate, answered},
};

/// Ensures a node's search domain and name servers. Answers `node`.
///
/// Errors: an address isn't one; the node can't be reached.
///
/// ```rhai
/// proxmox::dns::ensure(#{ node: "pve1", search: "example.test", servers: ["192.0.2.53"] })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DnsSpec {
    /// The node's name.
    node: String,
    /// The domain in which bare host names are looked for.
    search: String,
    /// The name servers in the order in which they are asked, at most three. Default: as they are.
    servers: Option<Vec<HostAddress>>,
}

impl Operate for DnsSpec {
    const NAME: &str = "proxmox::dns::ensure";
    const EFFECT: Effect = Effect::Change;

    fn requests() -> Vec<Sent> {
        vec![
            (Method::Get, "/nodes/{node}/dns"),
            (Method::Put, "/nodes/{node}/dns"),
        ]
    }

    fn resource(&self) -> String {
        format!("dns of {}", self.node)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        if let Some(wrong) = self.servers.as_deref().and_then(wrong) {
            let text = format!("{} is given {wrong}", self.node);
            return Err(Failure::new(code::runbook::argument, text).into());
        }
        let path = Request::path(&["nodes", &self.node, "dns"]);
        let observed = operation
            .read(&Identity::Root, &self.node, &Request::get(&path))
            .await?
            .data;
        let difference = difference(&self, &observed);
        if !difference.is_empty() {
            let proof = Condition::Matches(difference.after.clone().into());
            let change = Change::update(
                format!("dns of {}", self.node),
                difference.before.into(),
                difference.after.into(),
            );
            let request = request(&path, &self, &observed);
            operation
                .write(Write::request(
                    change,
                    &Identity::Root,
                    &self.node,
                    request,
                    (Request::get(&path), proof),
                ))
                .await?;
        }
        Ok(answered([("node", json!(self.node))]))
    }
}

const PLACES: [&str; 3] = ["dns1", "dns2", "dns3"];

/// What is wrong with a list of servers.
fn wrong(servers: &[HostAddress]) -> Option<String> {
    if servers.len() > PLACES.len() {
        return Some("more name servers than the three that a system asks".to_owned());
    }
    let twice = |(at, server): &(usize, &HostAddress)| servers[..*at].contains(server);
    let twice = servers.iter().enumerate().find(twice);
    twice.map(|(_, server)| format!("the name server {server} twice"))
}

/// The servers that are wanted, or those that are there.
fn servers(spec: &DnsSpec, observed: &Value) -> Vec<String> {
    match &spec.servers {
        Some(servers) => servers.iter().map(ToString::to_string).collect(),
        None => PLACES
            .iter()
            .map(|place| text(observed, place))
            .filter(|server| !server.is_empty())
            .collect(),
    }
}

fn difference(spec: &DnsSpec, observed: &Value) -> Difference {
    let mut difference = Difference::default();
    difference.text(observed, "search", Some(&spec.search));
    let servers = servers(spec, observed);
    for (index, place) in PLACES.iter().enumerate() {
        let wanted = servers.get(index).map_or("", String::as_str);
        if wanted.is_empty() && !text(observed, place).is_empty() {
            difference.add(place, observed.get(*place), Value::Null);
        } else {
            difference.text(observed, place, Some(wanted));
        }
    }
    difference
}

/// The whole of it: what is left out is dropped.
fn request(path: &str, spec: &DnsSpec, observed: &Value) -> Request {
    let request = Request::put(path).with("search", &spec.search);
    let places = PLACES.into_iter().zip(servers(spec, observed));
    places.fold(request, |request, (place, server)| {
        request.with(place, server)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_asked_once() {
        let wrong = |servers: &[&str]| {
            let servers: Vec<HostAddress> = servers
                .iter()
                .map(|server| HostAddress((*server).to_owned()))
                .collect();
            wrong(&servers)
        };
        assert_eq!(wrong(&["10.0.0.1", "10.0.0.2"]), None);
        assert_eq!(
            wrong(&["10.0.0.1", "10.0.0.1"]).unwrap(),
            "the name server 10.0.0.1 twice"
        );
        assert!(wrong(&["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]).is_some());
    }

    fn spec(servers: Value) -> DnsSpec {
        serde_json::from_value(json!({"node": "pve1", "search": "lab.test", "servers": servers}))
            .unwrap()
    }

    #[test]
    fn compares_in_order_and_drops_what_isnt_wanted() {
        let observed = json!({"search": "lab.test", "dns1": "10.0.0.1", "dns2": "10.0.0.2"});
        let table = [
            (json!(["10.0.0.1", "10.0.0.2"]), json!({})),
            (json!(null), json!({})),
            (json!(["10.0.0.1"]), json!({"dns2": null})),
            (
                json!(["10.0.0.2", "10.0.0.1"]),
                json!({"dns1": "10.0.0.2", "dns2": "10.0.0.1"}),
            ),
            (
                json!(["10.0.0.1", "10.0.0.2", "9.9.9.9"]),
                json!({"dns3": "9.9.9.9"}),
            ),
        ];
        for (servers, after) in table {
            assert_eq!(
                Value::Object(difference(&spec(servers.clone()), &observed).after),
                after,
                "{servers}"
            );
        }
        let form = request("/x", &spec(json!(null)), &observed).form();
        assert_eq!(form, "search=lab.test&dns1=10.0.0.1&dns2=10.0.0.2");
    }
}
