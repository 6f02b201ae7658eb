//! The restart of a host: asked first, waited for, proved by another boot id.

use std::time::Duration;

use runbook::{
    action::{Change, Compared, Kind},
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
    host::{
        Ask as _,
        verb::{BootId, Guest, Guests, Reboot, System, SystemState},
    },
};

use super::{
    patience::{Patience, is_away},
    unit::probe::last_lines,
};
use crate::{info::Effect, operate::Operate};

const REBOOT: &str = "host::reboot";

/// How often a host that is away is asked.
const EVERY: Duration = Duration::from_secs(2);

/// How long a host may take, in seconds.
const TIMEOUT: u64 = 600;

/// Restarts a host where it's needed. It asks first, naming guests that run; then it waits until the host has another
/// boot id and its units have settled. A run that is killed meanwhile finds the new boot id and doesn't restart it
/// again. Answers `boot_id`, `state` (`running`, `degraded`) and `failed`, the units that failed; the last lines of
/// their journals are told.
///
/// Errors: the question is answered no; the host doesn't come back in time.
///
/// ```rhai
/// let line = host::kernel_cmdline("pve1", #{ present: ["intel_iommu=on"] });
/// host::reboot("pve1", #{ when: line.reboot_needed })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RebootSpec {
    /// The host.
    host: String,
    /// Whether a restart is needed: yes or no, or the reason as text, empty for no.
    #[schemars(with = "bool", extend("x-words" = "yes or no, or text"))]
    when: Value,
    /// How many seconds the host may take to come back and settle. Default: 600.
    timeout: Option<u64>,
}

impl Operate for RebootSpec {
    const NAME: &str = REBOOT;
    const EFFECT: Effect = Effect::Destroy;
    const POSITIONAL: &[&str] = &["host"];

    fn resource(&self) -> String {
        format!("restart of {}", self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let wait = Wait {
            host: &self.host,
            seconds: self.timeout.unwrap_or(TIMEOUT),
        };
        let reason = reason(&self.when)?;
        if operation.was_carried_out() {
            // It was restarted before this invocation: what was needed then is done.
            wait.until_back(operation, None).await?;
        } else if let Some(reason) = reason {
            let old = boot_id(operation, &self.host).await?;
            restart(operation, &self, &reason, &old).await?;
            wait.until_back(operation, Some(&old)).await?;
        }
        let (state, failed) = wait.until_settled(operation).await?;
        for unit in &failed {
            let lines = last_lines(operation, &self.host, unit).await?;
            operation.remark(format!("{unit} failed on {}; {lines}", self.host));
        }
        let mut fields = Fields::new();
        fields.insert(
            "boot_id".to_owned(),
            json!(boot_id(operation, &self.host).await?),
        );
        fields.insert("state".to_owned(), json!(state));
        fields.insert("failed".to_owned(), json!(failed));
        Ok(fields)
    }
}

/// Why a restart is needed; none if it isn't.
fn reason(when: &Value) -> Result<Option<String>, Failure> {
    match when {
        Value::Bool(true) => Ok(Some("it's needed".to_owned())),
        Value::Bool(false) | Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        other => {
            let text = format!("{REBOOT}: `when` is {other}, and not yes or no, or a reason");
            Err(Failure::new(code::runbook::argument, text))
        }
    }
}

async fn boot_id(operation: &Operation, host: &str) -> Result<String, Halt> {
    operation.ask(host, BootId {}).await
}

async fn restart(
    operation: &Operation,
    spec: &RebootSpec,
    reason: &str,
    old: &str,
) -> Result<(), Halt> {
    let host = &spec.host;
    let guests = operation.ask(host, Guests {}).await?;
    let guests: Vec<String> = guests.iter().map(guest).collect();
    let question = match guests.as_slice() {
        [] => format!("Restart {host} ({reason})?"),
        guests => format!(
            "Restart {host} ({reason})? Guests that run there stop: {}.",
            guests.join(", ")
        ),
    };
    operation.confirm(&question)?;
    let after = if guests.is_empty() {
        json!({ "restarted for": reason })
    } else {
        json!({ "restarted for": reason, "guests stopped": guests })
    };
    let change = Change::new(format!("host {host}"), Kind::Apply, Value::Null, after);
    let proof = (BootId {}.call(), Compared::Differs, old.to_owned());
    operation
        .write(Write::call(change, host, Reboot {}, proof))
        .await?;
    Ok(())
}

/// A guest as people call it.
fn guest(guest: &Guest) -> String {
    match guest.name.as_str() {
        "" => guest.id.clone(),
        name => format!("{} ({name})", guest.id),
    }
}

/// How long who is waited for.
struct Wait<'a> {
    host: &'a str,
    seconds: u64,
}

impl Wait<'_> {
    /// Waits until the host answers with another boot id than the old one, if there is an old one.
    async fn until_back(&self, operation: &Operation, old: Option<&str>) -> Result<(), Halt> {
        let look = async || {
            let last = match operation.call(self.host, BootId {}.call()).await {
                Ok(reply) if reply.status == 0 && Some(reply.text().trim()) != old => {
                    return Ok(Ok(()));
                }
                Ok(reply) if reply.status == 0 => "it still runs as before".to_owned(),
                Ok(reply) => reply.error,
                Err(Halt::Failed(failure)) if is_down(&failure) => failure.to_string(),
                Err(halt) => return Err(halt),
            };
            Ok(Err(self.lost(last)))
        };
        self.patience().until(operation, look).await
    }

    /// Waits until every unit that a start starts has ended well or badly.
    async fn until_settled(&self, operation: &Operation) -> Result<(String, Vec<String>), Halt> {
        let look = async || {
            let System { state, failed } = operation.ask(self.host, SystemState {}).await?;
            let is_starting = matches!(state.as_str(), "starting" | "initializing");
            let settled = (!is_starting).then_some((state, failed));
            Ok(settled.ok_or_else(|| self.unsettled()))
        };
        self.patience().until(operation, look).await
    }

    const fn patience(&self) -> Patience {
        Patience {
            limit: Duration::from_secs(self.seconds),
            every: EVERY,
        }
    }

    fn unsettled(&self) -> Failure {
        let text = format!("{} is still starting after {} s", self.host, self.seconds);
        Failure::new(code::host::not_settled, text)
            .help("`systemctl list-jobs` there names what it waits for; then resume")
    }

    fn lost(&self, last: String) -> Failure {
        let text = format!(
            "{} isn't back {} s after its restart",
            self.host, self.seconds
        );
        Failure::new(code::host::not_back, text).cause(last).help(
            "look at its console: the boot loader, the kernel's last lines, whether its network is up; once it answers, resume",
        )
    }
}

/// Whether a failure may be that of a host that goes down or comes up.
fn is_down(failure: &Failure) -> bool {
    is_away(failure) || failure.code == code::host::no_shell
}

#[cfg(test)]
mod tests {
    use world::host::verb::Printed as _;

    use super::*;

    #[test]
    fn a_reason_says_whether_its_needed() {
        let text = |when| reason(&when).unwrap();
        assert_eq!(text(json!(false)), None);
        assert_eq!(text(json!(" ")), None);
        assert_eq!(text(json!("a new kernel")).as_deref(), Some("a new kernel"));
        assert!(text(json!(true)).is_some() && reason(&json!(3)).is_err());
    }

    #[test]
    fn guests_are_called_by_their_name() {
        let called = |line| guest(&Guest::parse(line).unwrap());
        assert_eq!(called("qemu 100 web"), "100 (web)");
        assert_eq!(called("lxc 101 "), "101");
    }
}
