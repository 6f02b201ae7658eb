//! The files of a check: those that were asked for, and the modules that they import.

use std::collections::{BTreeMap, BTreeSet};

use rhai::Position;
use world::code;

use super::{
    Request,
    file::File,
    finding::{Finding, Severity, meant},
};
use crate::{nearest, script::circle::Circle};

/// Compiled files.
pub(super) struct Files {
    /// By name.
    pub(super) all: BTreeMap<String, File>,
    /// Modules that an import names and that can't be read or compiled: nothing is said about their functions.
    broken: BTreeSet<String>,
}

impl Files {
    /// Compiles what is asked for and what it imports.
    pub(super) fn load(request: &Request, findings: &mut Vec<Finding>) -> Self {
        let mut files = Self {
            all: BTreeMap::new(),
            broken: BTreeSet::new(),
        };
        for (name, bytes) in &request.files {
            match std::str::from_utf8(bytes) {
                Ok(source) => files.add(request, name, source, findings),
                Err(error) => {
                    files.broken.insert(name.clone());
                    findings.push(not_text(name, bytes, error.valid_up_to()));
                }
            }
        }
        files.find_circle(findings);
        files
    }

    /// Reports imports that lead in a circle; one of them, as each file of it leads there.
    fn find_circle(&self, findings: &mut Vec<Finding>) {
        let mut imports = |name: &str| -> Vec<(String, Position)> {
            let own = self.all.get(name).map(File::imports).unwrap_or_default();
            let named = own
                .into_iter()
                .filter_map(|import| Some((import.module?, import.position)));
            named
                .map(|(module, at)| (format!("{module}.rhai"), at))
                .collect()
        };
        let circle = self
            .all
            .keys()
            .find_map(|name| Circle::below(name, &mut imports));
        if let Some(circle) = circle {
            let file = self.all.get(circle.closing());
            let place = file.and_then(|file| file.place(circle.position));
            let finding = Finding::error(code::runbook::circle, circle.message(), place);
            findings.push(finding.help(Circle::HELP));
        }
    }

    fn add(&mut self, request: &Request, name: &str, source: &str, findings: &mut Vec<Finding>) {
        if self.all.contains_key(name) || self.broken.contains(name) {
            return;
        }
        let Some(file) = File::compile(request.engine, name, source, findings) else {
            self.broken.insert(name.to_owned());
            return;
        };
        let imports = file.imports();
        self.all.insert(name.to_owned(), file);
        for import in imports {
            let Some(module) = import.module else {
                continue;
            };
            let path = format!("{module}.rhai");
            if self.all.contains_key(&path) || request.files.iter().any(|(own, _)| *own == path) {
                continue;
            }
            match request.library.module(&module) {
                Ok((source, _)) => self.add(request, &path, &source, findings),
                Err(failure) => {
                    let known = modules(request);
                    let near = nearest::of(&module, known.iter().map(String::as_str));
                    let place = self
                        .all
                        .get(name)
                        .and_then(|file| file.place(import.position));
                    let mut finding = Finding::error(failure.code, failure.message, place);
                    finding.help = Some(meant(near, failure.help.unwrap_or_default()));
                    findings.push(finding);
                    self.broken.insert(path);
                }
            }
        }
    }

    /// The module that `alias` stands for in a file; nothing if it stands for none.
    pub(super) fn imported(&self, file: &File, alias: &str) -> Option<Imported<'_>> {
        let import = file
            .imports()
            .into_iter()
            .find(|import| import.alias == alias)?;
        let module = import
            .module
            .and_then(|module| self.all.get(&format!("{module}.rhai")));
        Some(module.map_or(Imported::Unreadable, Imported::File))
    }
}

/// What an import stands for.
pub(super) enum Imported<'a> {
    /// A file.
    File(&'a File),
    /// Nothing that could be looked into.
    Unreadable,
}

/// The names of all modules: embedded ones and the lab's.
fn modules(request: &Request) -> BTreeSet<String> {
    let embedded = request
        .library
        .embedded
        .iter()
        .map(|(name, _)| (*name).to_owned());
    let own = request
        .files
        .iter()
        .filter_map(|(name, _)| name.strip_suffix(".rhai").map(str::to_owned));
    let folder = request.library.lab.join("stdlib");
    let there = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some(format!("stdlib/{}", name.strip_suffix(".rhai")?))
        });
    embedded
        .chain(own.filter(|name| name.starts_with("stdlib/")))
        .chain(there)
        .collect()
}

fn not_text(name: &str, bytes: &[u8], good: usize) -> Finding {
    let line = bytes[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
    let place = world::Place {
        file: name.to_owned(),
        line,
        column: 1,
    };
    Finding::error(
        code::runbook::not_text,
        format!("{name} isn't UTF-8 text"),
        Some(place),
    )
    .help("save the file as UTF-8")
}

/// The lab's modules that stand in for embedded ones; one that is the same is no news.
pub(super) fn overriding(request: &Request) -> Vec<Finding> {
    let own = request
        .library
        .embedded
        .iter()
        .filter_map(|(name, embedded)| {
            let (source, is_own) = request.library.module(name).ok()?;
            (is_own && source != *embedded).then(|| {
                let message =
                    format!("{name}.rhai stands in for homelab's own module of that name");
                let place = world::Place {
                    file: format!("{name}.rhai"),
                    line: 1,
                    column: 1,
                };
                Finding::error(code::runbook::overrides, message, Some(place))
                    .weighs(Severity::Note)
                    .help("that is allowed; rename the file if it isn't meant")
            })
        });
    own.collect()
}
