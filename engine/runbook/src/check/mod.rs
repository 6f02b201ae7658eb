//! Finds mistakes in runbooks, modules and docs without running or touching anything, all of them in one go.

mod captured;
mod catalog;
mod course;
mod environment;
mod fields;
mod file;
mod files;
mod finding;
mod functions;
mod gather;
mod nodes;
mod opaque;
mod schema;
mod shape;
mod tables;
#[cfg(test)]
mod tests;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use rhai::Engine;
use world::{
    Place,
    docs::{Docs, DocsError, rules},
};

use self::{catalog::Catalog, file::File, files::Files};
use crate::script::Library;

pub use self::{
    finding::{Finding, Severity},
    gather::gather,
};

/// What a check looks at.
pub struct Request<'a> {
    /// An engine with all functions registered.
    pub engine: &'a Engine,
    /// Where imported modules come from.
    pub library: &'a Library,
    /// The files to check: names relative to the lab, and what is in them.
    pub files: Vec<(String, Vec<u8>)>,
    /// The lab's docs, or what keeps them from being read.
    pub docs: Result<&'a Docs, &'a [DocsError]>,
    /// Operations by name: `proxmox::storage::ensure`.
    pub operations: BTreeMap<String, Operation>,
    /// What to do about a name of the environment that isn't set; nothing if it is.
    pub why_unset: &'a dyn Fn(&str) -> Option<String>,
}

/// What a check needs to know of a function with a map as its argument.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The JSON schema of all fields.
    pub schema: serde_json::Value,
    /// Fields that are given as arguments of their own, before the map.
    pub positional: Vec<String>,
    /// What it may do.
    pub effect: Effect,
    /// Whether nobody but the author of its argument knows what it does.
    pub is_opaque: bool,
}

/// What a function may do to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it says something to the run, and may stand outside steps.
    Declare,
    /// It reads.
    Read,
    /// It changes.
    Change,
    /// It can destroy what can't be made again.
    Destroy,
}

/// Checks files and docs. Findings come by file and line, each once.
#[must_use]
pub fn check(request: &Request) -> Vec<Finding> {
    let mut findings = docs(request);
    let files = Files::load(request, &mut findings);
    let catalog = Catalog::of(request.engine);
    let guarded: BTreeSet<_> = files.all.values().flat_map(tables::guarded).collect();
    for file in files.all.values() {
        findings.extend(functions::check(&catalog, &files, file));
        findings.extend(fields::check(request, file));
        findings.extend(captured::check(file));
        findings.extend(opaque::check(request, file));
        findings.extend(written::check(request, file));
        findings.extend(missing_facts(request, file, &guarded));
    }
    for file in asked(request, &files) {
        findings.extend(course::check(request, &files, file));
    }
    findings.extend(environment::check(request, &files));
    findings.extend(files::overriding(request));
    sorted(findings)
}

/// What a file reads that docs lack. A module serves labs of many kinds and reads some tables only where another
/// table asks for it, so in the lab's own modules it's a warning, and homelab's own aren't looked at.
fn missing_facts(
    request: &Request,
    file: &File,
    guarded: &BTreeSet<(String, String)>,
) -> Vec<Finding> {
    let Ok(docs) = request.docs else {
        return Vec::new();
    };
    let findings = tables::check(docs, file, guarded);
    let module = file
        .name
        .strip_suffix(".rhai")
        .filter(|name| name.starts_with("stdlib/"));
    let Some(module) = module else {
        return findings;
    };
    let is_own = matches!(request.library.module(module), Ok((_, true)))
        || request.files.iter().any(|(name, _)| *name == file.name);
    findings
        .into_iter()
        .filter(|_| is_own)
        .map(|finding| finding.weighs(Severity::Warning))
        .collect()
}

/// The files that were asked for; those that are only imported are followed from them.
fn asked<'a>(request: &'a Request, files: &'a Files) -> impl Iterator<Item = &'a File> {
    request
        .files
        .iter()
        .filter_map(|(name, _)| files.all.get(name))
}

fn docs(request: &Request) -> Vec<Finding> {
    let errors = match request.docs {
        Ok(docs) => rules::check(docs),
        Err(errors) => errors.to_vec(),
    };
    let finding = |error: &DocsError| {
        let place = error.place().map(|place| Place {
            line: place.line.max(1),
            ..place.clone()
        });
        let finding = Finding::error(error.code(), error.to_string(), place).help(error.help());
        if error.is_warning() {
            finding.weighs(Severity::Warning)
        } else {
            finding
        }
    };
    errors.iter().map(finding).collect()
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    let key = |finding: &Finding| {
        let place = finding.place.as_ref();
        let place = place.map(|place| (place.file.clone(), place.line, place.column));
        (place, finding.code.clone(), finding.message.clone())
    };
    findings.sort_by_key(key);
    // What is reached on two ways is found twice, with another way in its words.
    findings.dedup_by(|a, b| {
        a.place.is_some() && a.place == b.place && a.code == b.code && same(&a.message, &b.message)
    });
    findings
}

fn same(one: &str, other: &str) -> bool {
    one.split(';').next() == other.split(';').next()
}
