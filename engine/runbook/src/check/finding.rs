//! What a check found.

use serde::Serialize;
use world::code::Code;

use world::Place;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A run would fail or do what isn't meant.
    Error,
    /// It works, but probably not as meant.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A mistake, or something worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable code with a page in `docs/errors/`.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// What was found, in one sentence.
    pub message: String,
    /// Where it is, if it's in a file.
    pub place: Option<Place>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// An error at a place.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>, place: Option<Place>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place,
            help: None,
        }
    }

    /// The same finding with another weight.
    #[must_use]
    pub const fn weighs(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The same finding with help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The help that names the nearest word, or else another sentence.
pub(super) fn meant(nearest: Option<&str>, otherwise: impl Into<String>) -> String {
    nearest.map_or_else(
        || otherwise.into(),
        |near| format!("did you mean `{near}`?"),
    )
}
