//! What names a run, its intents, steps and operations.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Identifies a run in its journal; counts up from 1.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .map(Self)
            .map_err(|_| "a run is a number; `homelab runs` lists them".to_owned())
    }
}

/// Identifies an intent within its run; counts up from 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct IntentId(pub u64);

/// A step's id, or `STEP/KEY` for a body of `parallel`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct StepPath(pub String);

impl StepPath {
    /// The path of a body of `parallel` in this step.
    #[must_use]
    pub fn child(&self, key: &str) -> Self {
        Self(format!("{}/{key}", self.0))
    }

    /// The step's id, without the keys of parallel bodies.
    #[must_use]
    pub fn step(&self) -> &str {
        self.0.split('/').next().unwrap_or(&self.0)
    }

    /// Whether this is a body of `parallel`.
    #[must_use]
    pub fn is_body(&self) -> bool {
        self.0.contains('/')
    }

    /// Whether this is `step` itself or a body in it.
    #[must_use]
    pub fn is_within(&self, step: &Self) -> bool {
        self == step
            || self
                .0
                .strip_prefix(&step.0)
                .is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which call of an operation: by step, function and resource, and the how-manieth such call of its step.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct OperationKey {
    /// The step.
    pub step: StepPath,
    /// The script function: `proxmox::storage::ensure`.
    pub function: String,
    /// The resource: `storage nas`.
    pub resource: String,
    /// 0 for the first call with the same step, function and resource.
    pub nth: u32,
}
