//! Exit codes, and what a command ends with when it doesn't succeed.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use runbook::{
    event::Finished,
    failure::{Class, Failure},
    journal::Status,
};
use world::code::{self, Code};

/// How homelab ends; the numbers are in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Success = 0,
    /// A step failed.
    Failed = 1,
    /// `plan --exit-code`: there are changes; `docs sync --exit-code`: docs differ.
    Changes = 2,
    /// The lab or the command line is wrong; nothing was started.
    Refused = 3,
    /// Another run holds the lock of this world.
    Locked = 4,
    /// The run would leave its plan.
    PlanDiffers = 5,
    /// It can't be known whether an action was carried out.
    InDoubt = 6,
    /// Ctrl-C, or a question that nobody answered.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// The exit of a failure.
    pub(crate) fn of(failure: &Failure) -> Self {
        match failure.class {
            Class::Refused => Self::Refused,
            Class::Interrupted => Self::Interrupted,
            Class::PlanDiffers => Self::PlanDiffers,
            Class::InDoubt => Self::InDoubt,
            Class::Failed | Class::Unknown => Self::Failed,
        }
    }

    /// The exit of an invocation that came to its end.
    pub(crate) fn of_finished(finished: &Finished) -> Self {
        match (&finished.failure, finished.status) {
            (Some(failure), _) => Self::of(failure),
            (None, Status::Succeeded | Status::Planned) => Self::Success,
            (None, Status::Interrupted) => Self::Interrupted,
            (None, Status::Failed) => Self::Failed,
        }
    }
}

/// Why a command ends without success: what is reported, and the exit code.
#[derive(Debug)]
pub(crate) struct Stop {
    /// What is reported; nothing if it was shown already.
    pub(crate) failures: Vec<Failure>,
    /// The sources of the files that they point to.
    pub(crate) sources: BTreeMap<String, String>,
    /// The exit code.
    pub(crate) exit: Exit,
    /// Whether a run came to its end before: its last event was given.
    pub(crate) finished: bool,
}

impl Stop {
    /// What is wrong with the lab or the command line: nothing was started.
    pub(crate) fn refused(failures: Vec<Failure>) -> Self {
        Self {
            failures,
            sources: BTreeMap::new(),
            exit: Exit::Refused,
            finished: false,
        }
    }

    /// The same with the sources of the files that failures point to.
    pub(crate) fn with_sources(mut self, sources: BTreeMap<String, String>) -> Self {
        self.sources.extend(sources);
        self
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        // What fails before a run has begun has started nothing.
        let exit = match Exit::of(&failure) {
            Exit::Failed if failure.code.parts().0 == "journal" => Exit::Refused,
            exit => exit,
        };
        Self {
            exit,
            ..Self::refused(vec![failure])
        }
    }
}

/// A failure of the lab or the command line.
pub(crate) fn refused(code: Code, message: impl Into<String>) -> Failure {
    Failure::new(code, message).class(Class::Refused)
}

/// A file or folder of the lab can't be written.
pub(crate) fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    refused(
        code::lab::unwritable,
        format!("{} can't be written", path.display()),
    )
    .cause(error.to_string())
    .help("make room, or give write permission")
}
