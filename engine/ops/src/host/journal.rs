//! The journal of a unit: a read.

use rhai::plugin::*;
use runbook::{bridge::Fields, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::host::verb::UnitJournal;

use crate::{
    info::{Effect, OperationInfo},
    script::{Answer, identified},
    spec::{schema_of, spec},
};

const JOURNAL: &str = "host::journal";

pub(crate) const OPERATIONS: &[OperationInfo] = &[OperationInfo::on_host(
    JOURNAL,
    Effect::Read,
    &["host", "unit"],
    schema_of::<JournalSpec>,
)];

/// The argument of `host::journal`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct JournalSpec {
    /// The host.
    host: String,
    /// The unit's name, with its type: `ssh.service`.
    unit: String,
    /// How many lines, the last ones. Default: 20.
    #[serde(default = "twenty")]
    lines: u32,
}
spec!(JournalSpec, |spec| format!(
    "journal of {} on {}",
    spec.unit, spec.host
));

const fn twenty() -> u32 {
    20
}

/// The journal.
#[expect(unreachable_pub, reason = "Rhai exports a module's public functions")]
#[export_module]
pub(crate) mod functions {
    use rhai::{Dynamic, NativeCallContext};

    use super::{Answer, JOURNAL, identified};

    /// Reads the last lines of a unit's journal. Answers `lines`, a list of them.
    ///
    /// Errors: the journal can't be read.
    ///
    /// ```rhai
    /// host::journal("pve1", "ssh.service", #{ lines: 5 })
    /// ```
    #[rhai_fn(return_raw)]
    pub fn journal(
        context: NativeCallContext,
        host: Dynamic,
        unit: Dynamic,
        spec: Dynamic,
    ) -> Answer {
        let argument = identified(&context, &[("host", host), ("unit", unit)], spec)?;
        runbook::bridge::call(&context, JOURNAL, argument, super::run)
    }
}

async fn run(operation: &Operation, spec: JournalSpec) -> Result<Fields, Halt> {
    let ask = UnitJournal::new(spec.unit, spec.lines);
    let mut lines = operation.ask(&spec.host, ask).await?;
    lines.retain(|line| line != "-- No entries --");
    let mut fields = Fields::new();
    fields.insert("lines".to_owned(), json!(lines));
    Ok(fields)
}
