//! The course of a run: which steps run, which answer from the record, and what is counted.

use std::time::Duration;

use formats::envrc::Envrc;
use world::{
    code,
    host::{Ask as _, OPERATOR, verb::Read},
};

use crate::{
    failure::{Class, Failure},
    journal::{
        StepPath,
        entry::{StepRecorded, StepSkipped},
    },
    operation::{halt::Halt, told::told},
    run::{Run, interrupted, listed::Mode},
};

/// The file in which a lab keeps its environment.
const ENVRC: &str = ".envrc";

impl Run {
    pub(crate) fn mode(&self) -> Mode {
        self.state().mode
    }

    pub(crate) fn state_group(&self) -> Option<String> {
        self.state().group.clone()
    }

    /// Why the command line leaves a step out, if it does.
    pub(crate) fn left_out(&self, id: &str, title: &str) -> Option<String> {
        let group = self.state_group();
        let called = |name: &str| name == id || name == title || Some(name) == group.as_deref();
        let named = |names: &[String]| names.iter().any(|name| called(name));
        let is = |name: &Option<String>| {
            name.as_deref()
                .is_some_and(|name| name == id || name == title)
        };
        let selection = &self.options.selection;
        let mut state = self.state();
        if selection.from.is_none() || is(&selection.from) {
            state.from_reached = true;
        }
        let before = !state.from_reached;
        let after = state.until_passed;
        if is(&selection.until) {
            state.until_passed = true;
        }
        let why = match () {
            () if before => "--from",
            () if after => "--until",
            () if named(&selection.skip) => "--skip",
            () if !selection.only.is_empty() && !named(&selection.only) => "--only",
            () => return None,
        };
        Some(why.to_owned())
    }

    pub(crate) fn skip(&self, step: &StepPath, title: &str, why: &str) {
        self.note_entry(StepSkipped {
            step: step.clone(),
            title: title.to_owned(),
            why: why.to_owned(),
        });
    }

    pub(crate) fn use_recorded(&self, step: &StepPath, title: &str, why: Option<&str>) {
        self.note_entry(StepRecorded {
            step: step.clone(),
            title: title.to_owned(),
            why: why.map(str::to_owned),
        });
    }

    /// Waits in the world's time.
    pub(crate) fn pause(&self, duration: Duration) -> Result<(), Failure> {
        self.gate.pass(&"wait");
        let waited = self.handle.block_on(async {
            tokio::select! {
                () = self.world.clock.sleep(duration) => Ok(()),
                () = self.cancel.cancelled() => Err(interrupted()),
            }
        });
        self.foresight.forget();
        waited
    }

    /// The value of an environment name; a kept one is looked for in this world's `.envrc` first.
    ///
    /// # Errors
    /// `.envrc` can't be read.
    pub fn variable(&self, name: &str) -> Result<Option<String>, Failure> {
        let kept = self.script.kept.contains(name);
        if kept && let Some(value) = self.kept_value(name)? {
            return Ok(Some(value));
        }
        let found = self.environment.lookup(name, kept);
        if let Some(note) = found.as_ref().and_then(|found| found.note.clone()) {
            self.remark(None, note);
        }
        Ok(found.map(|found| found.value))
    }

    /// The value that this world's `.envrc` has for a name.
    ///
    /// # Errors
    /// The file is there but can't be read.
    pub fn kept_value(&self, name: &str) -> Result<Option<String>, Failure> {
        let call = Read::new(ENVRC).call();
        let reply = self.handle.block_on(self.world.hosts.call(OPERATOR, call));
        let reply = reply.map_err(|error| match Halt::from(error) {
            Halt::Failed(failure) => *failure,
            Halt::Unknown(origin) => {
                Failure::new(code::runbook::unknown, origin.to_string()).class(Class::Unknown)
            }
        })?;
        let Some(bytes) = told::<Read>(OPERATOR, &reply)? else {
            return Ok(None);
        };
        let envrc = Envrc::parse(&String::from_utf8_lossy(&bytes));
        Ok(envrc
            .get(name)
            .filter(|value| !value.is_empty())
            .map(str::to_owned))
    }
}
