//! What a host reaches: an echo, a port, a name, a way.

use std::time::Duration;

use rhai::plugin::*;
use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::host::verb::{Echo, Ping, Port, PortOpen, Printed as _, Resolve, Route};

use crate::{
    field::{HostAddress, Span},
    info::{Effect, OperationInfo},
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const PING: &str = "host::ping";
const PORT_OPEN: &str = "host::port_open";
const RESOLVE: &str = "host::resolve";
const ROUTE: &str = "host::route";

/// How long an answer may take, if nobody says otherwise.
const SECONDS: Duration = Duration::from_secs(3);

macro_rules! operation {
    ($name:expr, $spec:ty, $positional:expr) => {
        OperationInfo::on_host($name, Effect::Read, $positional, schema_of::<$spec>)
    };
}

pub(crate) const OPERATIONS: &[OperationInfo] = &[
    operation!(PING, PingSpec, &["host", "address"]),
    operation!(PORT_OPEN, PortSpec, &["host", "address", "port"]),
    operation!(RESOLVE, ResolveSpec, &["host", "lookup"]),
    operation!(ROUTE, RouteSpec, &["host", "address"]),
];

/// The argument of `host::ping`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PingSpec {
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
spec!(PingSpec, |spec| format!(
    "{} from {}",
    spec.address, spec.host
));

/// The argument of `host::port_open`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PortSpec {
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
spec!(PortSpec, |spec| format!(
    "{}:{} from {}",
    spec.address, spec.port, spec.host
));

/// The argument of `host::resolve`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ResolveSpec {
    /// The host that asks its resolver.
    host: String,
    /// The name.
    lookup: String,
    /// An address that the name must have.
    address: Option<HostAddress>,
    /// Whether an unknown name is a failure. Default: yes.
    must: Option<bool>,
}
spec!(ResolveSpec, |spec| format!(
    "name {} on {}",
    spec.lookup, spec.host
));

/// The argument of `host::route`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RouteSpec {
    /// The host.
    host: String,
    /// The address.
    address: HostAddress,
}
spec!(RouteSpec, |spec| format!(
    "route to {} on {}",
    spec.address, spec.host
));

/// What a host reaches.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};
    use runbook::bridge;

    use super::{
        Answer, PING, PORT_OPEN, RESOLVE, ROUTE, identified, ping as run_ping,
        port_open as run_port, resolve as run_resolve, route as run_route,
    };

    /// Asks an address for an echo, from a host. Answers `answers`.
    ///
    /// Errors: there's no answer, unless `must` is false.
    ///
    /// ```rhai
    /// host::ping("pve1", "10.10.10.12", #{ timeout: "2 s" })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ping(c: NativeCallContext, host: Dynamic, address: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&c, &[("host", host), ("address", address)], spec)?;
        bridge::call(&c, PING, argument, run_ping)
    }

    /// Connects to a TCP port, from a host. Answers `open`.
    ///
    /// Errors: the port is closed, unless `must` is false.
    ///
    /// ```rhai
    /// host::port_open("pve1", "10.10.10.12", 8006, #{ must: true })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn port_open(
        c: NativeCallContext,
        host: Dynamic,
        address: Dynamic,
        port: Dynamic,
        spec: Dynamic,
    ) -> Answer {
        let identity = [("host", host), ("address", address), ("port", port)];
        let argument = identified(&c, &identity, spec)?;
        bridge::call(&c, PORT_OPEN, argument, run_port)
    }

    /// Looks a name up as a host does. Answers `addresses`.
    ///
    /// Errors: the name isn't known, unless `must` is false; it hasn't the address that it must have.
    ///
    /// ```rhai
    /// host::resolve("pve1", "pve2", #{ address: "10.10.10.12" })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn resolve(c: NativeCallContext, host: Dynamic, lookup: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&c, &[("host", host), ("lookup", lookup)], spec)?;
        bridge::call(&c, RESOLVE, argument, run_resolve)
    }

    /// Tells which way packets take from a host to an address. Answers `interface`, `source` and `via`, the gateway, if
    /// there is one.
    ///
    /// Errors: there is no way.
    ///
    /// ```rhai
    /// host::route("pve1", "10.10.10.12")
    /// ```
    #[rhai_fn(return_raw)]
    pub fn route(c: NativeCallContext, host: Dynamic, address: Dynamic) -> Answer {
        let empty = Dynamic::from_map(rhai::Map::new());
        let argument = identified(&c, &[("host", host), ("address", address)], empty)?;
        bridge::call(&c, ROUTE, argument, run_route)
    }
}

