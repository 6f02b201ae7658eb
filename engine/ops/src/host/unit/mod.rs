//! systemd's units: enabled, running, masked, and restarted when what they read has changed.

mod act;
pub(super) mod probe;
mod steady;

use std::time::Duration;

use runbook::{bridge::Fields, failure::Failure, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::code;

pub(super) use self::act::read_again;
use self::{
    act::{Act, reload},
    probe::Unit,
    steady::Steady,
};
use crate::{field::Span, info::Effect, operate::Operate};

/// How long a unit has to stay up after its start, if nobody says otherwise.
const STAYS: Duration = Duration::from_millis(500);

/// How long a unit may take to start, if nobody says otherwise: as long as systemd gives it.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Ensures a unit of systemd. Where files changed that systemd reads, it reads them again first. A unit that was
/// started has to come up within `timeout`, and its program to stay up for `stays`. One that systemd restarts again
/// and again doesn't run: it's restarted, once more, and looked at like that. One of type `oneshot` that doesn't
/// remain after its end is started each time, and has to end well.
///
/// A unit that runs is restarted if one of the files in `reads` has changed since its start; that's seen from the
/// files' and the unit's own times, so no failure in between can make it forgotten. With `reads`, one that failed is
/// started again too. On the twin a program goes on for good, unless the lab's `twin.rhai` declares it as a command:
/// then it ends as that says. Answers `unit`, `active` and `enabled`.
///
/// Errors: there is no such unit; it isn't up in time, or doesn't stay up (its last lines of the journal are the
/// cause).
///
/// ```rhai
/// host::unit("pve1", "chrony.service", #{ enabled: true, running: false })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitSpec {
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
    /// How long its program has to stay up after a start. Default: 500 ms.
    stays: Option<Span>,
    /// How long it may take to start; of a unit of type `oneshot`, until it has ended. Default: 90 s.
    timeout: Option<Span>,
}

impl Operate for UnitSpec {
    const NAME: &str = "host::unit";
    const EFFECT: Effect = Effect::Change;
    const POSITIONAL: &[&str] = &["host", "unit"];

    fn resource(&self) -> String {
        format!("unit {} on {}", self.unit, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        run(operation, self).await
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
            stays: None,
            timeout: None,
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
/// There is no such unit, or it doesn't come or stay up.
pub(super) async fn run(operation: &Operation, spec: UnitSpec) -> Result<Fields, Halt> {
    let was_begun = operation.was_carried_out();
    let mut unit = probe::show(operation, &spec.host, &spec.unit).await?;
    if unit.needs_reload {
        operation.write(reload(&spec)).await?;
        unit = probe::show(operation, &spec.host, &spec.unit).await?;
    }
    if !unit.is_there() {
        return Err(unknown(&spec).into());
    }
    let steady = Steady::of(operation, &spec);
    if spec.is_to_run() {
        unit = steady.still(unit).await?;
    }
    unit = ensure(&steady, &spec, unit).await?;
    unit = renew(&steady, &spec, unit).await?;
    // Whoever was killed after a start didn't see whether it stayed up.
    if was_begun && operation.changes() == 0 && spec.is_to_run() && unit.is_up() {
        unit = steady.stays(unit).await?;
    }
    let mut fields = Fields::new();
    fields.insert("unit".to_owned(), json!(spec.unit));
    fields.insert("active".to_owned(), json!(unit.active));
    fields.insert("enabled".to_owned(), json!(unit.is_enabled()));
    Ok(fields)
}

fn unknown(spec: &UnitSpec) -> Failure {
    let text = format!("{} has no unit {}", spec.host, spec.unit);
    Failure::new(code::host::no_unit, text).help(
        "install its package or write its file first; a unit's name has its type: chrony.service",
    )
}

/// Does what a unit needs. It's looked at again after each action: what a mask hid is known without it only.
async fn ensure(steady: &Steady<'_>, spec: &UnitSpec, mut unit: Unit) -> Result<Unit, Halt> {
    let mut done = Vec::new();
    while let Some(act) = Act::next(spec, &unit, &done) {
        unit = steady.act(act, &unit).await?;
        done.push(act);
    }
    Ok(unit)
}

/// Restarts a unit if what it reads has changed since its start, or if a restart for that failed.
async fn renew(steady: &Steady<'_>, spec: &UnitSpec, unit: Unit) -> Result<Unit, Halt> {
    if spec.running == Some(false) || spec.reads.is_empty() {
        return Ok(unit);
    }
    let reasons = if unit.has_failed() {
        vec!["its failure".to_owned()]
    } else if unit.is_up() {
        probe::changed_since(steady.operation, &spec.host, &spec.reads, unit.started).await?
    } else {
        Vec::new()
    };
    match reasons.as_slice() {
        [] => Ok(unit),
        reasons => steady.renew(reasons, &unit).await,
    }
}

impl UnitSpec {
    /// Whether it's to run in the end, also where it's only to be restarted.
    fn is_to_run(&self) -> bool {
        self.running == Some(true) || (self.running.is_none() && !self.reads.is_empty())
    }
}
