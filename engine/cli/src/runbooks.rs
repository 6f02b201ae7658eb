//! The runbooks of a lab: by path, by the stem of their file, or all of them.

use std::path::{Path, PathBuf};

use runbook::{failure::Failure, nearest, script};
use world::code;

use crate::{
    exit::refused,
    session::{Runbook, Session, files},
};

impl Session<'_> {
    /// The runbooks that a command line names, in order.
    ///
    /// # Errors
    /// None is named, or one isn't there.
    pub(crate) fn runbooks(&self, given: &[PathBuf]) -> Result<Vec<Runbook>, Failure> {
        if given.is_empty() {
            return Err(self.none_named());
        }
        given.iter().map(|path| self.runbook(path)).collect()
    }

    /// A runbook by its path, from the current folder or from the lab's, or by the stem of a file in `runbooks/`.
    ///
    /// # Errors
    /// There is no such file in the lab, or it isn't text.
    pub(crate) fn runbook(&self, given: &Path) -> Result<Runbook, Failure> {
        let paths = [
            self.settings.folder.join(given),
            self.lab.root().join(given),
        ];
        let by_stem = || {
            let stem = given.as_os_str();
            let mut known = files(&self.lab.runbooks()).into_iter();
            known.find(|path| path.file_stem() == Some(stem))
        };
        let found = paths.into_iter().find(|path| path.is_file());
        let Some(path) = found.or_else(by_stem) else {
            return Err(self.no_runbook(given));
        };
        let whole = path.canonicalize().unwrap_or(path);
        let Ok(file) = whole.strip_prefix(self.lab.root()) else {
            let text = format!(
                "{} isn't in the lab {}",
                given.display(),
                self.lab.root().display()
            );
            return Err(refused(code::runbook::outside, text)
                .help("a runbook lies in its lab, usually in runbooks/"));
        };
        let file = file.display().to_string();
        Ok(Runbook {
            source: script::read(&whole, &file)?,
            file,
        })
    }

    fn none_named(&self) -> Failure {
        let failure = refused(code::runbook::not_named, "no runbook is named");
        let all = files(&self.lab.runbooks());
        if all.is_empty() {
            return failure.help("the lab has no runbooks/");
        }
        let line = |path: &PathBuf| {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            format!("\n  {stem:<16} {}", self.shown(path))
        };
        let lines: String = all.iter().map(line).collect();
        failure.help(format!("the lab has, each by its name or its file:{lines}"))
    }

    fn no_runbook(&self, given: &Path) -> Failure {
        let given = given.display().to_string();
        let failure = refused(
            code::runbook::unreadable,
            format!("there is no runbook {given}"),
        );
        let all = files(&self.lab.runbooks());
        let known: Vec<String> = all.iter().map(|path| self.shown(path)).collect();
        let stems: Vec<String> = all
            .iter()
            .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
            .collect();
        let names = if given.contains(['/', '.']) {
            &known
        } else {
            &stems
        };
        let near = nearest::of(&given, names.iter().map(String::as_str));
        failure.help(match near {
            Some(near) => format!("did you mean {near}?"),
            None if known.is_empty() => "the lab has no runbooks/".to_owned(),
            None => format!("the lab has {}", known.join(", ")),
        })
    }
}
