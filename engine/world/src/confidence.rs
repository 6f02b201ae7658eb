//! How sure an answer is: read from the world, predicted by a model, or not known yet.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where an unknown value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The step whose run will make the value known, or empty outside steps.
    pub step: String,
    /// What the value is, in words: `the output of 'lspci' on pve1`.
    pub what: String,
}

impl Origin {
    /// A value that no step makes known.
    pub const fn of(what: String) -> Self {
        Self {
            step: String::new(),
            what,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.step.is_empty() {
            f.write_str(&self.what)
        } else {
            write!(f, "{}, known after step {}", self.what, self.step)
        }
    }
}

/// How sure an answer, and with it a predicted change, is. Later variants are less sure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", content = "of")]
pub enum Confidence {
    /// Read from the world as it is now.
    #[default]
    Read,
    /// Answered by the model, from what earlier actions of the plan would have made.
    Predicted,
    /// Not known until a step has run.
    Unknown(Origin),
    /// The effect of something that nobody models.
    Opaque,
}

impl Confidence {
    const fn rank(&self) -> u8 {
        match self {
            Self::Read => 0,
            Self::Predicted => 1,
            Self::Unknown(_) => 2,
            Self::Opaque => 3,
        }
    }

    /// The less sure of the two.
    #[must_use]
    pub fn weaker(self, other: Self) -> Self {
        if other.rank() > self.rank() {
            other
        } else {
            self
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("read"),
            Self::Predicted => f.write_str("predicted"),
            Self::Unknown(origin) if origin.step.is_empty() => {
                write!(f, "unknown: {}", origin.what)
            }
            Self::Unknown(origin) => write!(f, "unknown until {}", origin.step),
            Self::Opaque => f.write_str("opaque"),
        }
    }
}