fn seconds(timeout: Option<Span>) -> u64 {
    let span = timeout.map_or(SECONDS, |span| span.0);
    span.as_secs().max(1)
}

fn silent(text: String) -> Halt {
    Failure::new("homelab::host::no_answer", text)
        .help("see docs for what should be there, and whether a firewall stands between")
        .into()
}

async fn ping(operation: &Operation, spec: PingSpec) -> Result<Fields, Halt> {
    let source = spec.source.map(|source| source.0);
    let ask = Ping::new(&spec.address.0, seconds(spec.timeout), source);
    let answers = operation.ask(&spec.host, ask).await? == Echo::Answers;
    if !answers && spec.must != Some(false) {
        return Err(silent(format!(
            "{} doesn't answer {}",
            spec.address, spec.host
        )));
    }
    let mut fields = Fields::new();
    fields.insert("answers".to_owned(), json!(answers));
    Ok(fields)
}

async fn port_open(operation: &Operation, spec: PortSpec) -> Result<Fields, Halt> {
    let ask = PortOpen::new(&spec.address.0, spec.port, seconds(spec.timeout));
    let told = operation.ask(&spec.host, ask).await?;
    let is_open = told == Port::Open;
    if !is_open && spec.must != Some(false) {
        let (address, port, host) = (&spec.address, spec.port, &spec.host);
        return Err(silent(format!(
            "{host} can't connect to {address}:{port}: {}",
            told.print()
        )));
    }
    let mut fields = Fields::new();
    fields.insert("open".to_owned(), json!(is_open));
    Ok(fields)
}

async fn resolve(operation: &Operation, spec: ResolveSpec) -> Result<Fields, Halt> {
    let ask = Resolve::new(&spec.lookup);
    let addresses = operation.ask(&spec.host, ask).await?;
    if addresses.is_empty() {
        if spec.must != Some(false) {
            return Err(unresolved(&spec));
        }
    } else if let Some(wanted) = &spec.address
        && !addresses.contains(&wanted.0)
    {
        return Err(other_address(&spec, &wanted.0, &addresses));
    }
    let mut fields = Fields::new();
    fields.insert("addresses".to_owned(), json!(addresses));
    Ok(fields)
}

fn unresolved(spec: &ResolveSpec) -> Halt {
    let text = format!("{} can't resolve {}", spec.host, spec.lookup);
    Failure::new("homelab::host::no_answer", text)
        .cause("/etc/hosts hasn't the name, and no name server that the host asks has told it")
        .help("see that its name servers (docs/NETWORK.md, DNS) answer, and know the name")
        .into()
}

fn other_address(spec: &ResolveSpec, wanted: &str, found: &[String]) -> Halt {
    let text = format!(
        "{} takes {} for another address than docs",
        spec.host, spec.lookup
    );
    Failure::new("homelab::host::other_address", text)
        .cause(format!("it has {}, not {wanted}", found.join(", ")))
        .help("correct docs, /etc/hosts on the host, or the record of the name server")
        .into()
}

async fn route(operation: &Operation, spec: RouteSpec) -> Result<Fields, Halt> {
    let ask = Route::new(&spec.address.0);
    let Some(way) = operation.ask(&spec.host, ask).await?.pop() else {
        return Err(silent(format!(
            "{} has no way to {}",
            spec.host, spec.address
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
