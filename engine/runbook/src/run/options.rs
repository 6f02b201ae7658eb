//! What an invocation is asked to do, and who answers for environment and questions.

use world::{Secret, clock::Moment, code};

use crate::{
    failure::Failure,
    journal::{Plan, Selection},
};

/// What the command line chose.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A plan: nothing is recorded, and a step that needs an unknown value doesn't stop the others.
    pub plan: bool,
    /// What the world is called in records: `live`, `twin`, `via`.
    pub world: String,
    /// When it begins, by the clock of the machine that homelab runs on.
    pub began: Option<Moment>,
    /// What runs; that of the run that is gone on with, once it's chosen.
    pub selection: Selection,
    /// Goes on with another selection than the run had, also if it's finished.
    pub widen: bool,
    /// Starts over instead of going on.
    pub fresh: bool,
    /// Goes on although the runbook's major version is another one.
    pub accept_version: bool,
    /// Continues exactly this run.
    pub resume: Option<crate::journal::RunId>,
    /// How many bodies of `parallel` run at once; 0: as many as usual.
    pub at_once: usize,
    /// The plan that the run must keep to.
    pub keep_to: Option<Plan>,
}

/// Values of the environment.
pub trait Environment: Send + Sync {
    /// The value of a name; empty counts as missing. `kept` names are those that a runbook writes to `.envrc`:
    /// the file of this world was already looked into.
    fn lookup(&self, name: &str, kept: bool) -> Option<Found>;
}

/// A value of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The value.
    pub value: String,
    /// A sentence if the value was made up or stands in for a missing one.
    pub note: Option<String>,
}

/// Refuses a value that can't be kept out of what homelab prints.
///
/// # Errors
/// It's too short, or a word that homelab itself prints.
pub fn demand_strong(name: &str, value: &str) -> Result<(), Failure> {
    let Some(why) = Secret::weakness(value) else {
        return Ok(());
    };
    let text = format!("the value of {name} can't be kept secret: {why}");
    Err(
        Failure::new(code::environment::weak_secret, text).help(format!(
            "choose another one, where it's used and in .envrc: export {name}='…'"
        )),
    )
}

/// Answers the questions of `confirm`.
pub trait Questions: Send + Sync {
    /// The answer and who gave it, or nothing if nobody can answer now.
    fn ask(&self, question: &str) -> Option<(bool, &'static str)>;
}
