//! What a host reaches: an echo, a port, a name, a way.

use std::time::Duration;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    host::verb::{Echo, Ping, Port, PortOpen, Printed as _, Resolve, Route},
};

use crate::{
    field::{HostAddress, Span},
    info::Effect,
    operate::Operate,
};

/// How long an answer may take, if nobody says otherwise.
const SECONDS: Duration = Duration::from_secs(3);

/// Asks an address for an echo, from a host. Answers `answers`.
///
/// Errors: there's no answer, unless `must` is false.
///
/// ```rhai
/// host::ping("pve1", "10.10.10.12", #{ timeout: "2 s" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PingSpec {
    /// The host that asks.
    host: String,
    /// The address that is asked.
    address: HostAddress,
    /// The address of the host's that asks. Default: the one that the way there has.
    source: Option<HostAddress>,
    /// How long an answer may take. Default: 3 s.
    timeout: Option<Span>,
    /// Whether silence is a failure. Default: yes.
    must: Option<bool>,
}

impl Operate for PingSpec {
    const NAME: &str = "host::ping";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host", "address"];

    fn resource(&self) -> String {
        format!("{} from {}", self.address, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let source = self.source.map(|source| source.0);
        let ask = Ping::new(&self.address.0, seconds(self.timeout), source);
        let answers = operation.ask(&self.host, ask).await? == Echo::Answers;
        if !answers && self.must != Some(false) {
            return Err(silent(format!(
                "{} doesn't answer {}",
                self.address, self.host
            )));
        }
        let mut fields = Fields::new();
        fields.insert("answers".to_owned(), json!(answers));
        Ok(fields)
    }
}

/// Connects to a TCP port, from a host. Answers `open`.
///
/// Errors: the port is closed, unless `must` is false.
///
/// ```rhai
/// host::port_open("pve1", "10.10.10.12", 8006, #{ must: true })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PortSpec {
    /// The host that connects.
    host: String,
    /// The address that it connects to.
    address: HostAddress,
    /// The TCP port.
    port: u16,
    /// How long it may take. Default: 3 s.
    timeout: Option<Span>,
    /// Whether a closed port is a failure. Default: yes.
    must: Option<bool>,
}

impl Operate for PortSpec {
    const NAME: &str = "host::port_open";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host", "address", "port"];

    fn resource(&self) -> String {
        format!("{}:{} from {}", self.address, self.port, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let ask = PortOpen::new(&self.address.0, self.port, seconds(self.timeout));
        let told = operation.ask(&self.host, ask).await?;
        let is_open = told == Port::Open;
        if !is_open && self.must != Some(false) {
            let (address, port, host) = (&self.address, self.port, &self.host);
            return Err(silent(format!(
                "{host} can't connect to {address}:{port}: {}",
                told.print()
            )));
        }
        let mut fields = Fields::new();
        fields.insert("open".to_owned(), json!(is_open));
        Ok(fields)
    }
}

/// Looks a name up as a host does. Answers `addresses`.
///
/// Errors: the name isn't known, unless `must` is false; it hasn't the address that it must have.
///
/// ```rhai
/// host::resolve("pve1", "pve2", #{ address: "10.10.10.12" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveSpec {
    /// The host that asks its resolver.
    host: String,
    /// The name.
    lookup: String,
    /// An address that the name must have.
    address: Option<HostAddress>,
    /// Whether an unknown name is a failure. Default: yes.
    must: Option<bool>,
}

impl Operate for ResolveSpec {
    const NAME: &str = "host::resolve";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host", "lookup"];

    fn resource(&self) -> String {
        format!("name {} on {}", self.lookup, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let ask = Resolve::new(&self.lookup);
        let addresses = operation.ask(&self.host, ask).await?;
        if addresses.is_empty() {
            if self.must != Some(false) {
                return Err(unresolved(&self));
            }
        } else if let Some(wanted) = &self.address
            && !addresses.contains(&wanted.0)
        {
            return Err(other_address(&self, &wanted.0, &addresses));
        }
        let mut fields = Fields::new();
        fields.insert("addresses".to_owned(), json!(addresses));
        Ok(fields)
    }
}

/// Tells which way packets take from a host to an address. Answers `interface`, `source` and `via`, the gateway, if
/// there is one.
///
/// Errors: there is no way.
///
/// ```rhai
/// host::route("pve1", "10.10.10.12")
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteSpec {
    /// The host.
    host: String,
    /// The address.
    address: HostAddress,
}

impl Operate for RouteSpec {
    const NAME: &str = "host::route";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host", "address"];

    fn resource(&self) -> String {
        format!("route to {} on {}", self.address, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let ask = Route::new(&self.address.0);
        let Some(way) = operation.ask(&self.host, ask).await?.pop() else {
            return Err(silent(format!(
                "{} has no way to {}",
                self.host, self.address
            )));
        };
        let mut fields = Fields::new();
        fields.insert("interface".to_owned(), json!(way.interface));
        fields.insert(
            "source".to_owned(),
            json!(Some(way.source).filter(|source| !source.is_empty())),
        );
        fields.insert("via".to_owned(), json!(way.via));
        Ok(fields)
    }
}

fn seconds(timeout: Option<Span>) -> u64 {
    let span = timeout.map_or(SECONDS, |span| span.0);
    span.as_secs().max(1)
}

fn silent(text: String) -> Halt {
    Failure::new(code::host::no_answer, text)
        .help("see docs for what should be there, and whether a firewall stands between")
        .into()
}

fn unresolved(spec: &ResolveSpec) -> Halt {
    let text = format!("{} can't resolve {}", spec.host, spec.lookup);
    Failure::new(code::host::no_answer, text)
        .cause("/etc/hosts hasn't the name, and no name server that the host asks has told it")
        .help("see that its name servers (docs/NETWORK.md, DNS) answer, and know the name")
        .into()
}

fn other_address(spec: &ResolveSpec, wanted: &str, found: &[String]) -> Halt {
    let text = format!(
        "{} takes {} for another address than docs",
        spec.host, spec.lookup
    );
    Failure::new(code::host::other_address, text)
        .cause(format!("it has {}, not {wanted}", found.join(", ")))
        .help("correct docs, /etc/hosts on the host, or the record of the name server")
        .into()
}
