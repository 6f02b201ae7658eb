//! Names of the environment that scripts need and that aren't set.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Expr};
use world::code;

use super::{
    Request,
    file::{File, written},
    files::Files,
    finding::{Finding, Severity},
};
use world::Place;

/// Checks all files together: each missing name is one finding with all the lines that need it.
pub(super) fn check(request: &Request, files: &Files) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut needed: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for file in files.all.values() {
        kept.extend(keeps(file));
        for call in file
            .calls()
            .iter()
            .filter(|call| !call.method && matches!(call.name.as_str(), "env" | "secret"))
        {
            let place = file.place(call.position);
            match (call.text(0), call.args.len()) {
                // With a second argument it's needed in some labs only: the run says in which.
                (Some(name), 1) => needed.entry(name).or_default().extend(place),
                (None, 1) => findings.push(computed(&call.name, place)),
                _ => {}
            }
        }
    }
    for (name, places) in needed {
        if !kept.contains(&name)
            && let Some(help) = (request.why_unset)(&name)
        {
            findings.push(unset(&name, places, help));
        }
    }
    findings
}

fn computed(function: &str, place: Option<Place>) -> Finding {
    let message = format!(
        "{function} is called with a name that is put together, so it can't be looked up before the run"
    );
    Finding::error(code::environment::computed, message, place)
        .weighs(Severity::Note)
        .help(format!("write the name out: {function}(\"NAME\")"))
}

fn unset(name: &str, mut places: Vec<Place>, help: String) -> Finding {
    // Functions of a script come in no order of their own.
    places.sort();
    let lines: Vec<String> = places
        .iter()
        .map(|place| format!("{}:{}", place.file, place.line))
        .collect();
    let verb = if lines.len() == 1 { "needs" } else { "need" };
    let message = format!("{name} isn't set; {} {verb} it", lines.join(", "));
    Finding::error(code::environment::missing, message, places.first().cloned()).help(help)
}

/// Names that a file writes to `.envrc`: the first argument of `envrc::set`, and `keep`, `keep_…` in a map.
fn keeps(file: &File) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = file
        .calls()
        .iter()
        .filter(|call| call.name == "envrc::set")
        .filter_map(|call| call.text(0))
        .collect();
    let keeping = |key: &str| key == "keep" || key.starts_with("keep_");
    for node in file.nodes() {
        match node {
            ASTNode::Expr(Expr::Map(map, _)) => {
                let own = map.0.iter().filter(|(key, _)| keeping(&key.name));
                names.extend(
                    own.filter_map(|(_, value)| written(value))
                        .map(|(text, _)| text),
                );
            }
            ASTNode::Expr(Expr::DynamicConstant(value, _)) => {
                if let Some(map) = value.read_lock::<rhai::Map>() {
                    let own = map.iter().filter(|(key, _)| keeping(key));
                    names.extend(own.filter_map(|(_, value)| value.clone().into_string().ok()));
                }
            }
            _ => {}
        }
    }
    names
}
