//! The journal of a unit: a read.

use runbook::{bridge::Fields, halt::Halt, operation::Operation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use world::host::verb::UnitJournal;

use crate::{info::Effect, operate::Operate};

/// Reads the last lines of a unit's journal. Answers `lines`, a list of them.
///
/// Errors: the journal can't be read.
///
/// ```rhai
/// host::journal("pve1", "ssh.service", #{ lines: 5 })
/// ```
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalSpec {
    /// The host.
    host: String,
    /// The unit's name, with its type: `ssh.service`.
    unit: String,
    /// How many lines, the last ones. Default: 20.
    #[serde(default = "twenty")]
    lines: u32,
}

impl Operate for JournalSpec {
    const NAME: &str = "host::journal";
    const EFFECT: Effect = Effect::Read;
    const POSITIONAL: &[&str] = &["host", "unit"];

    fn resource(&self) -> String {
        format!("journal of {} on {}", self.unit, self.host)
    }

    async fn run(self, operation: &Operation) -> Result<Fields, Halt> {
        let ask = UnitJournal::new(self.unit, self.lines);
        let mut lines = operation.ask(&self.host, ask).await?;
        lines.retain(|line| line != "-- No entries --");
        let mut fields = Fields::new();
        fields.insert("lines".to_owned(), json!(lines));
        Ok(fields)
    }
}

const fn twenty() -> u32 {
    20
}
