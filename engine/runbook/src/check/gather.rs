//! Collects the scripts of a lab.

use std::{
    fs,
    path::{Path, PathBuf},
};

use world::code;

use super::Finding;

/// The scripts of a whole lab: runbooks, modules, applications. What can't be read is a finding.
#[must_use]
pub fn gather(lab: &Path) -> (Vec<(String, Vec<u8>)>, Vec<Finding>) {
    let mut paths = scripts(&lab.join("runbooks"), 4);
    paths.extend(scripts(&lab.join("stdlib"), 4));
    let applications = entries(&lab.join("applications"));
    paths.extend(
        applications
            .into_iter()
            .map(|folder| folder.join("deploy.rhai"))
            .filter(|path| path.is_file()),
    );
    let mut files = Vec::new();
    let mut findings = Vec::new();
    for path in paths {
        let name = path
            .strip_prefix(lab)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace('\\', "/");
        match fs::read(&path) {
            Ok(bytes) => files.push((name, bytes)),
            Err(error) => findings.push(
                Finding::error(
                    code::runbook::unreadable,
                    format!("{name} can't be read: {error}"),
                    None,
                )
                .help("check that it may be read"),
            ),
        }
    }
    (files, findings)
}

/// Scripts in a folder and in folders of it, by name.
fn scripts(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            if depth > 0 {
                found.extend(scripts(&path, depth - 1));
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "rhai")
        {
            found.push(path);
        }
    }
    found
}

/// What is in a folder, by name; nothing if it isn't there.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}
