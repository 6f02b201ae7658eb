//! What is wrong or odd in what a lab is given: secrets that can't be masked, lines of `.envrc` that give it nothing.

use formats::envrc::Note;
use runbook::{
    check::{Finding, Severity},
    nearest,
    options::demand_strong,
};
use world::{Place, code};

use super::LabEnvironment;
use crate::names::Needed;

impl LabEnvironment {
    /// Secrets that runs refuse, as errors; lines of `.envrc` that set nothing, or what nobody reads, as notes.
    pub(crate) fn remarks(&self) -> Vec<Finding> {
        let secrets = self.names.needed().filter(|needed| needed.secret);
        let notes = self.envrc.notes().iter().map(skipped);
        let weak = secrets.filter_map(|needed| self.weak(needed));
        weak.chain(notes).chain(self.misspelt()).collect()
    }

    fn weak(&self, needed: &Needed) -> Option<Finding> {
        let (value, _) = self.given(&needed.name)?;
        let weak = demand_strong(&needed.name, value).err()?;
        let place = needed.places.first().cloned();
        Some(Finding::error(weak.code, weak.message, place).help(weak.help.unwrap_or_default()))
    }

    /// Names that `.envrc` sets and nobody reads, each like one that is missing.
    fn misspelt(&self) -> Vec<Finding> {
        let is_read = |name: &str| self.names.needed().any(|needed| needed.name == name);
        let unread = self.envrc.names().filter(|name| !is_read(name));
        let missing: Vec<&str> = self
            .names
            .needed()
            .map(|needed| needed.name.as_str())
            .filter(|name| self.given(name).is_none())
            .collect();
        let finding = |name: &str| {
            let near = nearest::of(name, missing.iter().copied())?;
            let text = format!("nothing reads {name}");
            Some(note(self.envrc.line(name)?, text).help(format!("did you mean {near}?")))
        };
        unread.filter_map(finding).collect()
    }

    /// What to do about a name that isn't set; nothing if it is.
    pub(crate) fn why_unset(&self, name: &str) -> Option<String> {
        self.given(name).is_none().then(|| self.why_missing(name))
    }

    pub(super) fn why_missing(&self, name: &str) -> String {
        let skipped = self.envrc.notes().iter().find(|note| note.name == name);
        match (skipped, self.envrc.line(name)) {
            (Some(note), _) => format!(
                ".envrc line {} sets it, but {}; .envrc is read and never executed: write export {name}='…', or set it in the process",
                note.line, note.reason
            ),
            (None, Some(line)) => {
                format!(".envrc line {line} sets it to nothing: write export {name}='…'")
            }
            (None, None) => {
                format!("set it in .envrc: export {name}='…'; `homelab env` lists all names")
            }
        }
    }
}

fn skipped(skipped: &Note) -> Finding {
    let text = format!(
        "{} isn't set by this line: {}",
        skipped.name, skipped.reason
    );
    note(skipped.line, text).help(format!(
        ".envrc is read and never executed: write export {}='…', or set it in the process",
        skipped.name
    ))
}

fn note(line: usize, text: String) -> Finding {
    let place = Place {
        file: ".envrc".to_owned(),
        line,
        column: 1,
    };
    Finding::error(code::environment::stray, text, Some(place)).weighs(Severity::Note)
}
