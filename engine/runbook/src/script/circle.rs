//! Imports that lead back to where they began: such modules could never be made.

use std::collections::BTreeSet;

use rhai::Position;
use world::code;

use crate::failure::{self, Class, Failure};

/// Files that import each other in a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    /// The files, the first one again at the end.
    pub(crate) files: Vec<String>,
    /// Where the import stands, in the file before the last, that closes it.
    pub(crate) position: Position,
}

impl Circle {
    /// The first circle below a file; `imports` gives the files that one imports, and where.
    pub(crate) fn below(
        file: &str,
        imports: &mut dyn FnMut(&str) -> Vec<(String, Position)>,
    ) -> Option<Self> {
        Self::search(&mut vec![file.to_owned()], &mut BTreeSet::new(), imports)
    }

    fn search(
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
        imports: &mut dyn FnMut(&str) -> Vec<(String, Position)>,
    ) -> Option<Self> {
        let file = way.last().expect("a way has its beginning").clone();
        for (imported, position) in imports(&file) {
            if let Some(at) = way.iter().position(|file| *file == imported) {
                let mut files = way.split_off(at);
                files.push(imported);
                return Some(Self { files, position });
            }
            if done.contains(&imported) {
                continue;
            }
            way.push(imported);
            if let Some(circle) = Self::search(way, done, imports) {
                return Some(circle);
            }
            way.pop();
        }
        done.insert(file);
        None
    }

    /// What it says.
    pub(crate) fn message(&self) -> String {
        format!("imports lead in a circle: {}", self.files.join(" → "))
    }

    /// What to do about it.
    pub(crate) const HELP: &str =
        "put what several of them need into a module that imports none of them";

    /// The circle as a failure.
    pub(crate) fn failure(&self) -> Failure {
        let mut failure = Failure::new(code::runbook::circle, self.message())
            .class(Class::Refused)
            .help(Self::HELP);
        failure.place = failure::place(self.closing(), self.position);
        failure
    }

    /// The file whose import closes it.
    pub(crate) fn closing(&self) -> &str {
        &self.files[self.files.len() - 2]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(file: &str) -> Option<Vec<String>> {
        let mut imports = |file: &str| -> Vec<(String, Position)> {
            let names: &[&str] = match file {
                "run" => &["a", "b"],
                "a" => &["c", "d"],
                "b" => &["c", "d"],
                "d" => &["e"],
                "e" => &["c", "b"],
                "own" => &["own"],
                _ => &[],
            };
            names
                .iter()
                .map(|name| ((*name).to_owned(), Position::NONE))
                .collect()
        };
        Circle::below(file, &mut imports).map(|circle| circle.files)
    }

    #[test]
    fn a_circle_is_found_behind_imports_and_two_ways_to_one_module_are_none() {
        assert_eq!(below("run").unwrap(), ["d", "e", "b", "d"]);
        assert_eq!(below("own").unwrap(), ["own", "own"]);
        assert_eq!(below("c"), None);
    }
}
