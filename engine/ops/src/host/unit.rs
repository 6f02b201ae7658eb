//! systemd's units: enabled, running, masked, and restarted when what they read has changed.

pub(super) mod probe;

use rhai::plugin::*;
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
use world::host::{Call, Verb};

use self::probe::Unit;
use crate::{
    info::{Effect, OperationInfo},
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const UNIT: &str = "host::unit";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo::on_host(
    UNIT,
    Effect::Change,
    &["host", "unit"],
    schema_of::<UnitSpec>,
)];

/// The argument of `host::unit`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitSpec {
    /// The host.
    host: String,
    /// The unit's name, with its type: `chrony.service`.
    unit: String,
    /// Whether it starts with the host. Default: as it is.
    enabled: Option<bool>,
    /// Whether it runs. Default: as it is.
    running: Option<bool>,
    /// Whether it's masked: then nothing can start it. Default: as it is.
    masked: Option<bool>,
    /// The files that it reads: if one has changed since it was started, it's restarted.
    #[serde(default)]
    reads: Vec<String>,
}
spec!(UnitSpec, |spec| format!(
    "unit {} on {}",
    spec.unit, spec.host
));

/// Units.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, UNIT, identified};

    /// Ensures a unit of systemd. Where files changed that systemd reads, it reads them again first. A unit that runs is
    /// restarted if one of the files in `reads` has changed since its start; that's seen from the files' and the unit's
    /// own times, so no failure in between can make it forgotten. Answers `unit`, `active` and `enabled`.
    ///
    /// Errors: there is no such unit; it doesn't stay up (its last lines of the journal are the cause).
    ///
    /// ```rhai
    /// host::unit("pve1", "chrony.service", #{ enabled: true, running: false })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn unit(context: NativeCallContext, host: Dynamic, unit: Dynamic, spec: Dynamic) -> Answer {
        let argument = identified(&context, &[("host", host), ("unit", unit)], spec)?;
        runbook::bridge::call(&context, UNIT, argument, super::run)
    }
}

impl UnitSpec {
    /// A unit that starts with its host, or doesn't, and runs or doesn't.
    pub(super) fn new(host: &str, unit: &str, runs: Runs) -> Self {
        Self {
            host: host.to_owned(),
            unit: unit.to_owned(),
            enabled: Some(runs == Runs::Yes),
            running: Some(runs == Runs::Yes),
            masked: None,
            reads: Vec::new(),
        }
    }

    /// The same unit, restarted if one of these files changes.
    pub(super) fn reading(mut self, files: Vec<String>) -> Self {
        self.reads = files;
        self
    }
}

/// Whether a unit is enabled and runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// It is and does.
    Yes,
    /// Neither.
    No,
}

/// Ensures a unit.
///
/// # Errors
/// There is no such unit, or it doesn't stay up.
pub(super) async fn run(operation: &Operation, spec: UnitSpec) -> Result<Fields, Halt> {
    let mut unit = probe::show(operation, &spec.host, &spec.unit).await?;
    if unit.needs_reload {
        operation.write(reload(&spec)).await?;
        unit = probe::show(operation, &spec.host, &spec.unit).await?;
    }
    if !unit.is_there() {
        return Err(unknown(&spec).into());
    }
    for action in actions(&spec, &unit) {
        act(operation, &spec, &unit, action).await?;
        unit = probe::show(operation, &spec.host, &spec.unit).await?;
    }
    if unit.is_active() && spec.running != Some(false) {
        let changed =
            probe::changed_since(operation, &spec.host, &spec.reads, unit.started).await?;
        if !changed.is_empty() {
            restart(operation, &spec, &unit, &changed).await?;
        }
    }
    let mut fields = Fields::new();
    fields.insert("unit".to_owned(), json!(spec.unit));
    fields.insert("active".to_owned(), json!(unit.active));
    fields.insert("enabled".to_owned(), json!(unit.file_state == "enabled"));
    Ok(fields)
}

fn unknown(spec: &UnitSpec) -> Failure {
    let text = format!("{} has no unit {}", spec.host, spec.unit);
    Failure::new("homelab::host::no_unit", text).help(
        "install its package or write its file first; a unit's name has its type: chrony.service",
    )
}

/// The actions that a unit needs, in their order. Each is looked at again after the one before it.
fn actions(spec: &UnitSpec, unit: &Unit) -> Vec<&'static str> {
    let is_masked = unit.file_state.starts_with("masked");
    let mut actions = Vec::new();
    if spec.masked == Some(false) && is_masked {
        actions.push("unmask");
    }
    if spec.running == Some(false) && unit.is_active() {
        actions.push("stop");
    }
    let is_enabled = unit.file_state.starts_with("enabled") && !is_masked;
    let has_state = !matches!(
        unit.file_state.as_str(),
        "static" | "indirect" | "alias" | "generated"
    );
    match spec.enabled {
        Some(true) if !is_enabled && has_state => actions.push("enable"),
        Some(false) if is_enabled => actions.push("disable"),
        _ => {}
    }
    if spec.masked == Some(true) && !is_masked {
        actions.push("mask");
    }
    if spec.running == Some(true) && !unit.is_active() {
        actions.push("start");
    }
    actions
}

