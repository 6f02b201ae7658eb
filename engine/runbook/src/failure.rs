//! One failure: what failed, in which step, at which line, the cause word for word, and what to do.

use std::{fmt, sync::Arc};

use rhai::{Dynamic, EvalAltResult, NativeCallContext, Position};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use world::{Place, code::Code, free_text};

/// The place of `position` in `file`, if it has one.
#[must_use]
pub fn place(file: &str, position: Position) -> Option<Place> {
    Some(Place {
        file: file.to_owned(),
        line: position.line()?,
        column: position.position().unwrap_or(1),
    })
}

/// What kind of failure it is, as far as the run's course depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The step failed.
    #[default]
    Failed,
    /// The user interrupted the run, or a question has no answer yet: it can be resumed.
    Interrupted,
    /// A plan can't know a value that is needed here.
    Unknown,
    /// The run would do what its plan didn't contain.
    PlanDiffers,
    /// Whether an action was carried out can't be known.
    InDoubt,
    /// The lab, the runbook or the command line is wrong; nothing was started.
    Refused,
}

/// A failure with its place; the same in scripts, journal, events and reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// A stable code with a page in `docs/errors/`: `homelab::proxmox::permission`.
    #[schemars(with = "String")]
    pub code: Code,
    /// What failed, in one sentence.
    pub message: String,
    /// The kind of failure.
    #[serde(default)]
    pub class: Class,
    /// The causes, outermost first; the other side's own words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The operation that failed: `proxmox::storage::ensure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Where it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The calls that led there, innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Place>,
}

free_text!(Failure { message, causes, help; code, class, operation, place, frames });

impl Failure {
    /// A failure without a place.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            class: Class::default(),
            causes: Vec::new(),
            help: None,
            operation: None,
            place: None,
            frames: Vec::new(),
        }
    }

    /// The same failure with help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same failure with one more cause.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// The same failure as another kind.
    #[must_use]
    pub const fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// The same failure at the place of a native call, unless it has one.
    #[must_use]
    pub fn at(mut self, call: &NativeCallContext) -> Self {
        if self.place.is_none() {
            self.place = place(call.call_source().unwrap_or_default(), call.call_position());
        }
        self
    }

    /// A failure of any error and its sources; a source's text isn't repeated.
    #[must_use]
    pub fn of(code: Code, error: &dyn std::error::Error) -> Self {
        let mut failure = Self::new(code, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            failure.causes.push(cause.to_string());
            source = cause.source();
        }
        failure
    }

    /// The failure as an error of the script; scripts can't catch an interruption.
    #[must_use]
    pub fn throw(self, position: Position) -> Box<EvalAltResult> {
        let catchable = self.class == Class::Failed;
        let value = Dynamic::from(Arc::new(self));
        Box::new(if catchable {
            EvalAltResult::ErrorRuntime(value, position)
        } else {
            EvalAltResult::ErrorTerminated(value, position)
        })
    }

    /// The failure as an error that ends the script, whatever it tries to catch.
    #[must_use]
    pub fn end(self, position: Position) -> Box<EvalAltResult> {
        Box::new(EvalAltResult::ErrorTerminated(
            Dynamic::from(Arc::new(self)),
            position,
        ))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
