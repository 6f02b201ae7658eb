//! A pager for long plans, as git has one.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use super::print;
use crate::settings::Settings;

/// What shows a text page by page; one that fits on the screen is printed and stays there.
const LESS: &str = "less -FRX";

/// Collects lines and shows them in the end.
#[derive(Clone, Debug)]
pub(crate) struct Pager {
    command: String,
    lines: Arc<Mutex<String>>,
}

impl Pager {
    /// The pager that variables name; none if they name none.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let named = ["HOMELAB_PAGER", "PAGER"]
            .iter()
            .find_map(|name| settings.variables.get(*name));
        let command = named.map_or(LESS, String::as_str).trim();
        let is_one = !matches!(command, "" | "cat");
        is_one.then(|| Self {
            command: command.to_owned(),
            lines: Arc::default(),
        })
    }

    /// Takes a line.
    pub(crate) fn take(&self, line: &str) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_str(line);
        lines.push('\n');
    }

    /// Shows what was taken; without a pager that can be started it's printed.
    pub(crate) fn show(&self) {
        let lines = std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner));
        if lines.is_empty() {
            return;
        }
        let mut command = Command::new("sh");
        let started = command
            .args(["-c", &self.command])
            .stdin(Stdio::piped())
            .spawn();
        let Ok(mut child) = started else {
            return print(&lines);
        };
        if let Some(mut input) = child.stdin.take() {
            // Who leaves the pager has seen enough.
            drop(input.write_all(lines.as_bytes()));
        }
        // `sh` ends with 127 if there's no such program.
        if child.wait().is_ok_and(|status| status.code() == Some(127)) {
            print(&lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(variables: &[(&str, &str)]) -> Option<String> {
        let variables = variables.iter();
        let settings = Settings {
            variables: variables
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Settings::default()
        };
        Pager::of(&settings).map(|pager| pager.command)
    }

    #[test]
    fn variables_name_the_pager_and_cat_is_none() {
        assert_eq!(named(&[]).as_deref(), Some(LESS));
        assert_eq!(named(&[("PAGER", "more")]).as_deref(), Some("more"));
        assert_eq!(named(&[("PAGER", "more"), ("HOMELAB_PAGER", "cat")]), None);
        assert_eq!(named(&[("PAGER", "")]), None);
    }

    #[test]
    fn a_pager_gets_every_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shown");
        let pager = Pager {
            command: format!("cat > {}", file.display()),
            lines: Arc::default(),
        };
        ["one", "two"].iter().for_each(|line| pager.take(line));
        pager.show();
        assert_eq!(std::fs::read_to_string(file).unwrap(), "one\ntwo\n");
    }
}
