//! Waiting until a host is as it should be.

use std::time::Duration;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::{
    code,
    host::verb::{BootId, Clock, Entry, Port, PortOpen, Printed as _, Stat, TimeState, UnitShow},
};

use super::{
    fields::FolderPath,
    patience::{Patience, is_away},
};
use crate::{field::Span, info::Effect, operate::Operate};

/// How long is waited, if nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(300);

/// How often it's looked, if nobody says otherwise.
const EVERY: Duration = Duration::from_secs(2);

/// Waits until a host answers and, where they're given, a unit runs, something is at a path, a port is open, the clock
/// is synchronised. Answers `waited`, in seconds.
///
/// Errors: it isn't so in time; what was missing last is the cause.
///
/// ```rhai
/// host::wait_for("pve1", #{ unit: "chrony.service", path: "/etc/systemd", timeout: "1 min" })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitSpec {
    /// The host. Without anything else it's waited until it answers.
    host: String,
    /// A unit that is to run.
    unit: Option<String>,
    /// A path at which something is to be.
    path: Option<FolderPath>,
    /// A port of the host's own that is to be open.
    port: Option<u16>,
    /// Whether its clock is to be synchronised.
    synchronized: Option<bool>,
    /// How long. Default: 5 min.
    timeout: Option<Span>,
    /// How often it's looked. Default: 2 s.
    every: Option<Span>,
}

impl Operate for WaitSpec {
    const NAME: &str = "host::wait_for";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("host {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        self.path.iter().try_for_each(|path| path.on(&self.host))?;
        let clock = &operation.run().world.clock;
        let began = clock.now();
        let patience = Patience {
            limit: self.timeout.map_or(TIMEOUT, |span| span.0),
            every: self.every.map_or(EVERY, |span| span.0),
        };
        let look = async || match missing(operation, &self).await {
            Ok(None) => Ok(Ok(())),
            Ok(Some(missing)) => Ok(Err(not_ready(&self, missing))),
            Err(Halt::Failed(failure)) if is_away(&failure) => {
                Ok(Err(not_ready(&self, failure.to_string())))
            }
            Err(halt) => Err(halt),
        };
        patience.until(operation, look).await?;
        let mut fields = Fields::new();
        fields.insert(
            "waited".to_owned(),
            json!(clock.now().since(began).as_secs()),
        );
        Ok(fields)
    }
}

fn not_ready(spec: &WaitSpec, missing: String) -> Failure {
    Failure::new(code::host::not_ready, format!("{} isn't ready", spec.host))
        .cause(missing)
        .help("see what holds it up, then resume")
}

/// What is still missing.
async fn missing(operation: &Operation, spec: &WaitSpec) -> Result<Option<String>, Halt> {
    let host = spec.host.as_str();
    operation.ask(host, BootId {}).await?;
    if let Some(unit) = &spec.unit {
        let told = operation.ask(host, UnitShow::new(unit)).await?;
        if told.get("ActiveState") != "active" {
            return Ok(Some(format!("{unit} isn't active")));
        }
    }
    if let Some(path) = &spec.path
        && operation.ask(host, Stat::new(path)).await? == Entry::Absent
    {
        return Ok(Some(format!("{path} isn't there")));
    }
    if let Some(port) = spec.port {
        let ask = PortOpen::new("127.0.0.1", port, 2_u64);
        let told = operation.ask(host, ask).await?;
        if told != Port::Open {
            return Ok(Some(format!("port {port} is {}", told.print())));
        }
    }
    if spec.synchronized == Some(true) {
        let clock = operation.ask(host, TimeState {}).await?;
        return Ok(unsynchronized(&clock));
    }
    Ok(None)
}

/// Why a clock isn't synchronised, in the words of what keeps it; nothing if it is.
fn unsynchronized(clock: &Clock) -> Option<String> {
    if clock.is_synchronized == Some(true) {
        return None;
    }
    let lines = clock.said.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let tells = ["Reference ID", "Leap status", "NTP service"];
    let telling = |line: &&&str| tells.iter().any(|word| line.starts_with(word));
    let mut said: Vec<&str> = lines.iter().filter(telling).copied().collect();
    if said.is_empty() {
        said.extend(lines.first());
    }
    let said: Vec<String> = said.into_iter().map(single_spaced).collect();
    Some(format!(
        "its clock isn't synchronised; {}",
        match said.as_slice() {
            [] => "nothing on it says why".to_owned(),
            said => said.join(", "),
        }
    ))
}

/// A line without the blanks that make columns.
fn single_spaced(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").replace(" :", ":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_why_a_clock_is_not_synchronised() {
        for (text, wanted) in [
            ("yes\n", None),
            (
                "no\nReference ID    : 00000000 ()\nStratum         : 0\nLeap status     : Not synchronised\n",
                Some(
                    "its clock isn't synchronised; Reference ID: 00000000 (), Leap status: Not synchronised",
                ),
            ),
            (
                "no\n506 Cannot talk to daemon\n",
                Some("its clock isn't synchronised; 506 Cannot talk to daemon"),
            ),
            (
                "no\n   Local time: Thu\nSystem clock synchronized: no\n  NTP service: inactive\n",
                Some("its clock isn't synchronised; NTP service: inactive"),
            ),
            (
                "unknown\n",
                Some("its clock isn't synchronised; nothing on it says why"),
            ),
        ] {
            let clock = Clock::parse(text.trim_end()).unwrap();
            assert_eq!(unsynchronized(&clock).as_deref(), wanted, "{text}");
        }
    }
}