async fn act(
    operation: &Operation,
    spec: &UnitSpec,
    unit: &Unit,
    action: &'static str,
) -> Result<(), Halt> {
    let resource = format!("unit {} on {}", spec.unit, spec.host);
    let (property, shown, before, after) = match action {
        "start" => ("ActiveState", "active", unit.active.as_str(), "active"),
        "stop" => ("ActiveState", "active", unit.active.as_str(), "inactive"),
        "enable" => (
            "UnitFileState",
            "enabled",
            unit.file_state.as_str(),
            "enabled",
        ),
        "disable" => (
            "UnitFileState",
            "enabled",
            unit.file_state.as_str(),
            "disabled",
        ),
        "mask" => ("LoadState", "masked", unit.load.as_str(), "masked"),
        _ => ("LoadState", "masked", unit.load.as_str(), "loaded"),
    };
    let change = Change::update(resource, json!({ shown: before }), json!({ shown: after }));
    let call = Call::new(Verb::UNIT_DO, [action, &spec.unit]);
    let proof = (
        Call::new(Verb::UNIT_SHOW, [&spec.unit]),
        Compared::HasLine,
        format!("{property}={after}"),
    );
    let write = Write::call(change, &spec.host, call, proof);
    operate(operation, spec, write).await
}

async fn restart(
    operation: &Operation,
    spec: &UnitSpec,
    unit: &Unit,
    changed: &[String],
) -> Result<(), Halt> {
    let resource = format!("unit {} on {}", spec.unit, spec.host);
    let change = Change::new(
        resource,
        Kind::Apply,
        Value::Null,
        json!({ "restarted for": changed }),
    );
    let call = Call::new(Verb::UNIT_DO, ["restart", &spec.unit]);
    let show = Call::new(Verb::UNIT_SHOW, [&spec.unit]);
    let proof = (show, Compared::Differs, unit.shown.clone());
    operate(
        operation,
        spec,
        Write::call(change, &spec.host, call, proof),
    )
    .await
}

/// Carries out an action on a unit. One that it doesn't survive fails with its journal's last lines.
async fn operate(operation: &Operation, spec: &UnitSpec, write: Write) -> Result<(), Halt> {
    match operation.write(write).await {
        Err(Halt::Failed(failure)) if failure.code == "homelab::host::failed" => {
            let why = probe::last_lines(operation, &spec.host, &spec.unit).await?;
            return Err(failure.cause(why).into());
        }
        other => drop(other?),
    }
    let unit = probe::show(operation, &spec.host, &spec.unit).await?;
    if unit.active == "failed" {
        let text = format!("{} on {} failed after it was started", spec.unit, spec.host);
        let why = probe::last_lines(operation, &spec.host, &spec.unit).await?;
        let failure = Failure::new("homelab::host::unit_failed", text).cause(why);
        return Err(failure
            .help("its journal says why; mend it and resume")
            .into());
    }
    Ok(())
}

fn reload(spec: &UnitSpec) -> Write {
    read_again(&spec.host, &spec.unit)
}

/// Lets systemd read its units again.
pub(super) fn read_again(host: &str, unit: &str) -> Write {
    let change = Change::new(
        format!("units on {host}"),
        Kind::Apply,
        Value::Null,
        json!({ "read again for": unit }),
    );
    let proof = (
        Call::new(Verb::UNIT_SHOW, [unit]),
        Compared::HasLine,
        "NeedDaemonReload=no".to_owned(),
    );
    let call = Call::bare(Verb::UNITS_RELOAD);
    Write::call(change, host, call, proof)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_only_where_something_differs() {
        let unit = |file_state: &str, active: &str| {
            Unit::parse(&format!(
                "LoadState=loaded\nActiveState={active}\nUnitFileState={file_state}\nNeedDaemonReload=no\n"
            ))
        };
        let wanted = |fields: Value| {
            let mut spec = json!({ "host": "a", "unit": "b.service" });
            spec.as_object_mut()
                .unwrap()
                .extend(fields.as_object().unwrap().clone());
            serde_json::from_value::<UnitSpec>(spec).unwrap()
        };
        let on = wanted(json!({ "enabled": true, "running": true }));
        assert_eq!(
            actions(&on, &unit("disabled", "inactive")),
            ["enable", "start"]
        );
        assert_eq!(actions(&on, &unit("enabled", "active")), [] as [&str; 0]);
        assert_eq!(actions(&on, &unit("static", "failed")), ["start"]);
        let off = wanted(json!({ "enabled": false, "running": false, "masked": true }));
        assert_eq!(
            actions(&off, &unit("enabled", "active")),
            ["stop", "disable", "mask"]
        );
    }
}
