//! A plan as it's saved and recorded: the changes that a run would make, in order.

use serde::{Deserialize, Serialize};
use world::{Confidence, WorldId, free_text};

use super::{
    OperationKey, Sealed,
    action::{Action, Change},
};

/// The format of saved plans.
pub(crate) const PLAN_FORMAT: u32 = 1;

/// One planned change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// The operation.
    pub operation: OperationKey,
    /// What it does; nothing where the arguments weren't known yet.
    pub action: Option<Action>,
    /// What it changes.
    pub change: Option<Change>,
    /// How sure the prediction is.
    pub confidence: Confidence,
    /// The intent as it was before its secrets were masked, where it held any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

free_text!(Planned { action, change, confidence; operation, sealed });

/// A saved plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The format's number.
    pub format: u32,
    /// The world it was made for.
    pub world: WorldId,
    /// The runbook's name.
    pub runbook: String,
    /// Its version.
    pub version: String,
    /// The changes, in order.
    pub changes: Vec<Planned>,
}

free_text!(Plan { changes; format, world, runbook, version });

impl Plan {
    /// Whether this homelab reads the plan's format.
    #[must_use]
    pub const fn is_readable(&self) -> bool {
        self.format == PLAN_FORMAT
    }
}
